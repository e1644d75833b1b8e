import Checkpoints
import Conversion
public import Converters
public import Runtimes
import Sensitivity
import Tensors

/// The converter that binds a plan where none is named: this program, where it writes what will be planned.
///
/// The model has to be in files of which this program writes a GGUF file, for a table of MLX's formats alone a folder for MLX, or for
/// ComfyUI a safetensors file, and nothing that was asked for may be beyond it; otherwise no converter binds the plan, and
/// ``remark`` says why.
public struct ConverterChoice: Sendable {
    /// What the user should know of a choice that was not theirs.
    public enum Remark: Hashable, Sendable {
        /// No converter binds the plan, as this program does not write what was asked for.
        case bindsNone(WritingObstacle)
        /// The table has formats that the file cannot hold, by their names.
        case leavesOut([String], of: ModelContainer)
    }

    /// The converter, before it is adapted to the model; nil where none binds the plan.
    public let converter: (any Converter)?
    /// What the user should know, or nil.
    public let remark: Remark?

    /// A choice that the user made.
    ///
    /// - Parameter converter: The converter, or nil for none.
    public init(named converter: (any Converter)?) {
        self.init(converter)
    }

    private init(_ converter: (any Converter)?, remark: Remark? = nil) {
        self.converter = converter
        self.remark = remark
    }

    /// Chooses the converter of a plan for which none is named.
    ///
    /// - Parameters:
    ///   - input: The model and the table.
    ///   - rules: What else the plan has to keep to; their converter does not count.
    ///   - defined: The names of formats whose sizes the user defined, which nothing here writes.
    /// - Throws: What grouping throws.
    public init(usualFor input: PlanningInput, _ rules: PlanningRules, defined: [String] = []) throws {
        let model = input.model
        let isForComfyUI = rules.runtime == .comfyUI && model.kind == .safetensors
        let container: ModelContainer =
            Self.isForFolders(input) ? .folder : isForComfyUI ? .safetensors : .gguf
        let usual = Converters.usual(for: container)
        guard !model.files.isEmpty, model.packedWeights.isEmpty || rules.allowsQuantizedSource,
            input.table.byteCounts == nil,
            rules.runtime.map({ (try? $0.check(converter: usual.name)) != nil }) ?? true
        else {
            self.init(nil)
            return
        }
        let converter = usual.adapted(to: model, importance: .none)
        let obstacle =
            try WritingObstacle(to: converter, container, input, rules)
            ?? defined.first { input.table.index(ofFormat: $0) != nil }.map { .format($0, of: nil) }
        if let obstacle {
            self.init(nil, remark: .bindsNone(obstacle))
            return
        }
        let left = input.table.formats.filter { name in
            QuantizationFormat(named: name).map { !converter.accepts($0) } ?? false
        }
        self.init(usual, remark: left.isEmpty || rules.formats != nil ? nil : .leavesOut(left, of: container))
    }

    /// The converter that finished files are held against, of which any program may have made them.
    ///
    /// - Parameter input: The model and the table.
    /// - Returns: That of folders for MLX where the table can measure nothing else, and nil elsewhere.
    public static func ofFinishedFiles(_ input: PlanningInput) -> (any Converter)? {
        isForFolders(input) ? Converters.usual(for: .folder) : nil
    }

    /// Whether a plan may be bound by a converter where none was named.
    ///
    /// - Parameters:
    ///   - converter: The converter's name, or nil where none binds the plan.
    ///   - runtime: The program that is to load the file, or nil.
    /// - Returns: Whether some model and some table lead to it.
    public static func mayBeUsual(_ converter: String?, for runtime: TargetRuntime?) -> Bool {
        guard let converter else { return true }
        let containers: [ModelContainer] = [.gguf, .folder] + (runtime == .comfyUI ? [.safetensors] : [])
        return containers.contains { Converters.usual(for: $0).name == converter }
    }

    /// Whether a table is of MLX's formats alone, and its model a folder that one for MLX is made of.
    private static func isForFolders(_ input: PlanningInput) -> Bool {
        let columns = input.table.formats.compactMap(QuantizationFormat.init(named:))
        guard columns.contains(where: QuantizationFormat.mlx.contains),
            columns.allSatisfy(Converters.usual(for: .folder).accepts)
        else { return false }
        return input.model.isLanguageModelFromHub && (try? ModelDraft.checkFolder(of: input.model)) != nil
    }
}
