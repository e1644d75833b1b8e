public import BitAllocation
import Checkpoints
public import Converters
public import Planning
import Sensitivity
public import Tensors

extension RestrictedTask {
    /// The mixes that llama.cpp makes of the model, measured on the table; none where the model is no language model in
    /// GGUF's names, or is quantized already.
    public func mixes() -> ComparedPlans {
        var measured: [ComparedPlan] = []
        var unmeasured: [(name: String, reason: String)] = []
        let isFloat = input.model.tensors.allSatisfy { $0.elementType.map { $0.blockElements == 1 } ?? true }
        if isFloat, input.table.byteCounts == nil, let model = LlamaMixedModel(input.model) {
            for mix in LlamaMix.allCases {
                guard let formats = model.mixFormats(mix, hasImportanceMatrix: input.hasImportanceMatrix)
                else { continue }
                guard input.hasImportanceMatrix || mix != .q2_K_S else {
                    // All of its formats are made without one, and it is refused nevertheless.
                    unmeasured.append(
                        (mix.rawValue, "llama-quantize makes it only with an importance matrix")
                    )
                    continue
                }
                let assigned = measuring { formats[$0.name] }
                if let plan = ComparedPlan(
                    kind: .mix,
                    name: mix.rawValue,
                    formats: assigned,
                    in: task.problem
                ) {
                    measured.append(plan)
                } else {
                    unmeasured.append((mix.rawValue, Self.reason(assigned, input.table)))
                }
            }
        }
        measured.sort { ($0.bytes, $0.name) < ($1.bytes, $1.name) }
        return ComparedPlans(plans: measured, unmeasured: unmeasured, word: input.impactWord)
    }

    /// Why the table does not measure a mix, in the words that most mixes share.
    private static func reason(_ formats: AssignedFormats, _ table: ImpactTable) -> String {
        var reason = "the table forbids a format of theirs"
        for gap in formats.gaps.values {
            switch gap {
            case .severalFormats:
                return "the table's layers are several tensors, which these give different formats"
            case .noColumn(let format):
                guard table.index(ofFormat: format) == nil else {
                    return "this plan may not take a format of theirs"
                }
                reason = "the table has no column for a format of theirs"
            case .forbidden: break
            }
        }
        return reason
    }

    /// Finds the best plan of the size of each of some plans.
    ///
    /// - Parameters:
    ///   - plans: The plans.
    ///   - allocator: What searches.
    public func findBest(for plans: inout [ComparedPlan], with allocator: Allocator) {
        let results = allocator.plans(for: task.problem, budgets: plans.map(\.comparableBytes))
        for (index, result) in results.enumerated() {
            plans[index].setBest(try? result.get())
        }
    }
}

extension LlamaMixedModel {
    /// The formats of a mix by the tensors' names, with an importance matrix where the mix is not made without one; nil where
    /// it is not made at all.
    public func mixFormats(_ mix: LlamaMix, hasImportanceMatrix: Bool) -> [String: QuantizationFormat]? {
        guard var formats = formats(of: mix, hasImportanceMatrix: hasImportanceMatrix) else { return nil }
        if !hasImportanceMatrix, needsImportanceMatrix(mix, formats) {
            guard let others = self.formats(of: mix, hasImportanceMatrix: true) else { return nil }
            formats = others
        }
        var named: [String: QuantizationFormat] = [:]
        for (tensor, format) in zip(tensors, formats) { named[tensor.name] = format }
        return named
    }
}

extension PlanningInput {
    /// What impacts are, in a word: what the model loses, or how large an error is.
    public var impactWord: String { table.meaning.kind == .loss ? "loss" : "error" }
}
