public import BitAllocation
public import Planning
import Tensors
import Text

/// What a study of drawn tables says about a plan, in a few lines and per layer.
public struct RobustnessSummary: Sendable {
    /// The share of draws in which a choice must stand to be called steady.
    public static let share = 0.95

    private let study: RobustnessStudy
    private let other: (name: String, study: RobustnessStudy)?
    private let plan: AllocationPlan
    private let task: PlanningTask
    private let uncertainty: ImpactUncertainty

    /// Creates a summary.
    ///
    /// - Parameters:
    ///   - study: The study of the plan.
    ///   - plan: The plan.
    ///   - task: The task that was planned.
    ///   - uncertainty: What was drawn.
    ///   - other: Another plan over the same draws to compare with, and what it is called.
    public init(
        _ study: RobustnessStudy,
        of plan: AllocationPlan,
        for task: PlanningTask,
        uncertainty: ImpactUncertainty,
        comparedWith other: (name: String, study: RobustnessStudy)? = nil
    ) {
        self.study = study
        self.plan = plan
        self.task = task
        self.uncertainty = uncertainty
        self.other = other
    }

    /// The summary for a terminal of so many columns.
    public func text(width: Int, style: TerminalStyle) -> String {
        let impact = study.impact
        let regret = study.regret
        let count = task.problem.layerCount
        let unsteady = study.unsteadyLayers(below: Self.share)
        var lines = [
            style.bold(
                drawsCells
                    ? "If the cells had come out otherwise, within their standard errors"
                    : "If Table 1 had come out otherwise, within its ±"
            ),
            "",
            "Draws   \(study.drawCount), seed \(study.seed); \(drawnCount) drawn",
            "Impact  \(Figures.impact(impact.mean)) ± \(Figures.spread(impact.standardDeviation)) over the draws; in 95 % of "
                + "them \(Figures.impact(impact.quantile(0.025))) to \(Figures.impact(impact.quantile(0.975)))",
            "Regret  \(Figures.spread(regret.mean)) on average (\(percent(study.relativeRegret.mean))), in 95 % of draws at "
                + "most \(Figures.spread(regret.quantile(Self.share))) "
                + "(\(percent(study.relativeRegret.quantile(Self.share)))): what each draw's own best plan would save",
        ]
        if study.unprovenCount == 0 {
            lines.append(boundText)
        }
        if let other {
            let differing = zip(study.choices, other.study.choices).count { $0 != $1 }
            lines.append(
                "Instead \(other.name): \(Figures.impact(other.study.impact.mean)) on average, regret "
                    + "\(Figures.spread(other.study.regret.mean)); \(differing) of \(count) choices differ"
            )
        }
        lines.append(
            "Choices \(count - unsteady.count) of \(count) stand in 95 % of draws"
                + (unsteady.isEmpty ? "" : "; not these:")
        )
        if !unsteady.isEmpty {
            lines.append("")
            lines += String(unsteadyTable(unsteady).text(style: style).dropLast())
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        let unvaried = uncertainty.unvariedLayers
        if !unvaried.isEmpty {
            let names = LayerRanges(unvaried.map { task.problem.layerNames[$0] }).lines(
                width: max(24, width - 8),
                atMost: 8
            )
            lines += [
                "", "Held    \(names.joined(separator: "\n        "))",
                "        not varied: no ± is known there",
            ]
        }
        if study.unprovenCount > 0 {
            let isOne = study.unprovenCount == 1
            lines += [
                "",
                "In \(study.unprovenCount.of("draw")) the best plan is not proven, so "
                    + "\(isOne ? "its" : "their") regret may be larger.",
            ]
        }
        return style.fitted(lines.joined(separator: "\n"), labels: 8) + "\n"
    }

    /// Every layer: its format, how often that stands, and what is taken otherwise.
    public func layerTable() -> Table {
        var table = Table(columns: [
            Table.Column("Layer", key: "layer"), Table.Column("Format", key: "format"),
            Table.Column("Bytes", .right, key: "bytes"), Table.Column("Impact", .right, key: "impact"),
            Table.Column("Stands", .right, key: "stands"), Table.Column("Else", key: "else"),
        ])
        let bytes = task.dataBytes(in: plan)
        for layer in task.model.layers.indices {
            let others = alternatives(to: layer)
            table.append([
                Table.Cell(task.model.layers[layer].name),
                Table.Cell(plan.format(ofLayer: layer, in: task.problem)),
                .integer(bytes[layer]),
                .number(task.problem.optionImpact[plan.choices[layer]]),
                .number(study.survival(ofLayer: layer)),
                others.isEmpty ? .empty : Table.Cell(others.map(\.format).joined(separator: " ")),
            ])
        }
        return table
    }

    /// Whether cells are drawn, and not sensitivities.
    private var drawsCells: Bool { uncertainty.optionErrors != nil }

    private var drawnCount: String {
        guard let errors = uncertainty.optionErrors else {
            let count = uncertainty.sources.count
            return count == 1 ? "1 sensitivity" : "\(count) sensitivities"
        }
        let count = errors.count { $0 > 0 }
        return count.of("cell")
    }

    /// How good the plan's mean is known to be.
    private var boundText: String {
        // The robust plan under sum is the best plan of the mean table, and a plan's mean is its impact there.
        if other != nil, task.problem.combination == .sum, plan.status == .optimal {
            return "Proof   optimal, no plan within the budget has a lower mean impact over the draws"
        }
        let bound = study.leastMeanImpact
        return
            "Bound   no plan's mean is below \(Figures.impact(bound)), that of each draw's own best; this one is "
            + "\(Figures.excess(study.impact.mean, over: bound))"
    }

    private func unsteadyTable(_ layers: [Int]) -> Table {
        var table = Table(columns: [
            Table.Column("Layer"), Table.Column("Format"), Table.Column("Stands", .right),
            Table.Column("Otherwise"),
        ])
        let most = 40
        // The least steady are those to look at; the columns of --format csv have all.
        let shown = Set(
            layers.sorted { (study.survival(ofLayer: $0), $0) < (study.survival(ofLayer: $1), $1) }.prefix(
                most
            )
        )
        for layer in layers where shown.contains(layer) {
            table.append([
                Table.Cell(task.problem.layerNames[layer]),
                Table.Cell(plan.format(ofLayer: layer, in: task.problem)),
                Table.Cell(percent(study.survival(ofLayer: layer))),
                Table.Cell(
                    alternatives(to: layer).map { "\($0.format) \(percent($0.share))" }.joined(
                        separator: ", "
                    )
                ),
            ])
        }
        if layers.count > most { table.append([Table.Cell("and \(layers.count - most) more"), "", "", ""]) }
        return table
    }

    /// What the draws choose for a layer in place of the plan's format, the most frequent first.
    private func alternatives(to layer: Int) -> [(format: String, share: Double)] {
        let problem = task.problem
        let counts = problem.options(ofLayer: layer).filter {
            $0 != study.choices[layer] && study.choiceCounts[$0] > 0
        }
        return counts.sorted { left, right in
            let (more, fewer) = (study.choiceCounts[left], study.choiceCounts[right])
            return more != fewer ? more > fewer : left < right
        }.map {
            (
                problem.formatNames[Int(problem.optionFormat[$0])],
                Double(study.choiceCounts[$0]) / Double(max(1, study.drawCount))
            )
        }
    }

    private func percent(_ share: Double) -> String {
        Figures.percent(share)
    }
}
