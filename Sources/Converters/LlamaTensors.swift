import Recipes
import Tensors
import Text

/// What llama.cpp and its relatives know about a tensor by its name and shape.
enum LlamaTensors {
    /// What `llama-quantize` gives a tensor for which its mix has a format: that, or another one where its block does not divide
    /// the tensor's rows; nil where the program gives up.
    ///
    /// It is `tensor_type_fallback` of the llama.cpp that llama-cpp-python 0.3.36 brings along; older ones give up
    /// for every format with blocks of 32.
    static func format(_ wanted: QuantizationFormat, fitting tensor: TensorInfo) -> QuantizationFormat? {
        if wanted.fits(tensor) { return wanted }
        let other: QuantizationFormat
        switch wanted {
        case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s, .iq4_xs: other = .iq4_nl
        case .q2_0, .q2_K, .q3_K, .tq1_0, .tq2_0: other = .q4_0
        case .q4_K: other = .q5_0
        case .q5_K: other = .q5_1
        case .q6_K: other = .q8_0
        default:
            guard wanted.blockElements <= 32 else { return nil }
            other = wanted
        }
        return other.fits(tensor) ? other : .f16
    }

    /// The formats of ggml that ik_llama.cpp's line of it has not taken over.
    static let missingInIKLlama: Set<String> = ["NVFP4", "TQ1_0", "TQ2_0", "Q1_0", "Q2_0"]

    /// A base type for the command line under which every rule counts.
    ///
    /// It has to be quantized, or the rules are not read; it should divide the same rows as the planned formats, and be
    /// none of them, because some versions skip a rule that says what they would have done anyway.
    static func baseType(for recipe: Recipe) -> String {
        let used = Set((recipe.layers.map(\.format) + recipe.kept.map(\.format)).map { $0.uppercased() })
        return ["Q8_0", "Q5_1", "Q4_1", "Q5_0", "Q4_0", "IQ4_NL"].first { !used.contains($0) } ?? "Q8_0"
    }

    /// Whether a format of a recipe is not made without an importance matrix, be it planned or what a tensor is kept in.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - source: What is known of the model's files: a kept tensor that has such a format there is copied.
    /// - Returns: Whether there is one.
    static func needsImportanceMatrix(_ recipe: Recipe, _ source: SourceFiles) -> Bool {
        func isNeeded(_ format: String) -> Bool {
            QuantizationFormat(named: format)?.needsImportanceMatrix == true
        }
        return recipe.layers.contains { isNeeded($0.format) }
            || recipe.kept.contains { isNeeded($0.format) && !source.matrixTensors.contains($0.tensor) }
    }

    /// The options of the command line that a recipe asks for besides its rules, with a blank after each.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - source: What is known of the model's files.
    ///   - placeholder: What stands for the importance matrix where the recipe knows of none and needs one.
    /// - Returns: The options, none of them for most recipes.
    static func options(for recipe: Recipe, _ source: SourceFiles, placeholder: String) -> String {
        requantizeArgument(for: recipe) + matrixArgument(for: recipe, source, placeholder: placeholder)
            + alignmentArgument(for: source)
    }

    /// The importance matrix as an argument of the command line, with a blank after it: the one that the recipe's table was made
    /// with, or else a placeholder where a format of the recipe is not made without one.
    static func matrixArgument(
        for recipe: Recipe,
        _ source: SourceFiles,
        placeholder: String
    ) -> String {
        let needed = needsImportanceMatrix(recipe, source) ? placeholder : nil
        return (recipe.importancePath ?? needed).map { "--imatrix \(ShellText.input($0, as: "--imatrix")) " }
            ?? ""
    }

    /// The option without which the program refuses a source that is quantized already, with a blank after it, where the plan is
    /// for one.
    private static func requantizeArgument(for recipe: Recipe) -> String {
        recipe.recorded.allowsQuantizedSource ? "--allow-requantize " : ""
    }

    /// What a file of another alignment than 32 needs, with a blank after it: the program pads to 32 bytes whatever its metadata
    /// say, so that they have to say 32, or llama.cpp cannot load the file (`src/llama-quant.cpp`).
    private static func alignmentArgument(for source: SourceFiles) -> String {
        source.alignment == 32 ? "" : "--override-kv general.alignment=int:32 "
    }

    /// What the command's importance matrix is, in a line that begins with a new line; nothing without one.
    static func matrixNote(for recipe: Recipe, _ source: SourceFiles, placeholder: String) -> String {
        if let matrix = recipe.importance {
            return """

                \(ShellText.input(recipe.importancePath ?? matrix.name, as: "--imatrix")) is the importance matrix that the impacts were measured with: without it, or with \
                another, the program makes another file than was planned. Its digest is \(matrix.digest).
                """
        }
        if recipe.impacts.countsInputsAlike {
            return """

                The plan takes an importance of 1 for every input, which the program does with a matrix of ones alone: without one it makes \
                another file than was planned. plan quantize writes the planned one.
                """
        }
        guard needsImportanceMatrix(recipe, source) else { return "" }
        return
            "\n\(placeholder) stands for an importance matrix, which a format of this plan is not made without."
    }

    /// What kind of image model a recipe is for, or nil where it may be a language model.
    static func imageArchitecture(of recipe: Recipe, _ source: SourceFiles) -> String? {
        if let named = ImageArchitecture.named(source.architecture) { return named.name }
        let names = recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor)
        if let found = ImageArchitecture.recognized(in: names) { return found.name }
        return names.contains { FluxPlace(name: $0) != nil } ? "flux" : nil
    }

    /// Why the program as it is published makes nothing of a model, or nil.
    static func obstacle(to recipe: Recipe, _ source: SourceFiles, for converter: String) -> String? {
        imageArchitecture(of: recipe, source).map {
            """
            \(converter), as it is published, refuses models of the architecture \($0) ("unknown model architecture"): there is \
            no command without a build that knows it. stable-diffusion.cpp converts such models as they are.
            """
        }
    }
}
