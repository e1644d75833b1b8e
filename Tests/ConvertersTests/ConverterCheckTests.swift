import Checkpoints
import Converters
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Converters

/// What a converter would not do as planned is an error before anything is written.
@Suite struct ConverterCheckTests {
    private func tensor(_ name: String, _ shape: [Int] = [256, 256], _ type: QuantizationFormat? = nil) throws
        -> TensorInfo
    {
        try TensorInfo(name: name, shape: shape, elementType: type)
    }

    private func error(_ name: String, _ tensors: [TensorInfo], format: String = "Q8_0") throws
        -> RecipeError?
    {
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { _ in format }
        do throws(RecipeError) {
            _ = try Converters.named(name).files(for: recipe, model: tensors)
            return nil
        } catch {
            return error
        }
    }

    @Test("the names are unique, and so is every format of a converter")
    func registry() {
        #expect(Set(Converters.all.map(\.name)).count == Converters.all.count)
        for converter in Converters.all {
            #expect(Set(converter.formats.map(\.format)).count == converter.formats.count)
            #expect(converter.formats.allSatisfy { $0.format.isWeightFormat })
            #expect(!converter.fileName.isEmpty && !converter.fileName.contains("/"))
            #expect(!converter.summary.contains("\n"))
        }
    }

    @Test("an unknown converter is an error that lists the known ones")
    func unknown() throws {
        #expect(throws: RecipeError.unknownConverter("llama", known: Converters.all.map(\.name))) {
            try Converters.named("llama")
        }
        #expect(try Converters.named("LLAMA-Quantize").name == "llama-quantize")
    }

    @Test(
        "a name that would break a rule is an error",
        arguments: ["stable-diffusion.cpp", "llama-quantize", "ik_llama.cpp", "thireus"],
        [
            "a,b.weight", "a=b.weight", "a b.weight", "a\nb.weight", "a'b.weight", "a\"b.weight",
            "a\tb.weight",
            "a\\b.weight", "a#b.weight", "a`b.weight", "a\u{1B}b.weight", "ä.weight", "a\u{2028}b.weight",
            "a\u{7F}b.weight", "a\r\nb.weight",
        ]
    )
    func unsafeNames(converter: String, name: String) throws {
        let error = try #require(try error(converter, [try tensor("ok.weight"), try tensor(name)]))
        guard case .unsafeName(name, _, converter) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("characters that mean something in a pattern are matched as themselves")
    func metacharacters() throws {
        let names = [
            "a.b[0].weight", "a.b{1}.weight", "a+b*c?.weight", "(a|b)^$.weight", "a-b/c:d@e.weight",
            "axb0.weight",
        ]
        let tensors = try names.map { try tensor($0) }
        for converter in ["stable-diffusion.cpp", "llama-quantize", "ik_llama.cpp", "thireus"] {
            #expect(try error(converter, tensors) == nil)
        }
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { _ in "Q8_0" }
        let text = try RecipeFixtures.text(try Converters.named("llama-quantize"), recipe, tensors)
        let emulator = try LlamaQuantizeEmulator(file: text)
        for tensor in tensors { #expect(emulator.outcome(of: tensor, .last) == .type("Q8_0")) }
    }

    @Test("capitals are matched by any character, unless that would catch another tensor")
    func capitals() throws {
        #expect(
            try error("llama-quantize", [try tensor("adaLN.weight"), try tensor("adaln2.weight")]) == nil
        )
        #expect(
            try error("llama-quantize", [try tensor("adaLN.weight"), try tensor("adaln.weight")])
                == .ruleMismatch(
                    tensor: "adaln.weight",
                    planned: "q8_0",
                    found: "q8_0 and q8_0",
                    converter: "llama-quantize"
                )
        )
        #expect(try error("ik_llama.cpp", [try tensor("adaLN.weight"), try tensor("adaln.weight")]) == nil)
    }

    @Test("names that differ only in the prefix are told apart")
    func prefixes() throws {
        let tensors = [try tensor("a.weight"), try tensor("model.diffusion_model.a.weight")]
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { $0.name == "a.weight" ? "Q8_0" : "Q4_1" }
        #expect(
            try RecipeFixtures.text(try Converters.named("stable-diffusion.cpp"), recipe, tensors)
                == #"^a\.weight$=q8_0,^model\.diffusion_model\.a\.weight$=q4_1"# + "\n"
        )
    }

    @Test("a format that the converter does not make is an error with the layers that take it")
    func formats() throws {
        #expect(
            try error("convert_to_quant", [try tensor("a.weight")])
                == .formatNotAccepted(
                    format: "Q8_0",
                    layers: ["a.weight"],
                    converter: "convert_to_quant",
                    accepted: ["float8_e4m3fn_scaled", "float8_e4m3fn", "BF16", "F16", "F32"]
                )
        )
        for format in ["float8_e4m3fn", "Q8_1", "I8", "nonsense", ""] {
            let error = try #require(try error("llama-quantize", [try tensor("a.weight")], format: format))
            guard case .formatNotAccepted(format, _, _, _) = error else {
                Issue.record("\(error)")
                continue
            }
        }
        #expect(
            try error("llama-quantize", [try tensor("a.weight", [4, 48])])
                == .formatDoesNotFit(tensor: "a.weight", format: "Q8_0", rowLength: 48)
        )
    }

    @Test("quantizing what the converter never quantizes is an error, leaving it in the source's type is not")
    func vetoes() throws {
        let gate = try tensor("attn_rel_b.weight")
        #expect(
            try error("llama-quantize", [gate])
                == .neverQuantized(tensors: [gate.name], converter: "llama-quantize")
        )
        #expect(try error("llama-quantize", [gate], format: "BF16") == nil)
        let wide = try tensor(gate.name, [256, 256], .f32)
        #expect(
            try error("llama-quantize", [wide], format: "BF16")
                == .neverQuantized(tensors: [gate.name], converter: "llama-quantize")
        )
        #expect(try error("llama-quantize", [wide], format: "F32") == nil)
        #expect(
            try error("stable-diffusion.cpp", [try tensor("text_embedding.weight")])
                == .neverQuantized(tensors: ["text_embedding.weight"], converter: "stable-diffusion.cpp")
        )
        // ggml sees one dimension only where the outer ones have one element.
        #expect(
            try error("llama-quantize", [try tensor("a.weight", [1, 256])])
                == .neverQuantized(tensors: ["a.weight"], converter: "llama-quantize")
        )
    }

    @Test("a tensor that is left as it is must be planned as it is")
    func untouched() throws {
        let half = try tensor("a.weight", [64, 64], .f16)
        #expect(
            try error("comfyui", [half], format: "BF16")
                == .leftAsItIs(tensor: "a.weight", source: "F16", planned: "BF16", converter: "comfyui")
        )
        #expect(try error("comfyui", [half], format: "F16") == nil)
    }

    @Test("streams that must agree and do not are listed")
    func ties() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let recipe = try RecipeFixtures.recipe(tensors: model.tensors, grouping: .flux) { layer in
            layer.name == "layer05.txt" ? "Q8_0" : "Q4_1"
        }
        let converter = try Converters.named("mixed-gguf-converter")
        #expect(
            throws: RecipeError.layersDisagree(
                ["layer05.img Q4_1 and layer05.txt Q8_0"],
                converter: "mixed-gguf-converter"
            )
        ) { try converter.files(for: recipe, model: model.tensors) }
        #expect(throws: Never.self) {
            try Converters.named("cg-mixed-casting").files(for: recipe, model: model.tensors)
        }
    }

    @Test("tensors of one stream must agree however a recipe calls its layers")
    func tiesByTensor() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let recipe = try RecipeFixtures.recipe(tensors: model.tensors) { layer in
            layer.name == "single_blocks.3.linear1.weight"
                ? "Q8_0" : FluxPlace(name: layer.name) == nil ? "BF16" : "Q4_1"
        }
        #expect(
            throws: RecipeError.layersDisagree(
                [
                    "single_blocks.3.linear1.weight Q8_0 and single_blocks.3.linear2.weight Q4_1 and "
                        + "single_blocks.3.modulation.lin.weight Q4_1"
                ],
                converter: "cg-mixed-casting"
            )
        ) { try Converters.named("cg-mixed-casting").files(for: recipe, model: model.tensors) }
    }

    @Test("layers that share a key are those of one block or of one stream")
    func tieKeys() throws {
        let blocks = try Converters.named("mixed-gguf-converter")
        #expect(blocks.tieKey(forLayer: "layer05.img") == "layer05")
        #expect(blocks.tieKey(forLayer: "layer05.txt") == "layer05")
        #expect(blocks.tieKey(forLayer: "layer19.x") == "layer19")
        #expect(blocks.tieKey(forLayer: "layer57.x") == "layer57.x")
        #expect(blocks.tieKey(forLayer: "layer19.img") == "layer19.img")
        let streams = try Converters.named("cg-mixed-casting")
        #expect(streams.tieKey(forLayer: "layer05.img") == "layer05.img")
        #expect(
            streams.tieKey(forLayer: "model.diffusion_model.double_blocks.5.txt_mod.lin.weight")
                == "layer05.txt"
        )
        #expect(
            streams.tieKey(forLayer: "double_blocks.05.txt_mod.lin.weight")
                == "double_blocks.05.txt_mod.lin.weight"
        )
        #expect(try Converters.named("thireus").tieKey(forLayer: "layer05.img") == "layer05.img")
    }

    @Test("a recipe for other tensors than the model's is an error that names them")
    func tensorsDiffer() throws {
        let recipe = try RecipeFixtures.recipe(tensors: [try tensor("a.weight"), try tensor("b.weight")]) {
            _ in "Q8_0"
        }
        let converter = try Converters.named("llama-quantize")
        let error = RecipeError.tensorsDiffer(onlyInRecipe: ["b.weight"], onlyInModel: ["c.weight"])
        #expect(throws: error) {
            try converter.files(for: recipe, model: [try tensor("a.weight"), try tensor("c.weight")])
        }
        let twice = recipe.changed { $0.layers[1].tensors = ["a.weight"] }
        #expect(
            throws: RecipeError.malformed(
                source: "the recipe",
                detail: "the tensor \"a.weight\" stands in it twice"
            )
        ) { try converter.files(for: twice, model: [try tensor("a.weight")]) }
    }

    @Test("converters of FLUX.1 refuse a model that lacks a block or has another")
    func wrongModel() throws {
        let tensors = try Model.builtIn(named: "flux1-dev").tensors.filter {
            !$0.name.hasPrefix("single_blocks.37.")
        }
        let recipe = try RecipeFixtures.recipe(tensors: tensors, grouping: .flux) { _ in "Q4_1" }
        for name in ["cg-mixed-casting", "mixed-gguf-converter"] {
            let converter = try Converters.named(name)
            #expect(
                throws: RecipeError.lacksBlock(
                    "single_blocks.37",
                    converter: name,
                    expected: "FLUX.1's 19 double and 38 single blocks"
                )
            ) { try converter.files(for: recipe, model: tensors) }
        }
    }

    @Test("rules that no command line takes are an error")
    func tooLong() throws {
        let tensors = try (0..<4000).map { try tensor("layer\($0).\($0)xxxxxxxxxxxxxxxxxxx.weight") }
        let error = try #require(try error("ik_llama.cpp", tensors))
        guard case .tooLong("ik_llama.cpp", _, 131_071) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try self.error("llama-quantize", tensors) == nil)
    }

    @Test("kept tensors that a converter leaves in another format are known, with their bytes")
    func keptDifferences() throws {
        let (model, recipe) = try RecipeFixtures.fluxNineGigabytes()
        let stable = try Converters.named("stable-diffusion.cpp")
            .keptDifferences(from: recipe, model: model.tensors)
        // Every 1-D tensor stays in BF16 rather than F32, two bytes less for each element.
        let oneDimensional = model.tensors.filter { $0.dimensionCount == 1 }
        #expect(stable.count == oneDimensional.count)
        #expect(
            stable.reduce(0) { $0 + $1.extraBytes } == -2 * oneDimensional.reduce(0) { $0 + $1.elementCount }
        )
        let mixed = try Converters.named("mixed-gguf-converter")
            .keptDifferences(from: recipe, model: model.tensors)
        let leftovers = model.tensors.filter { $0.dimensionCount == 2 && FluxPlace(name: $0.name) == nil }
        #expect(mixed.map(\.tensor) == leftovers.map(\.name))
        #expect(mixed.reduce(0) { $0 + $1.extraBytes } == 2 * leftovers.reduce(0) { $0 + $1.elementCount })
        #expect(
            try Converters.named("llama-quantize").keptDifferences(from: recipe, model: model.tensors).isEmpty
        )
    }

    @Test("every message is one line that begins with a small letter or a converter's name")
    func messages() {
        let errors: [RecipeError] = [
            .unknownConverter("x", known: ["a", "b"]),
            .tensorsDiffer(onlyInRecipe: ["a"], onlyInModel: []),
            .formatNotAccepted(format: "Q8_0", layers: ["a", "b"], converter: "c", accepted: ["BF16"]),
            .formatDoesNotFit(tensor: "a", format: "Q8_0", rowLength: 5),
            .neverQuantized(tensors: ["a"], converter: "c"),
            .leftAsItIs(tensor: "a", source: "F16", planned: "BF16", converter: "c"),
            .layersDisagree(["a Q8_0 and b Q4_1"], converter: "c"),
            .wrongModel(tensor: "a", converter: "c", expected: "FLUX.1"),
            .otherNames(tensor: "a", converter: "c", wanted: "naming the GGUF file"),
            .lacksBlock("double_blocks.2", converter: "c", expected: "FLUX.1"),
            .cannotTake(tensor: "a", reason: "whose type BOOL it does not read", converter: "c"),
            .keptFormatNotAccepted(tensor: "a", format: "F8_E5M2", converter: "c"),
            .unsafeName(tensor: "a\u{1B}[2J", character: "a control character", converter: "c"),
            .ruleMismatch(tensor: "a", planned: "q8_0", found: "nothing", converter: "c"),
            .tooLong(converter: "c", bytes: 2, limit: 1),
        ]
        for error in errors {
            let text = error.description
            #expect(text.first?.isLowercase == true && !text.hasSuffix(".") && text.contains("; "))
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        }
        #expect(
            errors[2].description
                == "c cannot make Q8_0, which a, b take; plan again with formats that it takes: BF16"
        )
    }
}
