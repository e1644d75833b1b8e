import Checkpoints
import TestSupport

extension ScratchFolder {
    /// Writes and reads a model of 32-bit floats.
    func model(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> Model {
        var file = SafetensorsBytes()
        for tensor in tensors { file.add(tensor.name, tensor.shape, tensor.values) }
        return try Model.read(path: try write(file.bytes, "m.safetensors"))
    }
}
