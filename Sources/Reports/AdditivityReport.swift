import BitAllocation
import Foundation
public import Planning

/// What measured losses say about the rules of combining impacts.
public struct AdditivityReport: Sendable {
    private let study: AdditivityStudy
    private let recipes: [String]
    private let losses: [Double]

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - study: The study.
    ///   - recipes: The recipes' names, in the order of the study.
    ///   - losses: The measured losses, in the order of the study.
    public init(_ study: AdditivityStudy, recipes: [String], losses: [Double]) {
        self.study = study
        self.recipes = recipes
        self.losses = losses
    }

    /// A row per recipe: its combined impacts, the measured loss, and the loss that each rule predicts.
    public func table() -> Table {
        var columns = [Table.Column("Recipe", key: "recipe"), Table.Column("Loss", .right, key: "loss")]
        for rule in ImpactCombination.allCases {
            columns.append(Table.Column("Impact (\(rule.rawValue))", .right, key: rule.rawValue))
            columns.append(Table.Column("Loss then", .right, key: "\(rule.rawValue)Loss"))
        }
        var table = Table(columns: columns)
        for index in recipes.indices where index < losses.count {
            var row = [
                Table.Cell(recipes[index].withVisibleControls, value: .string(recipes[index])),
                cell(losses[index]),
            ]
            for rule in ImpactCombination.allCases {
                guard let fit = study.rules[rule] else { continue }
                row += [cell(fit.combined[index]), cell(fit.loss(ofRecipe: index))]
            }
            table.append(row)
        }
        return table
    }

    /// Which rule explains the losses best, and what else they leave open.
    public func conclusion(style: TerminalStyle) -> String {
        var lines: [String] = []
        for rule in ImpactCombination.allCases {
            guard let fit = study.rules[rule] else { continue }
            let name = rule.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0)
            lines.append(
                "\(name) off by \(Figures.percent(fit.typicalError)) as a rule, with the loss growing as impact^"
                    + "\(number(fit.power)); the losses \(study.isPlausible(rule) ? "do not speak" : "speak") against it"
            )
        }
        let low = number(study.interval.lowerBound)
        let high = number(study.interval.upperBound)
        lines += [
            "",
            "Exponent  \(number(study.best.exponent)), in 95 % of cases between \(low) and \(high); 1 is sum, 2 is rss, ∞ is max",
            style.bold("Best      \(study.bestRule.rawValue)") + others,
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var others: String {
        let plausible = ImpactCombination.allCases.filter { study.isPlausible($0) }
        if plausible.isEmpty {
            return
                ", but the losses speak against all three: none of the rules holds to the precision they were measured with"
        }
        let more = plausible.filter { $0 != study.bestRule }.map(\.rawValue)
        guard !more.isEmpty else { return "" }
        return
            ", but \(more.joined(separator: " and ")) cannot be ruled out; measure recipes that differ more in how "
            + "they spread their impact"
    }

    private func number(_ value: Double) -> String {
        value.isFinite ? String(format: "%.3g", value) : "∞"
    }

    private func cell(_ value: Double) -> Table.Cell {
        Table.Cell(String(format: "%.5g", value), value: value.isFinite ? .number(value) : .null)
    }
}
