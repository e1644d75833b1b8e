import Checkpoints
import Planning
import Tensors
import Testing

/// Which part of a checkpoint is planned.
@Suite struct PlannedPartTests {
    private static func model(_ names: [String]) throws -> Model {
        try Model(
            name: "m",
            tensors: names.map { try TensorInfo(name: $0, shape: [64, 64], elementType: .f16) }
        )
    }

    private let diffusion = "model.diffusion_model.double_blocks.0.img_attn.proj.weight"
    private let decoder = "first_stage_model.decoder.conv_in.weight"

    @Test(
        "of a whole checkpoint the diffusion model is planned where this program writes it"
    )
    func checkpoint() throws {
        let whole = try Self.model([diffusion, decoder])
        for converter in [nil, "plan"] {
            let part = PlannedPart(of: whole, for: converter)
            #expect(part.model.tensors.map(\.name) == [diffusion])
            #expect(part.isOfPipeline && part.pipeline != nil && part.trainingState.isEmpty)
        }
        let other = PlannedPart(of: whole, for: "stable-diffusion.cpp")
        #expect(other.model.tensors.count == 2 && other.pipeline != nil && !other.isOfPipeline)
        let alone = try Self.model(["double_blocks.0.img_attn.proj.weight"])
        let all = PlannedPart(of: alone, for: nil)
        #expect(all.model.digest == alone.digest && all.pipeline == nil && !all.isOfPipeline)
    }
}
