public import Checkpoints
import Tensors

extension LlamaCpp {
    /// What another file takes of the same card: a model that drafts tokens its weights, cache and buffer, with the same
    /// settings; a projector of images its weights; any other file its bytes.
    ///
    /// - Parameters:
    ///   - model: The other file's model.
    ///   - name: How it is shown.
    ///   - settings: How llama.cpp is started.
    /// - Returns: What it takes, the weights first.
    /// - Throws: ``RuntimeError``, as for the planned model, but for a network that is not known.
    public static func claims(
        beside model: Model,
        named name: String,
        _ settings: LlamaCppSettings
    ) throws(RuntimeError) -> [MemoryClaim] {
        func weights(without off: Set<String>) -> Int {
            model.tensors.reduce(0) { total, tensor in
                guard !off.contains(tensor.name) else { return total }
                let bytes = tensor.elementType?.byteCount(of: tensor) ?? product(2, tensor.elementCount)
                return sum(total, bytes)
            }
        }
        let runtime: LlamaCpp
        do throws(RuntimeError) {
            runtime = try LlamaCpp(model, settings)
        } catch .noNetwork, .unknownCache {
            let note =
                model.architecture == "clip"
                ? "a projector's weights; its buffer is not known" : "its weights"
            return [MemoryClaim(name, bytes: weights(without: []), note: note, certainty: .stated)]
        }
        let off = runtime.offCardTensors(of: model)
        let own = MemoryClaim(
            name,
            bytes: weights(without: off),
            note: "its weights on the card",
            certainty: .computed
        )
        return [own]
            + runtime.claims(for: model.tensors).map {
                MemoryClaim("\($0.name) of \(name)", bytes: $0.bytes, note: $0.note, certainty: $0.certainty)
            }
    }
}
