import ArgumentParser
import Checkpoints
import Planning
import Text
import Reports
import Runtimes
import Tensors

/// `plan inspect MODEL`: what is in a model file.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a model's tensors, parameters and sizes.",
        discussion: """
            Reads the header of a GGUF file (split files too), of safetensors (one file, a folder, or an index of shards) or an \
            inventory in JSON; never the weights, so a file of 40 GB opens at once. Tensors whose names differ only in running \
            numbers, such as the block's, share a line. The sizes under one format count tensors of two dimensions and more in that format if its \
            block divides their rows, and all others as they are.

            With --card, it shows how much memory a card leaves for weights, and what takes the rest. With --layers, it lists the \
            layers under the names that plan estimate gives them, with their sizes; for a table with other layers, name its \
            grouping (--grouping). A size is left out where the format's block does not divide the rows.

            EXAMPLES
              plan inspect flux1-dev.safetensors
              plan inspect model-00001-of-00003.gguf
              plan inspect flux1-dev --format json
              plan inspect flux1-dev --layers
              plan inspect qwen3-30b-a3b --card 24GiB --context 32k --kv q8_0
              plan inspect qwen3-30b-a3b --card 24GiB --context 32k --ubatch 2048
              plan inspect qwen3-30b-a3b --card 24GiB --kv-unified --swa-full
              plan inspect model.gguf --layers --grouping 'per tensor' --formats Q4_K,Q6_K
            """
    )

    @Argument(help: "The model: a file, a folder, or the name of a built-in one.")
    var model: String

    @Flag(help: "Lists the layers, whose tensors take one format together, instead of the tensors.")
    var layers = false

    @OptionGroup(title: "CARD")
    var cardOptions: CardOptions

    @Option(
        help: ArgumentHelp(
            """
            How tensors make up layers, for --layers: \(LayerGrouping.builtIns.map(\.name).joined(separator: ", ")), or a file \
            of rules. By default the one that plan estimate takes.
            """,
            valueName: "grouping"
        )
    )
    var grouping: String?

    @Option(
        help: ArgumentHelp("The formats whose sizes --layers shows, separated by commas.", valueName: "list")
    )
    var formats = "Q4_0,Q5_1,Q6_K,Q8_0,BF16"

    @Option(
        help: "How the result is written; csv and markdown have only the table."
    )
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            guard layers || grouping == nil else {
                throw Failure(code: Failure.usage, message: "--grouping goes with --layers; add it")
            }
            try cardOptions.check(runtimeStandsAlone: false, takesDevices: false)
            guard !layers || cardOptions.card == nil else {
                throw Failure(
                    code: Failure.usage,
                    message: "--layers and --card show different things; leave one out"
                )
            }
            let request = try cardOptions.request()
            let named = try Model.named(model, allowsNone: !layers && request == nil)
            // What is planned; only what the file has is shown as the file has it.
            let model = named.multipliedOut
            if let request {
                let card = CardTable(try request.memory(for: model))
                for note in request.notes(for: model) { Console.note(note) }
                return try Console.print(
                    format == .text ? card.text(width: Console.width) : card.table.rendered(as: format),
                    as: format.kind
                )
            }
            if layers {
                if let packed = model.foreignWeight {
                    throw PlanningError.quantizedAlready(packed, isReadable: false)
                }
                let formats = try QuantizationFormat.list(formats)
                // The layers are those that plan estimate makes a table of.
                let list = try LayerList(model.planned(for: nil), grouping: grouping, formats: formats)
                return try Console.print(
                    format == .text ? list.text : list.table.rendered(as: format),
                    as: format.kind
                )
            }
            switch format {
            case .text: try Console.print(text(named, planned: model))
            case .json: try Console.print(try json(named, planned: model).text(), as: .json)
            case .csv, .markdown: try Console.print(try table(named, planned: model).rendered(as: format))
            }
        }
    }

    private func text(_ model: Model, planned: Model) -> String {
        let bytes = model.fileByteCount.map { ", \(ByteSize($0).both)" } ?? ""
        let architecture = model.architecture.map { ", architecture \($0.visible)" } ?? ""
        var text = TerminalStyle.standardOutput.fitted(
            """
            \(model.name.visible): \(model.kind.rawValue)\(architecture), \(model.tensors.count.of("tensor")), \
            \(ByteSize(model.parameters).grouped) parameters\(bytes)
            digest \(model.digest)


            """
        )
        guard !model.tensors.isEmpty else {
            let keys = model.metadata.map(\.key).listed(atMost: 5, quoted: false)
            let count =
                model.metadata.count == 1 ? "1 metadata entry" : "\(model.metadata.count) metadata entries"
            return text
                + TerminalStyle.standardOutput.fitted(
                    keys.isEmpty
                        ? "No metadata\n" : "\(count): \(keys)\n"
                )
        }
        text += table(model, planned: planned).text(style: .standardOutput) + "\n"
        if let packed = planned.foreignWeight {
            // No format can be made of such a model.
            let error = PlanningError.quantizedAlready(packed, isReadable: false)
            return text + TerminalStyle.standardOutput.fitted("Nothing is planned for it: \(error)\n")
        }
        var sizes = Table(columns: [
            Table.Column("One format for all"), Table.Column("Size", .right), Table.Column("GiB", .right),
            Table.Column("Does not fit", .right),
        ])
        for (format, bytes, unfit) in uniformSizes(TensorFamily.families(of: planned)) {
            sizes.append([
                Table.Cell(format.name), Table.Cell(ByteSize(bytes).decimal),
                Table.Cell(ByteSize(bytes).binary),
                unfit == 0 ? "" : Table.Cell(unfit.of("tensor")),
            ])
        }
        return text + sizes.text(style: .standardOutput)
    }

    private func json(_ model: Model, planned: Model) -> JSONValue {
        let packed = planned.foreignWeight
        let sizes = packed == nil ? uniformSizes(TensorFamily.families(of: planned)) : []
        return [
            "name": .string(model.name),
            "kind": .string(model.kind.rawValue),
            "architecture": model.architecture.map(JSONValue.string) ?? .null,
            "parameters": .integer(model.parameters),
            "fileBytes": model.fileByteCount.map(JSONValue.integer) ?? .null,
            "digest": .string(model.digest),
            "packed": packed.map { .string("\($0)") } ?? .null,
            "groups": table(model, planned: planned).jsonValue,
            "uniformBytes": .object(
                sizes.map { .init(key: $0.format.name, value: .integer($0.bytes)) }
            ),
            "tensors": .array(
                model.tensors.map {
                    [
                        "name": .string($0.name), "shape": .array($0.shape.map(JSONValue.integer)),
                        "type": $0.elementType.map { .string($0.name) } ?? .null,
                    ]
                }
            ),
        ]
    }

    /// The model's tensors as its files have them, and which of them are multiplied out where they are planned.
    private func table(_ model: Model, planned: Model) -> Table {
        let types = planned.fileFormats
        var table = Table(columns: [
            Table.Column("Tensors", key: "tensors"), Table.Column("Count", .right, key: "count"),
            Table.Column("Shape", key: "shape"), Table.Column("Type", key: "type"),
            Table.Column("Parameters", .right, key: "parameters"),
        ])
        let own = Dictionary(uniqueKeysWithValues: planned.tensors.map { ($0.name, $0.elementType) })
        for family in TensorFamily.families(of: model) {
            let name = family.example.name
            let isScaled = own[name].map { $0 != types[name] } ?? false
            table.append([
                Table.Cell(family.name), .integer(family.count),
                Table.Cell(family.shape.map(String.init).joined(separator: " x ")),
                Table.Cell((family.type?.name ?? "not said") + (isScaled ? " with scales" : "")),
                Table.Cell(ByteSize(family.elementCount).grouped, value: .integer(family.elementCount)),
            ])
        }
        return table
    }

    /// The tensor data under each format, with the tensors that it does not fit.
    private func uniformSizes(
        _ families: [TensorFamily]
    ) -> [(format: QuantizationFormat, bytes: Int, unfit: Int)] {
        QuantizationFormat.all.filter(\.isWeightFormat).sorted { $0.bitsPerWeight < $1.bitsPerWeight }.map {
            format in
            var bytes = 0
            var unfit = 0
            for family in families {
                let tensor = family.example
                if tensor.dimensionCount < 2 {
                    bytes += family.count * ((family.type ?? .f32).byteCount(of: tensor) ?? 0)
                } else if let size = format.byteCount(of: tensor) {
                    bytes += family.count * size
                } else {
                    unfit += family.count
                    bytes += family.count * ((family.type ?? .bf16).byteCount(of: tensor) ?? 0)
                }
            }
            return (format, bytes, unfit)
        }
    }
}
