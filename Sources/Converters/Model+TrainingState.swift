public import Checkpoints
import Tensors

extension Model {
    /// The names of the tensors that hold the state of the model's training, which a GGUF file is made without.
    ///
    /// They are counters and what layers remember of their inputs, those that ComfyUI-GGUF's converter passes over
    /// (city96/ComfyUI-GGUF, `tools/convert.py`, `keys_ignore`). A GGUF file has none, as its writer put together what it has.
    public var trainingState: [String] {
        guard kind != .gguf, let (architecture, names) = GGUFTarget.detected(self) else { return [] }
        return zip(tensors, names).filter { architecture.leavesOut($1) }.map(\.0.name)
    }

    /// The model without its ``trainingState``; nil where it has none.
    public var withoutTrainingState: Model? {
        let state = Set(trainingState)
        return state.isEmpty ? nil : part { !state.contains($0) }
    }
}
