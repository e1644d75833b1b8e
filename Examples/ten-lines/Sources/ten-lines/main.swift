import BitAllocation
import Checkpoints
import Planning
import Sensitivity
import Tensors

// FLUX.1-dev in at most 9 GB, planned with the libraries alone.
let model = try Model.builtIn(named: "flux1-dev")
let task = try PlanningTask(
    model: try LayerGrouping.flux.grouped(model.tensors),
    impacts: try ImpactTable.fluxDevTable3,
    layout: GGUFHeader.flux().layout(for: model.tensors),
    budget: try ByteSize(parsing: "9GB").bytes
)
let plan = try Allocator().plan(for: task.problem)
print("\(ByteSize(plan.bytes).both), impact \(plan.impact), \(plan.status.rawValue), gap \(plan.gap)")
