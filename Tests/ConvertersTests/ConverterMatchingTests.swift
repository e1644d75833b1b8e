import Checkpoints
import Converters
import Foundation
import Recipes
import Tensors
import Testing

@testable import Converters

/// The converters' own ways of matching, written down again, give every tensor the planned format.
@Suite struct ConverterMatchingTests {
    static let models = ["flux1-dev", "flux1-schnell", "llama-3.1-8b", "qwen3-30b-a3b"]
    static let cases = models.flatMap { model in (0..<3).map { (model, $0) } }
    static let fluxCases = models.prefix(2).flatMap { model in (0..<3).map { (model, $0) } }

    @Test("stable-diffusion.cpp gives every tensor its format, with and without a prefix", arguments: cases)
    func stableDiffusion(modelName: String, seed: Int) throws {
        let converter = try Converters.named("stable-diffusion.cpp")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let emulator = try StableDiffusionEmulator(try RecipeFixtures.text(converter, recipe, model.tensors))
        let planned = RecipeFixtures.planned(recipe)
        for tensor in model.tensors {
            let expected = expectedType(tensor, planned, of: converter, recipe)
            #expect(emulator.type(of: tensor) == expected, "\(tensor.name)")
            #expect(emulator.type(of: tensor, in: "model.diffusion_model.\(tensor.name)") == expected)
            #expect(emulator.type(of: tensor, in: "x\(tensor.name)") == nil)
            #expect(emulator.type(of: tensor, in: "\(tensor.name)x") == nil)
        }
    }

    @Test("llama-quantize gives every tensor its format, whichever match counts", arguments: cases)
    func llamaQuantize(modelName: String, seed: Int) throws {
        let converter = try Converters.named("llama-quantize")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let emulator = try LlamaQuantizeEmulator(
            file: try RecipeFixtures.text(converter, recipe, model.tensors)
        )
        let planned = RecipeFixtures.planned(recipe)
        let kept = Dictionary(uniqueKeysWithValues: recipe.kept.map { ($0.tensor, $0.format) })
        for tensor in model.tensors {
            let expected: LlamaQuantizeEmulator.Outcome =
                LlamaQuantizeEmulator.mayChange(tensor)
                ? .type(try #require(planned[tensor.name] ?? kept[tensor.name])) : .untouched
            #expect(emulator.outcome(of: tensor, .first) == expected, "\(tensor.name)")
            #expect(emulator.outcome(of: tensor, .last) == expected, "\(tensor.name)")
        }
    }

    @Test("ik_llama.cpp and a .recipe give every tensor its format, each by one rule", arguments: cases)
    func customQ(modelName: String, seed: Int) throws {
        let converter = try Converters.named("ik_llama.cpp")
        let thireus = try Converters.named("thireus")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let argument = try CustomQEmulator(
            argument: try RecipeFixtures.text(converter, recipe, model.tensors)
        )
        let file = try CustomQEmulator(recipe: try RecipeFixtures.text(thireus, recipe, model.tensors))
        let planned = RecipeFixtures.planned(recipe)
        let kept = Dictionary(uniqueKeysWithValues: recipe.kept.map { ($0.tensor, $0.format) })
        for tensor in model.tensors {
            let expected = expectedType(tensor, planned, of: converter, recipe)
            #expect(argument.type(of: tensor) == expected, "\(tensor.name)")
            let format = try #require(planned[tensor.name] ?? kept[tensor.name])
            #expect(file.types(of: tensor) == [try #require(QuantizationFormat(named: format)?.ggmlName)])
        }
    }

    /// The planned type's exact name, the kept one's for what is kept but may be changed, nil for all else.
    private func expectedType(
        _ tensor: TensorInfo,
        _ planned: [String: String],
        of converter: any Converter,
        _ recipe: Recipe
    ) -> String? {
        guard !converter.neverQuantizes(tensor) else { return nil }
        let format = planned[tensor.name] ?? recipe.kept.first { $0.tensor == tensor.name }?.format
        return format.flatMap { QuantizationFormat(named: $0)?.ggmlName }
    }

    @Test("cg-mixed-casting casts every planned tensor as planned and nothing outside", arguments: fluxCases)
    func mixedCasting(modelName: String, seed: Int) throws {
        let converter = try Converters.named("cg-mixed-casting")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let text = try RecipeFixtures.text(converter, recipe, model.tensors)
        let emulator = CGMixedCastingEmulator(list: CastList(yaml: text))
        let planned = RecipeFixtures.planned(recipe)
        for tensor in model.tensors {
            let cast = emulator.cast(of: tensor.name)
            if let format = planned[tensor.name] {
                #expect(cast == (format == "BF16" ? nil : format), "\(tensor.name)")
            } else if FluxPlace(name: tensor.name) == nil || !tensor.name.hasSuffix(".bias") {
                #expect(cast == nil, "\(tensor.name)")
            }
        }
    }

    @Test("mixed-gguf-converter casts every planned tensor as planned", arguments: fluxCases)
    func mixedGGUF(modelName: String, seed: Int) throws {
        let converter = try Converters.named("mixed-gguf-converter")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let list = CastList(yaml: try RecipeFixtures.text(converter, recipe, model.tensors))
        let emulator = MixedGGUFEmulator(list: list)
        for (tensor, format) in RecipeFixtures.planned(recipe) {
            let spelling = try #require(QuantizationFormat(named: format).flatMap(converter.spelling))
            #expect(emulator.cast(of: tensor) == spelling, "\(tensor)")
        }
        // Unlisted layers would be blown up to F32; listed twice, the last would count.
        #expect(list.casts.flatMap(\.layers).sorted() == Array(0..<57))
    }

    @Test("ComfyUI's metadata lists exactly the modules in 8-bit floats", arguments: cases)
    func comfyUI(modelName: String, seed: Int) throws {
        let converter = try Converters.named("comfyui")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let text = try RecipeFixtures.text(converter, recipe, model.tensors)
        struct Metadata: Decodable {
            let format_version: String
            let layers: [String: [String: String]]
        }
        let metadata = try JSONDecoder().decode(Metadata.self, from: Data(text.utf8))
        #expect(metadata.format_version == "1.0")
        let planned = RecipeFixtures.planned(recipe)
        #expect(metadata.layers.count == planned.values.count { $0 != "BF16" })
        for tensor in model.tensors {
            let module = tensor.name.hasSuffix(".weight") ? String(tensor.name.dropLast(7)) : tensor.name
            // The reader's word for a float with a scale is that of the float.
            let format = planned[tensor.name]?.replacing("_scaled", with: "")
            // A bias is no module of its own.
            let entry = tensor.name.hasSuffix(".weight") ? metadata.layers[module]?["format"] : nil
            #expect(entry == (format == "BF16" ? nil : format), "\(tensor.name)")
        }
    }

    @Test("convert_to_quant has one key for every module, searched or matched whole", arguments: cases)
    func convertToQuant(modelName: String, seed: Int) throws {
        let converter = try Converters.named("convert_to_quant")
        let (model, recipe) = try RecipeFixtures.random(modelName, for: converter, seed: seed)
        let text = try RecipeFixtures.text(converter, recipe, model.tensors)
        struct Entry: Decodable {
            let format: String?
            let skip: Bool?
        }
        let entries = try JSONDecoder().decode([String: Entry].self, from: Data(text.utf8))
        #expect(entries.keys.allSatisfy { !$0.hasPrefix("_") && !$0.contains("\\d") })
        let rules = try RegularExpressionRules(
            entries.map { "\($0.key)=\($0.value.format ?? ($0.value.skip == true ? "skip" : ""))" }
        )
        let planned = RecipeFixtures.planned(recipe)
        for tensor in model.tensors where tensor.dimensionCount == 2 {
            let format = (planned[tensor.name] ?? "BF16").replacing("_scaled", with: "")
            #expect(rules.types(of: String(tensor.name.dropLast(7))) == [format == "BF16" ? "skip" : format])
        }
    }

    @Test("a converter leaves as it is what its own rules veto", arguments: models)
    func vetoes(modelName: String) throws {
        let converter = try Converters.named("llama-quantize")
        for tensor in try Model.builtIn(named: modelName).tensors {
            #expect(
                converter.neverQuantizes(tensor) != LlamaQuantizeEmulator.mayChange(tensor),
                "\(tensor.name)"
            )
        }
    }
}
