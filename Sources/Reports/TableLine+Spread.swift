import BitAllocation
import Planning
import Sensitivity
import Tensors

extension TableLine {
    /// How far a plan's impact may be off by the standard errors of the cells that it takes, in a line; nil where none has one.
    ///
    /// Cells of different layers are taken to err independently. To first order the standard error of the total then is the root of
    /// the sum of the squares of what each cell's does to it: itself under `sum`, `impact·error/total` under `rss`, and that of the
    /// worst layer alone under `max`. What the table as a whole may be off by, such as what layers that were filled by their kind have in
    /// common, is said besides.
    func spread(of plan: AllocationPlan, for task: PlanningTask) -> String? {
        var (squares, worst, isKnown) = (0.0, (impact: 0.0, error: 0.0), false)
        for layer in task.model.layers.indices {
            let choice = plan.choices[layer]
            guard
                let error = table.standardError(
                    layer: task.model.layers[layer].name,
                    format: plan.format(ofLayer: layer, in: task.problem)
                )
            else { continue }
            isKnown = true
            let impact = task.problem.optionImpact[choice]
            if impact > worst.impact { worst = (impact, error) }
            let part = task.problem.combination == .rss ? error * (impact / plan.impact) : error
            squares += part * part
        }
        guard isKnown, plan.impact > 0 else { return nil }
        let error = task.problem.combination == .max ? worst.error : squares.squareRoot()
        guard error.isFinite else { return nil }
        let whole = table.meaning.uncertainty.map {
            ", and besides ±\(Int((100 * $0).rounded())) % in which they err together"
        }
        return
            "±\(Figures.spread(error)) (\(Figures.percent(error / plan.impact))), if the cells err independently\(whole ?? "")"
    }
}
