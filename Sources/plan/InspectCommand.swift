import ArgumentParser
import Checkpoints
import OrderedJSON
import Reports
import Tensors

/// `plan inspect MODEL`: what is in a model file.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a model's tensors, parameters and sizes.",
        discussion: """
            Reads the header of a GGUF file (split files too), of safetensors (one file, a folder, or an index of shards) or an \
            inventory in JSON; never the weights, so that a file of 40 GB opens at once. Tensors whose names differ in numbers \
            only share a line. The sizes under one format count tensors of two dimensions and more in that format where its \
            block divides their rows, and the others as they are.

            EXAMPLES
              plan inspect flux1-dev.safetensors
              plan inspect model-00001-of-00003.gguf
              plan inspect flux1-dev --format json
            """
    )

    @Argument(help: "The model: a file, a folder, or the name of a built-in one.")
    var model: String

    @Option(help: "How it is written: text, json, csv or markdown; csv and markdown hold the tensors alone.")
    var format = OutputFormat.text

    /// Tensors whose names differ in numbers only.
    private struct Group {
        var name: String
        var shape: [Int]
        var type: String
        var count = 0
        var elements = 0
    }

    func run() throws {
        try translatingErrors {
            let model = try Model.named(model)
            switch format {
            case .text: try Console.print(try text(model))
            case .json: try Console.print(try json(model).text())
            case .csv, .markdown: try Console.print(try table(groups(of: model)).rendered(as: format))
            }
        }
    }

    private func text(_ model: Model) throws -> String {
        let bytes = model.fileByteCount.map { ", \(ByteSize($0).both)" } ?? ""
        let architecture = model.architecture.map { ", architecture \($0)" } ?? ""
        var text = """
            \(model.name): \(model.kind.rawValue)\(architecture), \(model.tensors.count) tensors, \
            \(ByteSize(model.parameters).grouped) parameters\(bytes)
            digest \(model.digest)


            """
        text += table(groups(of: model)).text(style: .standardOutput) + "\n"
        var sizes = Table(columns: [
            Table.Column("One format for all"), Table.Column("Size", .right), Table.Column("GiB", .right),
            Table.Column("Does not fit", .right),
        ])
        for (format, bytes, unfit) in uniformSizes(model) {
            sizes.append([
                Table.Cell(format.name), Table.Cell(ByteSize(bytes).decimal),
                Table.Cell(ByteSize(bytes).binary),
                unfit == 0 ? "" : Table.Cell("\(unfit) tensors"),
            ])
        }
        return text + sizes.text(style: .standardOutput)
    }

    private func json(_ model: Model) -> JSONValue {
        [
            "name": .string(model.name),
            "kind": .string(model.kind.rawValue),
            "architecture": model.architecture.map(JSONValue.string) ?? .null,
            "parameters": .integer(model.parameters),
            "fileBytes": model.fileByteCount.map(JSONValue.integer) ?? .null,
            "digest": .string(model.digest),
            "groups": table(groups(of: model)).jsonValue,
            "uniformBytes": .object(
                uniformSizes(model).map { .init(key: $0.format.name, value: .integer($0.bytes)) }
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

    private func table(_ groups: [Group]) -> Table {
        var table = Table(columns: [
            Table.Column("Tensors", key: "tensors"), Table.Column("Count", .right, key: "count"),
            Table.Column("Shape", key: "shape"), Table.Column("Type", key: "type"),
            Table.Column("Parameters", .right, key: "parameters"),
        ])
        for group in groups {
            table.append([
                Table.Cell(group.name), .integer(group.count),
                Table.Cell(group.shape.map(String.init).joined(separator: " x ")), Table.Cell(group.type),
                Table.Cell(ByteSize(group.elements).grouped, value: .integer(group.elements)),
            ])
        }
        return table
    }

    private func groups(of model: Model) -> [Group] {
        var groups: [Group] = []
        var places: [String: Int] = [:]
        for tensor in model.tensors {
            let name = Self.withoutNumbers(tensor.name)
            let type = tensor.elementType?.name ?? "not said"
            let key = "\(name)\u{0}\(tensor.shape)\u{0}\(type)"
            let place = places[key] ?? groups.count
            if place == groups.count {
                places[key] = place
                groups.append(Group(name: name, shape: tensor.shape, type: type))
            }
            groups[place].count += 1
            groups[place].elements += tensor.elementCount
        }
        return groups
    }

    /// A name with an asterisk for every number that stands between dots.
    private static func withoutNumbers(_ name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false)
            .map { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } ? "*" : String($0) }
            .joined(separator: ".")
    }

    /// The tensor data under each format, with the tensors that it does not fit.
    private func uniformSizes(_ model: Model) -> [(format: QuantizationFormat, bytes: Int, unfit: Int)] {
        QuantizationFormat.all.filter(\.isWeightFormat).sorted { $0.bitsPerWeight < $1.bitsPerWeight }.map {
            format in
            var bytes = 0
            var unfit = 0
            for tensor in model.tensors {
                let own = tensor.elementType ?? .bf16
                if tensor.dimensionCount < 2 {
                    bytes += (tensor.elementType ?? .f32).byteCount(of: tensor) ?? 0
                } else if let size = format.byteCount(of: tensor) {
                    bytes += size
                } else {
                    unfit += 1
                    bytes += own.byteCount(of: tensor) ?? 0
                }
            }
            return (format, bytes, unfit)
        }
    }
}
