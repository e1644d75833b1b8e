public import Tensors

/// The formats of a table whose blocks do not divide the rows of layers, with the rows.
public struct UnfitRows: Hashable, Sendable {
    /// What needs which rows, and which layers have others, in a sentence.
    public let sentence: String
    /// Whether all of the rows are whole blocks of 32, as most formats of 4 bits and more need.
    public let areOfSmallBlocks: Bool

    /// Describes them, or is nil where every format fits every layer.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - format: The name of a format to describe alone; nil for all.
    public init?(_ task: PlanningTask, format: String? = nil) {
        var formats: [QuantizationFormat] = []
        for unfit in task.unfitFormats where format == nil || unfit.format == format {
            guard let unfit = QuantizationFormat(named: unfit.format), !formats.contains(unfit) else {
                continue
            }
            formats.append(unfit)
        }
        self.init(task.model.layers, formats: formats)
    }

    /// Describes those of some layers and formats, or is nil where every format fits every layer.
    public init?(_ layers: [ModelLayer], formats: [QuantizationFormat]) {
        let unfit = Dictionary(grouping: formats, by: \.blockElements)
            .compactMap { block, formats -> (block: Int, text: String, rows: Set<Int>)? in
                let found = layers.map { $0.rowLengths.filter { !$0.isMultiple(of: block) } }.filter {
                    !$0.isEmpty
                }
                guard !found.isEmpty else { return nil }
                let lengths = Dictionary(found.joined().map { ($0, 1) }, uniquingKeysWith: +)
                let text = """
                    \(Self.list(formats.map(\.name))) \(formats.count == 1 ? "needs" : "need") rows of \(block); \
                    \(found.count) of \(layers.count) layers \(found.count == 1 ? "has" : "have") \(Self.list(lengths))
                    """
                return (block, text, Set(lengths.keys))
            }
            .sorted { $0.block > $1.block }
        guard !unfit.isEmpty else { return nil }
        sentence = unfit.map(\.text).joined(separator: "; ")
        areOfSmallBlocks = unfit.allSatisfy { $0.rows.allSatisfy { $0.isMultiple(of: 32) } }
    }

    /// The three lengths that most rows have.
    private static func list(_ lengths: [Int: Int]) -> String {
        let most = lengths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map { "\($0.key)" }
        return most.joined(separator: ", ") + (lengths.count > 3 ? " and others" : "")
    }

    private static func list(_ names: [String]) -> String {
        names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}
