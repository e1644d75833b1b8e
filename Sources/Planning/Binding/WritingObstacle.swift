import Checkpoints
import Conversion
public import Converters
public import Recipes
import Sensitivity
public import Tensors
import Text

/// Why this program does not write what is asked for.
public enum WritingObstacle: Hashable, Sendable, CustomStringConvertible {
    /// The table has no column for a format of such files.
    ///
    /// `other` is what the table has columns for instead, where this program writes that of the model.
    case noColumn(of: ModelContainer, other: ModelContainer?)
    /// The converter does not serve the model.
    case refused(RecipeError)
    /// A format that the user named is none of such files, or nil for none of any.
    case format(String, of: ModelContainer?)
    /// None of the model's tensors are cast, only what has none of these.
    case castsNothing(exclusions: String)
    /// The type of a tensor that would be cast is not read.
    case unreadable(tensor: String, type: String?)
    /// A tensor that the user keeps in a format is left in another one.
    case keptOtherwise(tensor: String, format: QuantizationFormat)
    /// A restriction of the user's is for layers that are never quantized.
    case quantizesNone(restriction: String)

    /// The end of a sentence.
    public var description: String {
        switch self {
        case .noColumn(let container, _):
            return "the table has no column for a format that plan quantize writes in a \(container)"
        case .refused(let error): return error.description
        case .format(let format, let container):
            let file = container.map { " in a \($0)" } ?? ""
            return "\(format) is a format that plan quantize does not write\(file)"
        case .castsNothing(let exclusions):
            return
                "plan quantize casts none of the model's tensors, only what has none of these: \(exclusions)"
        case .unreadable(let tensor, let type):
            return "plan quantize does not read \(type ?? "the type") of \(tensor.quoted)"
        case .keptOtherwise(let tensor, let format):
            return "plan quantize by itself leaves \(tensor.quoted) in another format than \(format)"
        case .quantizesNone(let restriction):
            return "plan quantize quantizes no layer that \(restriction) is for"
        }
    }

    /// Finds the first obstacle; nil where this program writes what is asked for.
    ///
    /// - Parameters:
    ///   - converter: The usual converter of what would be written, as it treats the model.
    ///   - container: What would be written.
    ///   - input: The model and the table.
    ///   - rules: What was asked for.
    /// - Throws: What grouping throws.
    init?(
        to converter: any Converter,
        _ container: ModelContainer,
        _ input: PlanningInput,
        _ rules: PlanningRules
    ) throws {
        let model = input.model
        let columns = input.table.formats.compactMap(QuantizationFormat.init(named:))
        guard columns.contains(where: converter.accepts) else {
            let isForMLX = columns.contains(where: QuantizationFormat.mlx.contains)
            self = .noColumn(of: container, other: isForMLX && model.isLanguageModelFromHub ? .folder : nil)
            return
        }
        do throws(RecipeError) {
            try converter.check(model.tensors)
        } catch {
            self = .refused(error)
            return
        }
        let named =
            (rules.formats ?? []) + rules.kept.compactMap(\.format)
            + rules.restrictions.compactMap(\.format)
        if let format = named.first(where: { !converter.accepts($0) }) {
            self = .format(format.name, of: container)
            return
        }
        let cast = model.tensors.filter { !converter.neverQuantizes($0) }
        if cast.isEmpty {
            self = .castsNothing(exclusions: converter.exclusions)
            return
        }
        let unreadable = cast.first {
            !ModelWriter.isReadable($0.elementType, allowsQuantizedSource: rules.allowsQuantizedSource)
        }
        if let unreadable {
            self = .unreadable(tensor: unreadable.name, type: unreadable.elementType?.name)
            return
        }
        guard let beyond = try Self.ruleBeyond(converter, input, rules) else { return nil }
        self = beyond
    }

    /// The first rule of the user that this program does not follow, as it leaves its tensors in a format of its own.
    private static func ruleBeyond(
        _ converter: any Converter,
        _ input: PlanningInput,
        _ rules: PlanningRules
    ) throws -> WritingObstacle? {
        let restrictions = rules.restrictions.filter { glob(of: $0) != nil }
        guard !restrictions.isEmpty || rules.kept.contains(where: { $0.format != nil }) else { return nil }
        let grouped = try input.table.layers(of: input.model, grouping: rules.grouping)
        // What is wrong with the rules themselves is said when the task is made.
        let asked = try? RestrictedTask.keeping(grouped, rules, source: input.model.sourceFormat).asked
        for tensor in input.model.tensors {
            guard let format = asked?[tensor.name]?.format,
                converter.keptFormat(for: tensor) ?? format != format
            else { continue }
            return .keptOtherwise(tensor: tensor.name, format: format)
        }
        let layers = grouped.layers
        for restriction in restrictions {
            let matched = layers.filter { glob(of: restriction)?.matches($0.name) ?? false }
            if !matched.isEmpty, matched.allSatisfy({ $0.tensors.allSatisfy(converter.neverQuantizes) }) {
                return .quantizesNone(restriction: restriction.description)
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
