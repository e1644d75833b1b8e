import Checkpoints
import Conversion
import Converters
import Recipes
import Runtimes

/// The kind of file that `plan quantize` writes.
enum ModelContainer: Hashable {
    case gguf
    /// A safetensors file for ComfyUI, with weights in scaled 8-bit floats.
    case safetensors

    /// The kinds by the endings of their files' names.
    private static let endings: [(ending: String, container: ModelContainer)] = [
        (".gguf", .gguf), (".safetensors", .safetensors),
    ]

    /// The converters whose recipes are written as GGUF files.
    private static let ggufConverters = [
        "plan", "llama-quantize", "ik_llama.cpp", "thireus", "stable-diffusion.cpp", "mixed-gguf-converter",
    ]

    /// Finds the kind that a file's name asks for.
    ///
    /// - Throws: ``Failure`` for usage.
    init(path: String) throws {
        guard let found = Self.endings.first(where: { path.lowercased().hasSuffix($0.ending) }) else {
            throw Failure(
                code: Failure.usage,
                message: """
                    the name \(ShellText.word(path)) does not say what to write; end it with \
                    \(Self.endings.map(\.ending).joined(separator: " or "))
                    """
            )
        }
        self = found.container
    }

    /// Finds the kind that a converter's recipes are written as.
    ///
    /// - Throws: ``Failure`` for usage.
    init(converter: String) throws {
        let name = try Converters.named(converter).name
        if name == "comfyui" {
            self = .safetensors
            return
        }
        guard Self.ggufConverters.contains(name) else {
            throw Failure(
                code: Failure.usage,
                message: """
                    what \(name) makes is not written here; plan for the converter plan, or write the recipe for it with plan \
                    export
                    """
            )
        }
        self = .gguf
    }

    /// Finds the kind that a program loads.
    ///
    /// - Throws: ``Failure`` for usage.
    private init(_ runtime: TargetRuntime) throws {
        switch runtime {
        case .llamaCpp, .comfyUIGGUF, .stableDiffusionCpp: self = .gguf
        case .comfyUI: self = .safetensors
        case .mlx: try self.init(converter: "mlx")
        }
    }

    /// Finds the kind that a recipe and a file's name ask for.
    ///
    /// - Throws: ``Failure`` for usage where they contradict each other.
    init(_ recipe: Recipe, path: String?) throws {
        try self.init(converter: recipe.converter, path: path)
    }

    /// Finds the kind that a converter and a program, where they are named, and a file's name ask for.
    ///
    /// - Throws: ``Failure`` for usage where they contradict each other.
    init(converter: String?, path: String?, runtime: RuntimeBinding? = nil) throws {
        let named = try converter.map { try ModelContainer(converter: $0) }
        let asked = try path.map { try ModelContainer(path: $0) }
        let loaded = try runtime.map { try ModelContainer($0.runtime) }
        if let converter { try runtime?.check(converter: Converters.named(converter).name) }
        if let asked, let loaded, asked != loaded, let runtime {
            throw Failure(
                code: Failure.usage,
                message: """
                    \(runtime.runtime.rawValue) loads no \(asked.fileExtension) file; name one that ends with \(loaded.fileExtension), \
                    or plan for another runtime
                    """
            )
        }
        if let named, let asked, named != asked, let converter {
            throw Failure(
                code: Failure.usage,
                message: """
                    \(converter) makes no \(asked.fileExtension) file; name one that ends with \(named.fileExtension), or plan \
                    for \(asked.converter)
                    """
            )
        }
        self = asked ?? named ?? loaded ?? .gguf
    }

    /// The ending of a file's name, with the dot.
    var fileExtension: String {
        Self.endings.first { $0.container == self }?.ending ?? ""
    }

    /// The converter that a plan is made for where none is named.
    var converter: String {
        switch self {
        case .gguf: "plan"
        case .safetensors: "comfyui"
        }
    }

    /// Drafts the file.
    func draft(
        _ recipe: Recipe,
        model: Model,
        importance: ImportanceMatrix?,
        isRecorded: Bool
    ) throws -> ModelDraft {
        switch self {
        case .gguf:
            try ModelDraft.gguf(
                recipe,
                model: model,
                importance: importance.map(ImportanceRecord.init),
                isRecorded: isRecorded
            )
        case .safetensors: try ModelDraft.safetensors(recipe, model: model, isRecorded: isRecorded)
        }
    }
}
