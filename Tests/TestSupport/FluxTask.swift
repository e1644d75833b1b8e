public import BitAllocation
import Checkpoints
public import Planning
import Sensitivity
import Tensors

/// The built-in model and table, joined: the task that `plan --budget` solves when nothing else is named.
///
/// - Parameters:
///   - budget: The most bytes of the file.
///   - combination: How impacts combine.
///   - tensorDataOnly: Leaves header and alignment out, so that the budget bounds tensor data alone.
/// - Returns: The task.
/// - Throws: What reading the built-in data throws.
public func fluxTask(
    budget: Int = .max,
    combination: ImpactCombination = .sum,
    tensorDataOnly: Bool = false
) throws -> PlanningTask {
    let model = try Model.builtIn(named: "flux1-dev")
    return try PlanningTask(
        model: try LayerGrouping.flux.grouped(model.tensors),
        impacts: try ImpactTable.fluxDevTable3,
        layout: tensorDataOnly ? .unpadded : GGUFHeader.flux().layout(for: model.tensors),
        budget: budget,
        combination: combination
    )
}
