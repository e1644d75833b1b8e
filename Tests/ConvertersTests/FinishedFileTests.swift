import Checkpoints
import Converters
import Recipes
import Tensors
import Testing

@testable import Converters

/// What converters write besides tensor data, and which models they refuse.
@Suite struct FinishedFileTests {
    private func model(_ tensors: [(String, [Int])]) throws -> Model {
        try Model(name: "m", tensors: tensors.map { try TensorInfo(name: $0.0, shape: $0.1) })
    }

    @Test("stable-diffusion.cpp writes no metadata, and counts no outer dimensions of one element")
    func stableDiffusion() throws {
        let model = try model([("ab.weight", [1, 64, 64]), ("c", [1])])
        let file = try Converters.named("stable-diffusion.cpp").finishedFile(for: model, formats: [])
        // 24 bytes, then name, count of dimensions, dimensions, type and offset of each tensor.
        let exact = 24 + (8 + 9 + 4 + 2 * 8 + 4 + 8) + (8 + 1 + 4 + 8 + 4 + 8)
        #expect(file.layout.headerBytes == (exact + 31) / 32 * 32)
        #expect(file.layout.alignment == 32)
        #expect(file.accuracy == .exact && file.uncertainty == nil)
    }

    @Test("mixed-gguf-converter writes the shape of every tensor that it casts itself")
    func mixedGGUF() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let converter = try Converters.named("mixed-gguf-converter")
        let own = try converter.finishedFile(for: model, formats: [.q4_1, .bf16])
        #expect(own.accuracy == .exact)
        let shapes = model.tensors.reduce(0) {
            $0 + 8 + "comfy.gguf.orig_shape.".utf8.count + $1.name.utf8.count + 4 + 12 + 4 * $1.dimensionCount
        }
        let plain = try GGUFHeader(metadata: [GGUFMetadata("general.architecture", .string("flux"))])
        let difference = own.layout.headerBytes - plain.byteCount(for: model.tensors)
        #expect((shapes - 31...shapes + 31).contains(difference))
        let copied = try converter.finishedFile(for: model, formats: [.q4_1, .q5_K])
        #expect(copied.accuracy == .tensorData && copied.uncertainty != nil)
    }

    @Test("llama-quantize copies metadata, which only a GGUF file has")
    func llamaQuantize() throws {
        let model = try Model.builtIn(named: "llama-3.1-8b")
        let file = try Converters.named("llama-quantize").finishedFile(for: model, formats: [.q8_0])
        #expect(file.accuracy == .tensorData && file.uncertainty != nil)
    }

    @Test("whatever is not exact has a reason", arguments: Converters.all.map(\.name))
    func reasons(converter: String) throws {
        let converter = try Converters.named(converter)
        let file = try converter.finishedFile(
            for: try Model.builtIn(named: "flux1-dev"),
            formats: converter.formats.map(\.format)
        )
        #expect((file.accuracy == .exact) == (file.uncertainty == nil))
    }

    @Test(
        "a name that no rule can hold is refused before anything is planned",
        arguments: [
            ("a,b.weight", "a comma"), ("a=b.weight", "an equals sign"), ("a\"b.weight", "a quotation mark"),
            ("a\nb.weight", "white space"), ("a\u{1}b.weight", "a control character"),
            ("a b.weight", "white space"),
        ]
    )
    func names(name: String, character: String) throws {
        for converter in [
            "stable-diffusion.cpp", "llama-quantize", "ik_llama.cpp", "thireus", "convert_to_quant",
        ] {
            let converter = try Converters.named(converter)
            let tensors = [try TensorInfo(name: name, shape: [64, 64])]
            #expect(
                throws: RecipeError.unsafeName(
                    tensor: name,
                    character: character,
                    converter: converter.name
                )
            ) { try converter.check(tensors) }
        }
    }

    @Test(
        "a converter of FLUX.1 refuses other models",
        arguments: ["cg-mixed-casting", "mixed-gguf-converter"]
    )
    func otherModels(name: String) throws {
        let converter = try Converters.named(name)
        try converter.check(try Model.builtIn(named: "flux1-dev").tensors)
        try converter.check(try Model.builtIn(named: "flux1-schnell").tensors)
        let llama = try Model.builtIn(named: "llama-3.1-8b").tensors
        #expect(
            throws: RecipeError.wrongModel(
                tensor: "token_embd.weight",
                converter: name,
                expected: "FLUX.1's 19 double and 38 single blocks"
            )
        ) { try converter.check(llama) }
    }

    @Test("biases that a converter casts with their layer count in it")
    func biases() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let converter = try Converters.named("mixed-gguf-converter")
        let plain = try LayerGrouping.flux.grouped(model.tensors)
        let joined = plain.joining(where: converter.castsWithLayer)
        #expect(joined.layers.map(\.name) == plain.layers.map(\.name))
        // qkv, proj, mlp.0, mlp.2 and mod.lin have 2,000 elements or more each, the norms 128.
        let first = try #require(joined.layers.first)
        #expect(first.tensors.count == 10)
        #expect(first.byteCount(in: .q8_0) == 180_486_144 + 46_080 / 32 * 34)
        #expect(joined.kept.count == plain.kept.count - 19 * 2 * 5 - 38 * 3)
    }
}
