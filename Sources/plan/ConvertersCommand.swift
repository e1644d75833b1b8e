import ArgumentParser
import Converters
import Recipes
import Reports
import Tensors

/// `plan converters`: the converters that are known.
struct ConvertersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "converters",
        abstract: "Lists the converters that a recipe can be exported for.",
        discussion: """
            Granularity is what a converter can give a format of its own: each tensor, each stream of a block, each whole block, \
            or each linear module. Size says how exactly plan can know the file's size in advance, at best: to the byte, for the \
            tensors' data but not for the header, or approximately. For llama-quantize and ik_llama.cpp it is exact \
            if the model is a GGUF file and no format needs an importance matrix.

            EXAMPLES
              plan converters
              plan converters --format json
            """
    )

    @Option(help: "How the table is written.")
    var format = OutputFormat.text

    func run() throws {
        var columns = [
            Table.Column("Converter", key: "converter"), Table.Column("Granularity", key: "granularity"),
            Table.Column("Formats", key: "formats"), Table.Column("Size", key: "size"),
            Table.Column("File", key: "file"),
        ]
        if format != .text {
            // A terminal is too narrow for sentences beside the rest.
            columns += [
                Table.Column("Writes", key: "summary"),
                Table.Column("Never quantizes", key: "neverQuantizes"),
            ]
        }
        var table = Table(columns: columns)
        for converter in Converters.all {
            var row = [
                Table.Cell(converter.name), Table.Cell(converter.granularity.rawValue),
                formats(of: converter),
                size(of: converter), Table.Cell(converter.fileName),
            ]
            if format != .text {
                row += [Table.Cell(converter.summary), Table.Cell(converter.exclusions)]
            }
            table.append(row)
        }
        try Console.print(try table.rendered(as: format, style: .standardOutput), as: format.kind)
    }

    /// The formats' names, or for a person how many there are where they are too many to read.
    private func formats(of converter: any Converter) -> Table.Cell {
        let formats = converter.formats.map(\.format)
        let names = Table.Cell.Value.string(formats.map(\.name).joined(separator: " "))
        let sorted = formats.sorted { $0.bitsPerWeight < $1.bitsPerWeight }
        guard formats.count > 5, let smallest = sorted.first, let largest = sorted.last else {
            return Table.Cell(formats.map(\.name).joined(separator: ", "), value: names)
        }
        return Table.Cell("\(formats.count), from \(smallest) to \(largest)", value: names)
    }

    private func size(of converter: any Converter) -> Table.Cell {
        let text =
            switch converter.sizeAccuracy {
            case .exact: "exact"
            case .tensorData: "exact but for the header"
            case .approximate: "approximate"
            }
        return Table.Cell(text, value: .string(converter.sizeAccuracy.rawValue))
    }
}
