public import BitAllocation
public import Runtimes
public import Sensitivity
public import Text
import Tensors

/// The curve of speed against least impact on several devices, for a person and for programs.
public struct SpeedFrontier: Sendable {
    private let rows: [SpeedComparison.Row]
    private let devices: [Device]
    private let modelName: String
    private let parameters: Int
    private let combination: ImpactCombination
    private let table: ImpactTable

    /// Creates a curve.
    ///
    /// - Parameters:
    ///   - rows: A plan of least impact for each floor on the speed, from the slowest.
    ///   - devices: The devices, in the order of the rows' weights.
    ///   - modelName: The model's name.
    ///   - parameters: The model's parameters.
    ///   - combination: How impacts combine.
    ///   - table: The table whose impacts they are.
    public init(
        _ rows: [SpeedComparison.Row],
        on devices: [Device],
        modelName: String,
        parameters: Int,
        combination: ImpactCombination,
        table: ImpactTable
    ) {
        self.rows = rows
        self.devices = devices
        self.modelName = modelName
        self.parameters = parameters
        self.combination = combination
        self.table = table
    }

    /// A row per speed.
    public func pointTable() -> Table {
        SpeedComparison(rows, on: devices.map(\.name), parameters: parameters).table()
    }

    /// Everything as JSON: the model, the table, the devices, and a row per speed.
    public var jsonValue: JSONValue {
        [
            "model": .string(modelName),
            "impacts": table.reference,
            "combine": .string(combination.rawValue),
            "devices": .array(
                devices.map { device in
                    [
                        "name": .string(device.name),
                        "bytes": .integer(device.bytes),
                        "bandwidth": device.bandwidth.map { JSONValue.number($0) } ?? .null,
                    ]
                }
            ),
            "speeds": pointTable().jsonValue,
        ]
    }

    /// Everything for a terminal, or for a document where `markdown` is asked for.
    public func text(style: TerminalStyle = .plain, markdown: Bool = false) -> String {
        func plain(_ line: String) -> String {
            style.fitted(markdown ? Table.escapedForMarkdown(line) : line)
        }
        let places = devices.map { device in
            "\(device.name.visible) of \(ByteSize(device.bytes).binary)"
        }
        let points = pointTable()
        return [
            plain(
                "\(modelName.visible) on \(places.joined(separator: " and ")): the least impact at each speed, "
                    + "from the slowest that helps to the fastest"
            ),
            plain("Table   \(TableLine(table, combination: combination).text)"),
            markdown ? points.markdown() : points.text(style: style),
        ].joined(separator: "\n\n")
    }
}
