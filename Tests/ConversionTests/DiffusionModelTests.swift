import Checkpoints
import Converters
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// GGUF files made of diffusion models in safetensors, as ComfyUI-GGUF's loader reads them.
@Suite struct DiffusionModelTests {
    /// A tensor of zeros, or of small numbers where it is to be cast.
    private static func add(_ file: inout SafetensorsBytes, _ name: String, _ type: String, _ shape: [Int]) {
        let count = shape.reduce(1, *)
        let weights = drawnWeights(count, seed: count)
        switch type {
        case "BF16":
            let bytes = weights.flatMap { SafetensorsBytes.bytes(of: UInt16($0.bitPattern >> 16)) }
            file.add(name, type, shape, bytes)
        case "F16": file.add(name, type, shape, [UInt8](repeating: 0, count: 2 * count))
        case "F8_E4M3": file.add(name, type, shape, [UInt8](repeating: 0x38, count: count))
        default: file.add(name, shape, weights)
        }
    }

    /// Writes a model by a recipe that casts everything that may be cast to one format.
    private func convert(
        _ tensors: [(name: String, type: String, shape: [Int])],
        format: String = "Q4_1",
        in folder: ScratchFolder
    ) throws -> (model: Model, made: Model) {
        var file = SafetensorsBytes()
        for tensor in tensors { Self.add(&file, tensor.name, tensor.type, tensor.shape) }
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let recipe = try ScratchFolder.recipe(model) { _ in format }
        try #require(try folder.convert(recipe, model, to: "q.gguf") != nil)
        let made = try Model.read(path: folder.path("q.gguf"))
        // The sizes of these recipes stand for nothing.
        let differences = RecipeCheck(recipe, file: made, model: model).differences.filter {
            $0.tensor != nil
        }
        #expect(differences.isEmpty, "\(differences)")
        return (model, made)
    }

    private static let flux: [(name: String, type: String, shape: [Int])] = [
        ("double_blocks.0.img_attn.proj.weight", "BF16", [64, 64]),
        ("double_blocks.0.img_attn.proj.bias", "BF16", [64]),
        ("double_blocks.0.img_attn.norm.query_norm.scale", "BF16", [32]),
        ("img_in.weight", "BF16", [64, 64]),
        ("single_blocks.0.linear1.weight", "F8_E4M3", [96, 64]),
    ]

    @Test(
        "FLUX.1 gets its architecture and its publisher's names, whatever stands in front of them",
        arguments: ["", "model.diffusion_model.", "model.", "net."]
    )
    func flux(prefix: String) throws {
        let folder = try ScratchFolder()
        let tensors = Self.flux.map { (prefix + $0.name, $0.type, $0.shape) }
        let (_, made) = try convert(tensors, in: folder)
        #expect(made.architecture == "flux")
        #expect(
            made.metadata == [
                GGUFMetadata("general.architecture", .string("flux")),
                GGUFMetadata("general.quantization_version", .uint32(2)),
                GGUFMetadata("general.file_type", .uint32(3)),
            ]
        )
        #expect(made.tensors.map(\.name) == Self.flux.map(\.name))
        #expect(made.tensors.map { $0.elementType?.name } == ["Q4_1", "F32", "F32", "BF16", "Q4_1"])
        #expect(made.tensors.map(\.shape) == Self.flux.map(\.shape))
    }

    @Test("tensors of five dimensions stay, in 32 bits, and small ones and modulations too")
    func wan() throws {
        let folder = try ScratchFolder()
        let (_, made) = try convert(
            [
                ("blocks.0.self_attn.norm_q.weight", "BF16", [64]),
                ("blocks.0.self_attn.q.weight", "BF16", [64, 64]),
                ("blocks.0.modulation", "BF16", [1, 6, 512]),
                ("text_embedding.2.weight", "BF16", [64, 64]),
                ("head.modulation", "BF16", [1, 2, 64]),
                ("patch_embedding.weight", "BF16", [64, 16, 1, 2, 2]),
            ],
            in: folder
        )
        #expect(made.architecture == "wan")
        let types = made.tensors.map { "\($0.elementType?.name ?? "") \($0.shape)" }
        #expect(
            types == [
                "F32 [64]", "Q4_1 [64, 64]", "F32 [1, 6, 512]", "BF16 [64, 64]", "F32 [1, 2, 64]",
                "F32 [64, 16, 1, 2, 2]",
            ]
        )
    }

    @Test(
        "what comes in 16 or 8 bits stays in 16, but for tensors of five dimensions",
        arguments: ["F16", "F8_E4M3"]
    )
    func shortFloats(type: String) throws {
        let folder = try ScratchFolder()
        let (_, made) = try convert(
            [
                ("blocks.0.self_attn.norm_q.weight", type, [64]),
                ("blocks.0.self_attn.q.weight", type, [64, 64]),
                ("blocks.0.modulation", type, [1, 6, 512]),
                ("text_embedding.2.weight", type, [64, 64]),
                ("head.modulation", type, [1, 2, 64]),
                ("patch_embedding.weight", type, [64, 16, 1, 2, 2]),
            ],
            in: folder
        )
        #expect(made.architecture == "wan")
        #expect(made.tensors.map { $0.elementType?.name } == ["F16", "Q4_1", "F16", "F16", "F16", "F32"])
    }

    @Test(
        "what Cosmos has of its training is left out, whatever stands in front of the names",
        arguments: ["", "net."]
    )
    func trainingState(prefix: String) throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        let kept = ["blocks.0.mlp.layer1.weight", "blocks.0.adaln_modulation_cross_attn.1.weight"]
        for name in kept { Self.add(&file, prefix + name, "BF16", [64, 64]) }
        Self.add(&file, prefix + "blocks.0.self_attn.k_norm._extra_state", "BF16", [64])
        Self.add(&file, prefix + "accum_image_sample_counter", "F32", [1])
        file.add(prefix + "accum_iteration", "I64", [1], [UInt8](repeating: 1, count: 8))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        #expect(model.trainingState == model.tensors.dropFirst(2).map(\.name))
        let recipe = try ScratchFolder.recipe(model) { _ in "Q8_0" }
        try #require(try folder.convert(recipe, model, to: "q.gguf") != nil)
        let made = try Model.read(path: folder.path("q.gguf"))
        #expect(made.architecture == "cosmos" && made.tensors.map(\.name) == kept)
        // A recipe of the model without it makes the same file, whose size is known to the byte.
        let rest = try #require(model.withoutTrainingState)
        let own = try ScratchFolder.recipe(rest) { _ in "Q8_0" }
        try #require(try folder.convert(own, rest, to: "r.gguf") != nil)
        #expect(try folder.bytes("r.gguf") == folder.bytes("q.gguf"))
        let converter = try Converters.named("plan").adapted(to: rest, importance: .none)
        let layout = try converter.finishedFile(for: rest, formats: [.q8_0]).layout
        #expect(try folder.bytes("q.gguf").count == layout.headerBytes + 2 * layout.paddedByteCount(64 * 68))
        #expect(made.withoutTrainingState == nil)
    }

    @Test("rows of SDXL that 256 does not divide are laid together, and the file says what they were")
    func sdxl() throws {
        let folder = try ScratchFolder()
        let (_, made) = try convert(
            [
                ("label_emb.0.0.weight", "F16", [32, 64]),
                ("input_blocks.4.1.proj_in.weight", "BF16", [64, 320]),
                ("input_blocks.4.0.conv.weight", "F16", [64, 16, 3, 3]),
                ("input_blocks.4.1.norm.weight", "F16", [640]),
            ],
            format: "Q8_0",
            in: folder
        )
        #expect(made.architecture == "sdxl")
        #expect(made.tensors.map(\.shape) == [[8, 256], [80, 256], [36, 256], [640]])
        #expect(made.tensors.map { $0.elementType?.name } == ["F16", "Q8_0", "F16", "F16"])
        #expect(
            made.metadataValue(for: "comfy.gguf.orig_shape.input_blocks.4.0.conv.weight")
                == .int32Array([64, 16, 3, 3])
        )
        #expect(
            made.metadataValue(for: "comfy.gguf.orig_shape.input_blocks.4.1.proj_in.weight")
                == .int32Array([64, 320])
        )
    }

    @Test(
        "every architecture that the loader knows is found by its publisher's names, and by no other's",
        arguments: ImageArchitecture.all.map(\.name)
    )
    func architectures(name: String) throws {
        let architecture = try #require(ImageArchitecture.named(name))
        for marks in architecture.marks {
            #expect(ImageArchitecture.detected(in: Set(marks))?.name == name)
            for other in architecture.otherNames {
                #expect(ImageArchitecture.detected(in: Set(marks + [other])) == nil)
            }
        }
    }

    @Test("a language model in safetensors is convert_hf_to_gguf's work, and the error says so")
    func languageModel() throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        Self.add(&file, "model.layers.0.self_attn.q_proj.weight", "BF16", [64, 64])
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let recipe = try ScratchFolder.recipe(model, converter: nil) { _ in "Q8_0" }
        let refusal = """
            of a language model in safetensors plan quantize writes a folder for MLX; for llama.cpp give the GGUF file that its \
            convert_hf_to_gguf.py makes of the model
            """
        let unknown = sentence { try folder.convert(recipe, model, to: "q.gguf") }
        #expect(
            unknown?.hasPrefix(#""m" is no GGUF file, and none of the diffusion models "#) == true
                && unknown?.contains("convert_hf_to_gguf.py") == true
        )
        let converter = try Converters.named("plan").adapted(to: model, importance: .none)
        #expect(sentence { try converter.check(model.tensors) } == refusal)
    }
}
