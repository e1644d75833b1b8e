import Text
import Checkpoints
import Conversion
import Converters
import Planning
import Quantization
import Recipes
import Runtimes
import Sensitivity
import Tensors

/// The converter that binds a plan: the one that was named, or this program where it writes what will be planned.
///
/// The model has to be in files of which this program writes a GGUF file, or for a table of MLX's formats alone a folder for MLX, and
/// nothing that was asked for may be beyond it; otherwise no converter binds the plan, and a note says why.
struct ConverterChoice: Hashable {
    /// What is typed to have no converter bind the plan.
    static let nobody = "none"
    /// The converter that binds a plan where none is named.
    private static let usual = "plan"
    /// The one that does for a table of its formats alone.
    private static let usualForFolders = "mlx"
    /// The one that does where ComfyUI is to load the file by itself.
    private static let usualForComfyUI = "comfyui"

    /// The converter's name, or nil where none binds the plan.
    let name: String?
    /// What the user should know of a choice that was not theirs, or nil.
    let note: String?

    private init(name: String?, note: String?) {
        self.name = name
        self.note = note
    }

    /// Chooses the converter of a plan.
    ///
    /// - Parameters:
    ///   - options: The table's options, which may name one.
    ///   - input: The model and the table.
    ///   - rules: What else the plan has to keep to.
    /// - Throws: `RecipeError.unknownConverter`, and what grouping throws.
    init(_ options: TableOptions, for input: PlanningInput, _ rules: PlanningRules) throws {
        if let named = options.converter {
            self.init(name: try Self.name(named), note: nil)
            return
        }
        let model = input.model
        let isForComfyUI = rules.runtime == .comfyUI && model.kind == .safetensors
        let usual =
            Self.isForFolders(input)
            ? Self.usualForFolders : isForComfyUI ? Self.usualForComfyUI : Self.usual
        guard !model.files.isEmpty, model.packedWeights.isEmpty || options.allowRequantize,
            input.table.byteCounts == nil,
            rules.runtime.map({ (try? $0.check(converter: usual)) != nil }) ?? true
        else {
            self.init(name: nil, note: nil)
            return
        }
        let converter = try Converters.named(usual).adapted(to: model, importance: .none)
        let defined = options.naming.define.map { String($0.prefix { $0 != "=" }) }
        let obstacle =
            try Self.obstacle(to: converter, input, rules, allowsQuantizedSource: options.allowRequantize)
            ?? defined.first { input.table.index(ofFormat: $0) != nil }.map {
                "\($0) is a format that plan quantize does not write"
            }
        if let obstacle {
            self.init(name: nil, note: "no converter binds this plan: \(obstacle)")
            return
        }
        let left = input.table.formats.filter { name in
            QuantizationFormat(named: name).map { !converter.accepts($0) } ?? false
        }
        self.init(
            name: usual,
            note: left.isEmpty || rules.formats != nil
                ? nil
                : """
                the plan is for the \(Self.file(by: usual)) that plan quantize writes, which has no \(left.joined(separator: ", ")); \
                --converter names another, or none
                """
        )
    }

    /// The converter that finished files are held against, of which any program may have made them.
    ///
    /// - Parameter input: The model and the table.
    /// - Returns: That of folders for MLX where the table can measure nothing else, and the word for none elsewhere.
    static func ofFinishedFiles(_ input: PlanningInput) -> String {
        isForFolders(input) ? usualForFolders : nobody
    }

    /// Whether a table is of MLX's formats alone, and its model a folder that one for MLX is made of.
    private static func isForFolders(_ input: PlanningInput) -> Bool {
        let columns = input.table.formats.compactMap(QuantizationFormat.init(named:))
        guard let converter = try? Converters.named(usualForFolders),
            columns.contains(where: QuantizationFormat.mlx.contains), columns.allSatisfy(converter.accepts)
        else { return false }
        return input.model.isLanguageModelFromHub && (try? ModelDraft.checkFolder(of: input.model)) != nil
    }

    /// What this program writes by a converter's recipes.
    private static func file(by converter: String) -> String {
        switch converter {
        case usualForFolders: "folder for MLX"
        case usualForComfyUI: "safetensors file"
        default: "GGUF file"
        }
    }

    /// The name of a converter that was typed; nil for none.
    ///
    /// - Throws: `RecipeError.unknownConverter`.
    private static func name(_ typed: String) throws(RecipeError) -> String? {
        typed.lowercased() == nobody ? nil : try Converters.named(typed).name
    }

    /// Finds what has to be typed for a recipe's own converter to bind a plan; nil where what was typed led to another one.
    ///
    /// - Parameters:
    ///   - converter: The converter that the recipe names, or nil.
    ///   - typed: What was typed when it was planned, or nil.
    ///   - runtime: The program that was to load the file, or nil.
    /// - Returns: The word, which may be that for none.
    /// - Throws: `RecipeError.unknownConverter`.
    static func word(
        for converter: String?,
        typed: String?,
        runtime: TargetRuntime?
    ) throws(RecipeError) -> String? {
        guard let typed else {
            let usual = [nil, usual, usualForFolders] + (runtime == .comfyUI ? [usualForComfyUI] : [])
            return usual.contains(converter) ? converter ?? nobody : nil
        }
        return try name(typed) == converter ? typed : nil
    }

    // MARK: What is beyond this program

    /// Why this program does not write what is asked for, as the end of a sentence, or nil where it does.
    private static func obstacle(
        to converter: any Converter,
        _ input: PlanningInput,
        _ rules: PlanningRules,
        allowsQuantizedSource: Bool
    ) throws -> String? {
        let model = input.model
        let columns = input.table.formats.compactMap(QuantizationFormat.init(named:))
        guard columns.contains(where: converter.accepts) else {
            let others =
                columns.contains(where: QuantizationFormat.mlx.contains) && model.isLanguageModelFromHub
                ? "--converter mlx plans for a folder for MLX"
                : "plan converters lists those that have others"
            return
                "the table has no column for a format that plan quantize writes in a \(file(by: converter.name)); \(others)"
        }
        do throws(RecipeError) {
            try converter.check(model.tensors)
        } catch {
            return "\(error)"
        }
        let named =
            (rules.formats ?? []) + rules.kept.compactMap(\.format)
            + rules.restrictions.compactMap(\.format)
        if let format = named.first(where: { !converter.accepts($0) }) {
            return "\(format) is a format that plan quantize does not write in a \(file(by: converter.name))"
        }
        if model.tensors.allSatisfy(converter.neverQuantizes) {
            return
                "plan quantize casts none of the model's tensors, only what has none of these: \(converter.exclusions)"
        }
        for tensor in model.tensors where !converter.neverQuantizes(tensor) {
            guard
                ModelWriter.isReadable(
                    tensor.elementType,
                    allowsQuantizedSource: allowsQuantizedSource
                )
            else {
                return """
                    plan quantize does not read \(tensor.elementType?.name ?? "the type") of \(tensor.name.quoted)
                    """
            }
        }
        return try ruleBeyond(converter, input, rules)
    }

    /// The first rule of the user that this program does not follow, as it leaves its tensors in a format of its own.
    private static func ruleBeyond(
        _ converter: any Converter,
        _ input: PlanningInput,
        _ rules: PlanningRules
    ) throws -> String? {
        for keep in rules.kept {
            guard let format = keep.format else { continue }
            let other = input.model.tensors.first {
                keep.glob.matches($0.name) && converter.keptFormat(for: $0) ?? format != format
            }
            if let other {
                return "plan quantize by itself leaves \(other.name.quoted) in another format than \(format)"
            }
        }
        let restrictions = rules.restrictions.filter { glob(of: $0) != nil }
        guard !restrictions.isEmpty else { return nil }
        let layers = try input.table.layers(of: input.model, grouping: rules.grouping).layers
        for restriction in restrictions {
            let matched = layers.filter { glob(of: restriction)?.matches($0.name) ?? false }
            if !matched.isEmpty, matched.allSatisfy({ $0.tensors.allSatisfy(converter.neverQuantizes) }) {
                return "plan quantize quantizes no layer that \(restriction) is for"
            }
        }
        return nil
    }

    /// The layers that a restriction is for; nil for all.
    private static func glob(of restriction: Restriction) -> Glob? {
        switch restriction.kind {
        case .pin(let glob, _), .atLeast(let glob, _), .atMost(let glob, _), .tie(let glob): glob
        default: nil
        }
    }
}
