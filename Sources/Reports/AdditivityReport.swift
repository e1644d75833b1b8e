import Text
public import BitAllocation
import Foundation
public import Planning

/// What measured losses say about the rules of combining impacts.
public struct AdditivityReport: Sendable {
    private let study: AdditivityStudy
    private let recipes: [String]
    private let losses: [Double]
    private let defaultRule: ImpactCombination

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - study: The study.
    ///   - recipes: The recipes' names, in the order of the study.
    ///   - losses: The measured losses, in the order of the study.
    ///   - defaultRule: The rule that combines the table's impacts where none is chosen.
    public init(
        _ study: AdditivityStudy,
        recipes: [String],
        losses: [Double],
        defaultRule: ImpactCombination
    ) {
        self.defaultRule = defaultRule
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
                Table.Cell(recipes[index].visible, value: .string(recipes[index])),
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

    /// Which rule explains the losses best, how far the default is off, and what else they leave open.
    public func conclusion(style: TerminalStyle) -> String {
        var lines: [String] = []
        for rule in ImpactCombination.allCases {
            guard let fit = study.rules[rule] else { continue }
            let name = rule.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0)
            lines.append("\(name) \(error(of: fit)), with the loss growing as impact^\(number(fit.power))")
        }
        let low = number(study.interval.lowerBound)
        let high = number(study.interval.upperBound)
        lines += [
            "",
            "Exponent  \(number(study.best.exponent)), in 95 % of cases between \(low) and \(high); 1 is sum, 2 is rss, ∞ is max",
            style.bold("Best      \(study.bestRule.rawValue)") + bestText,
            "Default   \(defaultRule.rawValue)" + defaultText,
        ]
        return style.fitted(lines.joined(separator: "\n")) + "\n"
    }

    /// How far the best rule is off, and what cannot be told from it.
    private var bestText: String {
        guard let fit = study.rules[study.bestRule] else { return "" }
        let text = ", \(error(of: fit))"
        guard study.isPlausible(study.bestRule) else {
            return "\(text); the exponent \(number(study.best.exponent)) would be \(error(of: study.best))"
        }
        let more = ImpactCombination.allCases.filter { $0 != study.bestRule && study.isPlausible($0) }
        guard !more.isEmpty else { return text }
        return
            "\(text); \(more.map(\.rawValue).joined(separator: " and ")) cannot be told from it: measure recipes that "
            + "differ more in how they spread their impact"
    }

    /// What the default means for the losses.
    private var defaultText: String {
        if defaultRule == study.bestRule { return ", the best of the three" }
        guard let fit = study.rules[defaultRule] else { return "" }
        return ", \(error(of: fit)); \(study.bestRule.rawValue) is the best of the three"
    }

    private func error(of fit: AdditivityStudy.Fit) -> String {
        let share = fit.typicalError < 1e-4 ? "less than 0.01 %" : Figures.percent(fit.typicalError)
        return "off by \(share) as a rule"
    }

    private func number(_ value: Double) -> String {
        value.isFinite ? String(format: "%.3g", value) : "∞"
    }

    private func cell(_ value: Double) -> Table.Cell {
        Table.Cell(String(format: "%.5g", value), value: value.isFinite ? .number(value) : .null)
    }
}
