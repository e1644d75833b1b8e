public import BitAllocation
public import Converters
public import Recipes
import Tensors

extension Recipe {
    /// Writes a plan down as a recipe.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - task: The task that was planned.
    ///   - limit: What the plan had to keep to; without it, the problem's budget.
    ///   - generator: The program and its arguments.
    ///   - model: The model.
    ///   - impacts: The table.
    ///   - importance: The importance matrix that the table was made with, if any.
    ///   - converter: The converter that bound the plan, if any.
    ///   - file: What is known of the converter's finished file; without it, what is known at best.
    ///   - card: The card whose memory made the budget, if one did.
    ///   - devices: What is on each of several devices, if the plan was made for them.
    ///   - slowdown: The second budget, if there was one.
    public init(
        _ plan: AllocationPlan,
        for task: PlanningTask,
        limit: Limit? = nil,
        generator: Generator,
        model: ModelReference,
        impacts: TableReference,
        importance: Importance? = nil,
        converter: (any Converter)? = nil,
        file: FinishedFile? = nil,
        card: Card? = nil,
        devices: DevicePlan? = nil,
        slowdown: Slowdown? = nil
    ) {
        let problem = task.problem
        let bytes = task.dataBytes(in: plan)
        let tensorData = bytes.reduce(task.keptBytes, +)
        self.init(
            generator: generator,
            model: model,
            impacts: impacts,
            importance: importance,
            converter: converter?.name,
            limit: limit ?? .bytes(problem.budget),
            card: card,
            devices: devices?.recorded,
            size: Size(
                bytes: plan.bytes,
                bitsPerWeight: Double(plan.bytes) * 8 / Double(max(1, model.parameters)),
                tensorData: tensorData,
                headerAndAlignment: plan.bytes - tensorData,
                exact: SizeAccuracy(of: file, by: converter).exactness
            ),
            impact: Impact(total: plan.impact, combine: Impact.Rule(problem.combination)),
            slowdown: slowdown,
            proof: Proof(
                solver: Proof.Solver(plan.solver),
                status: Proof.Status(plan.status),
                objective: Proof.Objective(plan.objective),
                bound: plan.bound,
                gap: plan.gap
            ),
            layers: task.model.layers.enumerated().map { index, layer in
                Layer(
                    layer: layer.name,
                    format: plan.format(ofLayer: index, in: problem),
                    bytes: bytes[index],
                    impact: problem.optionImpact[plan.choices[index]],
                    tensors: layer.tensors.map(\.name),
                    device: devices?.deviceName(ofLayer: index)
                )
            },
            kept: task.model.kept.map {
                Kept(tensor: $0.tensor.name, format: $0.format.name, bytes: $0.bytes)
            }
        )
    }
}
