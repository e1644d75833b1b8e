import Tensors
import Testing

@testable import Checkpoints

struct ModelTests {
    private func digest(_ tensors: [TensorInfo], name: String = "m") throws -> String {
        try Model(name: name, tensors: tensors).digest
    }

    @Test("the digest does not depend on the model's name")
    func nameIsNotDigested() throws {
        let tensors = [try TensorInfo(name: "a", shape: [2, 3])]
        #expect(try digest(tensors, name: "m") == digest(tensors, name: "n"))
    }

    @Test("the digest changes with a name, a shape, an element type and the order")
    func digestChanges() throws {
        let a = try TensorInfo(name: "a", shape: [2, 3])
        let b = try TensorInfo(name: "b", shape: [6])
        let models: [[TensorInfo]] = [
            [a, b], [b, a], [a], [b],
            [try TensorInfo(name: "c", shape: [2, 3]), b],
            [try TensorInfo(name: "a", shape: [3, 2]), b],
            [try TensorInfo(name: "a", shape: [2, 3, 1]), b],
            [try TensorInfo(name: "a", shape: [2, 3], elementType: .bf16), b],
            [try TensorInfo(name: "a", shape: [2, 3], elementType: .f16), b],
        ]
        let digests = try models.map { try digest($0) }
        #expect(Set(digests).count == models.count)
    }

    // Computed once by another program from the description of the digest.
    @Test("the digest of FLUX.1-dev stays what published recipes say")
    func fluxDigest() throws {
        #expect(try Model.builtIn(named: "flux1-dev").digest == "fnv1a64:849616bb4f626d99")
    }

    @Test("a model refuses no tensors, a name twice and more than 2^56 parameters")
    func refusals() throws {
        let largest = try TensorInfo(name: "a", shape: [TensorInfo.maximumElementCount])
        let small = try TensorInfo(name: "b", shape: [1])
        #expect(throws: CheckpointError.noTensors(model: "m")) { try Model(name: "m", tensors: []) }
        #expect(throws: CheckpointError.duplicateTensor("b", model: "m")) {
            try Model(name: "m", tensors: [small, small])
        }
        #expect(throws: CheckpointError.tooManyParameters(model: "m")) {
            try Model(name: "m", tensors: [largest, small])
        }
        #expect(try Model(name: "m", tensors: [largest]).parameters == 1 << 56)
    }
}
