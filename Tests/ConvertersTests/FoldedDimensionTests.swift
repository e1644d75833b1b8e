import Checkpoints
import Converters
import Recipes
import Tensors
import Testing

@Suite("tensors of five dimensions")
struct FoldedDimensionTests {
    @Test("stable-diffusion.cpp takes a filter of five dimensions and stores the two outer ones as one")
    func folded() throws {
        let converter = try Converters.named("stable-diffusion.cpp")
        let filter = try TensorInfo(name: "patch.weight", shape: [256, 16, 1, 2, 2], elementType: .f16)
        let folded = try TensorInfo(name: "patch.weight", shape: [4096, 1, 2, 2], elementType: .f16)
        try converter.check([filter])
        func header(_ tensor: TensorInfo) throws -> Int {
            let model = try Model(name: "m", tensors: [tensor])
            return try converter.finishedFile(for: model, formats: [.q8_0]).layout.headerBytes
        }
        #expect(try header(filter) == header(folded))
    }

    @Test("stable-diffusion.cpp refuses six dimensions and llama-quantize five")
    func refused() throws {
        let six = try TensorInfo(name: "a.weight", shape: [2, 2, 2, 2, 2, 32])
        let five = try TensorInfo(name: "a.weight", shape: [2, 2, 2, 2, 32])
        for (name, tensor, limit) in [("stable-diffusion.cpp", six, 5), ("llama-quantize", five, 4)] {
            let expected = RecipeError.cannotTake(
                tensor: "a.weight",
                reason: "which has \(tensor.dimensionCount) dimensions, where it reads at most \(limit)",
                converter: name
            )
            #expect(throws: expected) { try Converters.named(name).check([tensor]) }
        }
    }
}
