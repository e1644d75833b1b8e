import Tensors

/// The formats of a table whose blocks do not divide the rows of layers, with the rows.
public struct UnfitRows: Hashable, Sendable {
    /// What needs which rows, and which layers have others, in a sentence.
    public let sentence: String

    /// Describes them, or is nil where every format fits every layer.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - format: A format to describe alone; nil for all.
    public init?(_ task: PlanningTask, format: String? = nil) {
        var layers: [Int: (formats: [String], layers: Set<String>)] = [:]
        for unfit in task.unfitFormats where format == nil || unfit.format == format {
            guard let block = QuantizationFormat(named: unfit.format)?.blockElements else { continue }
            var entry = layers[block] ?? ([], [])
            if !entry.formats.contains(unfit.format) { entry.formats.append(unfit.format) }
            entry.layers.insert(unfit.layer)
            layers[block] = entry
        }
        guard !layers.isEmpty else { return nil }
        let count = task.model.layers.count
        sentence = layers.sorted { $0.key > $1.key }.map { block, entry in
            var rows: [Int: Int] = [:]
            for layer in task.model.layers where entry.layers.contains(layer.name) {
                for row in layer.rowLengths where !row.isMultiple(of: block) { rows[row, default: 0] += 1 }
            }
            let most = rows.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map { "\($0.key)" }
            let lengths = most.joined(separator: ", ") + (rows.count > 3 ? " and others" : "")
            return """
                \(Self.list(entry.formats)) \(entry.formats.count == 1 ? "needs" : "need") rows of \(block); \
                \(entry.layers.count) of \(count) layers have \(lengths)
                """
        }.joined(separator: "; ")
    }

    private static func list(_ names: [String]) -> String {
        names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}
