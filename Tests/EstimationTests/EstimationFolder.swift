import Checkpoints
import Foundation
import TestSupport

/// A folder with a model of a few small tensors, removed by the caller.
struct EstimationFolder {
    let url: URL

    init() throws {
        url = try makeScratchFolder()
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    /// Writes and reads a model of 32-bit floats.
    func model(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> Model {
        var file = SafetensorsBytes()
        for tensor in tensors { file.add(tensor.name, tensor.shape, tensor.values) }
        return try Model.read(path: try write(file.bytes, "m.safetensors"))
    }

    /// Values that look like weights: a normal distribution around 0, by the sum of twelve uniform numbers.
    static func weights(_ count: Int, seed: Int, scale: Float = 0.02) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) } * scale
        }
    }
}
