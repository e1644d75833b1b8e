import Checkpoints
import Estimation
import Reports
import Tensors
import Text

/// A model's layers under a grouping, which are what an impact table of that grouping has to name, and their sizes in some formats.
struct LayerList {
    private let model: Model
    private let formats: [QuantizationFormat]
    private let name: String
    /// What the layers are.
    private let purpose: String
    private let layered: LayeredModel
    /// Other built-in groupings that would do.
    private let others: [String]

    /// Groups a model's tensors.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: A built-in grouping's name or a file; nil for the one that `plan estimate` takes.
    ///   - formats: The formats whose sizes are shown.
    /// - Throws: `TensorError`.
    init(_ model: Model, grouping: String?, formats: [QuantizationFormat]) throws(TensorError) {
        self.model = model
        self.formats = formats
        if let grouping {
            let named = try LayerGrouping.named(grouping, for: model.tensors)
            name = named.name
            purpose = named.purpose
            layered = try named.grouped(model.tensors).keepingIntegers(sourceFormat: model.sourceFormat)
            others = []
            return
        }
        let fitting = try LayerGrouping.fitting(model.tensors).filter { !$0.model.layers.isEmpty }
        // Names that a table of this program's own has can be typed in patterns, and looked up here.
        let estimated = LayerGrouping.estimated.lazy.compactMap { own in
            fitting.first { $0.grouping.name == own.name }
        }.first
        guard let chosen = estimated ?? fitting.first else {
            throw .uncoveredTensors([], grouping: "built-in")
        }
        name = chosen.grouping.name
        purpose = chosen.grouping.purpose
        layered = try chosen.model.keepingIntegers(sourceFormat: model.sourceFormat)
        others = fitting.map(\.grouping.name).filter { $0 != chosen.grouping.name }
    }

    /// A line for each layer.
    var table: Table {
        var table = Table(
            columns: [
                Table.Column("Layer", key: "layer"), Table.Column("Tensors", .right, key: "tensors"),
                Table.Column("Parameters", .right, key: "parameters"),
            ] + formats.map { Table.Column($0.name, .right) }
        )
        for layer in layered.layers {
            table.append(
                [
                    Table.Cell(layer.name), .integer(layer.tensors.count),
                    Table.Cell(ByteSize(layer.elementCount).grouped, value: .integer(layer.elementCount)),
                ]
                    + formats.map { format in
                        layer.byteCount(in: format).map {
                            Table.Cell(ByteSize($0).decimal, value: .integer($0))
                        } ?? .empty
                    }
            )
        }
        return table
    }

    /// The table with what it belongs to above and what is kept below.
    var text: String {
        let kept = layered.kept
        let bytes = kept.reduce(0) { $0 + $1.bytes }
        let keptFormats = Set(kept.map(\.format.name)).sorted().joined(separator: ", ")
        var text = TerminalStyle.standardOutput.fitted(
            """
            \(model.name), grouping \(name.quoted): \(layered.layers.count.of("layer")), named as a table of this grouping names them
            \(purpose.isEmpty ? "" : "(\(purpose))\n")
            """
        )
        text += "\n" + table.text(style: .standardOutput)
        if !kept.isEmpty {
            text +=
                "\nKept in every plan: \(kept.count.of("tensor")) as \(keptFormats), \(ByteSize(bytes).decimal)\n"
        }
        if !others.isEmpty {
            let names = others.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: ", ")
            text += TerminalStyle.standardOutput.fitted(
                "\nOther groupings that know all its tensors: \(names) (--grouping)\n"
            )
        }
        return text
    }
}
