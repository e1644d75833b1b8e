import BitAllocation
import Planning
import Reports
import Sensitivity
import Tensors

/// A task that is worked out on paper: four layers of 256 rows of 256, and 1,000 bytes that no choice changes.
///
/// | layer | Q4_0 | Q8_0 | BF16 |
/// |---|---|---|---|
/// | bytes of each | 36,864 | 69,632 | 131,072 |
/// | blk.0.ffn_up.weight | 4 | 1 | 0 |
/// | blk.1.ffn_up.weight | 8 | 2 | 0 |
/// | blk.2.ffn_up.weight | 2 | 0.5 | 0 |
/// | output.weight | 16 | 3 | 0 |
///
/// The smallest file has 4 · 36,864 + 1,000 = 148,456 bytes. Each step from Q4_0 to Q8_0 takes 32,768 bytes more and saves 3, 6, 1.5
/// and 13; a step from Q8_0 to BF16 takes 61,440 and saves 1, 2, 0.5 and 3. Within 214,000 bytes there is room for two of the
/// first kind, those that save 13 and 6: the best plan has 213,992 bytes and an impact of 4 + 2 + 2 + 3 = 11.
struct SmallTask {
    static let layers = [
        "blk.0.ffn_up.weight", "blk.1.ffn_up.weight", "blk.2.ffn_up.weight", "output.weight",
    ]
    /// The elements of all tensors: 4 · 65,536 + 256.
    static let parameters = 262_400

    let table: ImpactTable
    var task: PlanningTask

    /// Makes the task.
    ///
    /// - Parameters:
    ///   - combination: How impacts combine.
    ///   - budget: The most bytes of the file.
    ///   - names: The layers' names.
    /// - Throws: What joining a model and a table throws.
    init(
        combination: ImpactCombination = .sum,
        budget: Int = 214_000,
        names: [String] = layers
    ) throws {
        let cells: [[Double]] = [[4, 1], [8, 2], [2, 0.5], [16, 3]]
        let errors: [[Double]] = [[0.5, 0.25], [0.75, 0.5], [0.25, 0.125], [2, 1]]
        table = try ImpactTable(
            name: "small",
            formats: ["Q4_0", "Q8_0"],
            layers: names,
            cells: cells.map { $0.map { .impact($0) } },
            standardErrors: errors.map { $0.map { $0 } },
            meaning: ImpactMeaning(kind: .loss, unit: "KL divergence, nats per token", method: "by hand")
        )
        var tensors = try names.map { try TensorInfo(name: $0, shape: [256, 256], elementType: .bf16) }
        tensors.append(try TensorInfo(name: "output_norm.weight", shape: [256], elementType: .bf16))
        task = try PlanningTask(
            model: try LayerGrouping.perTensor.grouped(tensors),
            impacts: table,
            layout: try FileLayout(headerBytes: 488, alignment: 32),
            budget: budget,
            combination: combination
        )
    }

    var problem: AllocationProblem { task.problem }

    /// The options of the formats that the layers are to take, in the layers' order.
    func choices(_ formats: String...) -> [Int] {
        formats.enumerated().compactMap { layer, format in
            problem.options(ofLayer: layer).first {
                problem.formatNames[Int(problem.optionFormat[$0])] == format
            }
        }
    }

    /// A plan that is proven, of the formats of the best plan within 214,000 bytes.
    var best: AllocationPlan {
        plan(choices("Q4_0", "Q8_0", "Q4_0", "Q8_0"))
    }

    /// A plan from elsewhere with every layer in Q4_0, of 148,456 bytes and an impact of 30, of which the best of its size has some.
    func smallest(
        _ kind: ComparedPlan.Kind,
        _ name: String,
        best: Double? = nil,
        bound: Double? = nil
    ) -> ComparedPlan {
        var plan = ComparedPlan(
            kind: kind,
            name: name,
            choices: choices("Q4_0", "Q4_0", "Q4_0", "Q4_0"),
            in: problem
        )
        plan.bestImpact = best
        plan.bestBound = bound ?? best
        return plan
    }

    /// A plan of some choices, proven unless a bound below its impact is given.
    func plan(_ choices: [Int], bound: Double? = nil) -> AllocationPlan {
        AllocationPlan(
            choices: choices,
            of: problem,
            bound: bound ?? problem.impact(ofChoices: choices),
            status: bound == nil ? .optimal : .feasible,
            solver: .dominance,
            ending: bound == nil ? .proven : .timeLimit
        )
    }
}
