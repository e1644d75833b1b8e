public import Recipes

/// The converters that a recipe can be written for.
public enum Converters {
    /// Every converter.
    public static let all: [any Converter] = [
        PlanConverter(),
        StableDiffusionCpp(),
        LlamaQuantize(),
        CGMixedCasting(),
        MixedGGUFConverter(),
        IKLlamaCpp(),
        ThireusRecipe(),
        ComfyUIQuantization(),
        ConvertToQuant(),
        MLXQuantization(),
    ]

    /// The converter of llama.cpp itself, which makes another GGUF file of one.
    public static let llamaCpp: any Converter = LlamaQuantize()

    /// The converter by which this program writes a model where none is named.
    ///
    /// - Parameter container: What is written.
    /// - Returns: The converter.
    public static func usual(for container: ModelContainer) -> any Converter {
        switch container {
        case .gguf: PlanConverter()
        case .safetensors: ComfyUIQuantization()
        case .folder: MLXQuantization()
        }
    }

    /// Finds the converter of a name; the case of letters does not matter.
    ///
    /// - Throws: `RecipeError.unknownConverter(_:known:)`.
    public static func named(_ name: String) throws(RecipeError) -> any Converter {
        let lowercased = name.lowercased()
        guard let converter = all.first(where: { $0.name.lowercased() == lowercased }) else {
            throw .unknownConverter(name, known: all.map(\.name))
        }
        return converter
    }
}
