/// The arguments that a recipe's generator recorded, read for what they say beyond the plan.
///
/// A recipe has members for what was planned. How its table was read, and what the finished file is to hold besides tensors, it says
/// only in the words by which it was asked for; this is the one place that reads them.
public struct RecordedArguments: Hashable, Sendable {
    private let words: [String]

    /// Reads the arguments of a generator.
    init(_ generator: Recipe.Generator) {
        words = generator.arguments
    }

    /// Whether the recipe's size counts that the finished file records the recipe's digest.
    public var countsRecord: Bool { words.contains("--record") }
    /// Whether the recipe's size is that of a model that stays split over several files.
    public var keepsSplit: Bool { words.contains("--keep-split") }
    /// Whether the plan was made for a model that is quantized already.
    public var allowsQuantizedSource: Bool { words.contains("--allow-requantize") }
    /// Whether layers were given formats, which those may be without that the table does not know.
    public var givesFormats: Bool { words.contains("--pin") }
    /// Whether the plan is the robust one, with a table of its own.
    public var isRobust: Bool { value(of: "--choose") == "robust" }
    /// The model that was named, or nil for the one that is planned without a word.
    public var model: String? { value(of: "--model") }
    /// The path of the importance matrix that the plan was given, or nil.
    public var importancePath: String? { value(of: "--imatrix") }
    /// The grouping of tensors into layers that was named, or nil.
    public var grouping: String? { value(of: "--grouping") }
    /// The format that a table with unnamed columns was measured with in its low column, or nil.
    public var lowFormat: String? { value(of: "--low-format") }
    /// The format that a table with unnamed columns was measured with in its high column, or nil.
    public var highFormat: String? { value(of: "--high-format") }

    /// The word behind an option; nil where the option is not there.
    private func value(of option: String) -> String? {
        guard let place = words.firstIndex(of: option) else { return nil }
        return words.dropFirst(place + 1).first
    }
}

extension Recipe {
    /// What the arguments say that the recipe was planned with.
    public var recorded: RecordedArguments { RecordedArguments(generator) }
}
