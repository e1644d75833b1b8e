import Checkpoints
import Tensors
import Testing

@Suite struct PipelinePartsTests {
    private func parts(_ names: [String]) throws -> PipelineParts? {
        PipelineParts(try Model(name: "m", tensors: names.map { try TensorInfo(name: $0, shape: [4, 4]) }))
    }

    @Test("the parts beside the diffusion model are counted by how their names begin")
    func pipeline() throws {
        let found = try parts([
            "model.diffusion_model.a", "vae.b", "text_encoders.c", "text_encoders.d", "other.e",
        ])
        #expect(found?.parts.map(\.prefix) == ["vae.", "text_encoders."])
        #expect(found?.parts.map(\.count) == [1, 2])
    }

    @Test(
        "a diffusion model alone, and encoders alone, are no pipeline",
        arguments: [["model.diffusion_model.a", "other.b"], ["vae.a", "text_encoders.b"]]
    )
    func others(names: [String]) throws {
        #expect(try parts(names) == nil)
    }
}
