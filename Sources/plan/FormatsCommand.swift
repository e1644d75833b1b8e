import ArgumentParser
import Reports
import Tensors

/// `plan formats`: the formats that are known.
struct FormatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "formats",
        abstract: "Lists the quantization formats, with block and bits per weight.",
        discussion: """
            A format fits a tensor only if its block divides the tensor's row. Formats without a GGUF type cannot stand in \
            a GGUF file.

            EXAMPLES
              plan formats
              plan formats --format json
            """
    )

    @Option(help: "How the table is written.")
    var format = OutputFormat.text

    func run() throws {
        var table = Table(columns: [
            Table.Column("Format", key: "format"), Table.Column("bpw", .right, key: "bitsPerWeight"),
            Table.Column("Block", .right, key: "blockElements"),
            Table.Column("Bytes", .right, key: "blockBytes"),
            Table.Column("GGUF type", .right, key: "ggufType"),
            Table.Column("Importance matrix", key: "needsImportanceMatrix"),
        ])
        let known = (QuantizationFormat.all + QuantizationFormat.scaled + QuantizationFormat.mlx).filter(
            \.isWeightFormat
        ).sorted {
            $0.bitsPerWeight != $1.bitsPerWeight ? $0.bitsPerWeight < $1.bitsPerWeight : $0.name < $1.name
        }
        for format in known {
            table.append([
                Table.Cell(format.name),
                .number(format.bitsPerWeight), .integer(format.blockElements), .integer(format.blockBytes),
                format.ggufTypeID.map { .integer(Int($0)) } ?? Table.Cell("none", value: .null),
                Table.Cell(
                    format.needsImportanceMatrix ? "needed" : "",
                    value: .boolean(format.needsImportanceMatrix)
                ),
            ])
        }
        try Console.print(try table.rendered(as: format, style: .standardOutput), as: format.kind)
    }
}
