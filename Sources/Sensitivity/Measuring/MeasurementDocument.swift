import Text
import Tensors

/// What was measured of a model as JSON: the tables for a reader, and the moments behind them for going on later.
///
/// ```json
/// {
///   "version": 1,
///   "model": "flux1-dev",
///   "layerCount": 57,
///   "joinLayer": 19,
///   "perturbation": 0.01,
///   "formats": ["Q4_1"],
///   "states": [
///     {"before": 0, "stream": "img", "sensitivity": 33.1, "spread": 3.8, "meanSquare": 0.24, "relativeSensitivity": 67.8,
///      "samples": [8, 33.1, 803.5], "draws": [32, 33.1, 4100.2], "meanSquares": [8, 0.24, 0.01]}
///   ],
///   "casts": [{"layer": 0, "stream": "img", "format": "Q4_1", "losses": [8, 0.001, 1e-08], "infinite": 0}],
///   "kind": "amplitude", "unit": "S·sqrt(L/R)", "method": null, "importance": null,
///   "layers": {"layer00.img": {"Q4_1": 0.46}},
///   "captures": [{"digest": "fnv1a64:…", "samples": [0, 1], "entries": 0}],
///   "entries": [["end_loss.0.img"]]
/// }
/// ```
///
/// 1. `states` has Tables 1 and 2; what was not measured is `null`. `samples`, `draws` and `meanSquares` are the moments
///    behind them: the number of values, their mean, and the sum of their squared distances from it.
/// 2. `casts` has the losses behind Table 3, as moments; `infinite` counts the samples that a cast ruined.
/// 3. `layers` is Table 3 as ``ImpactTableReader`` reads it, `"inf"` and `null` forbidding a format, and before it stands what
///    its cells are, see ``ImpactMeaning``; without casts they are missing.
/// 4. `captures` says what is in it, so that a capture is not added twice; its `entries` is the place of a list in the
///    whole's `entries`.
///
/// `sensitivity` to `relativeSensitivity` and `layers` follow from the rest; only a table of impacts is read from them.
public enum MeasurementDocument {
    static let version = 1

    /// Writes what was measured, the same input giving the same bytes.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``, as ``StackMeasurement/tables(named:)``.
    public static func text(_ merge: StateMerge) throws(SensitivityError) -> String {
        let measurement = merge.measurement
        let tables = try measurement.tables(named: merge.model)
        var members: [JSONValue.Member] = [
            .init(key: "version", value: .integer(version)),
            .init(key: "model", value: .string(merge.model)),
            .init(key: "layerCount", value: .integer(measurement.shape.layerCount)),
            .init(key: "joinLayer", value: measurement.shape.joinLayer.map { .integer($0) } ?? .null),
            .init(key: "perturbation", value: .number(measurement.perturbation)),
            .init(key: "formats", value: .array(measurement.formats.map { .string($0) })),
            .init(key: "states", value: .array(tables.rows.map { state($0, measurement) })),
            .init(key: "casts", value: .array(measurement.casts.sorted { $0.key < $1.key }.map(cast))),
        ]
        if let impacts = tables.impacts {
            members += impacts.meaning.jsonMembers
            members.append(.init(key: "layers", value: layers(impacts)))
        }
        members += captures(merge.sources.list)
        do {
            return try JSONValue.object(members).text()
        } catch {
            throw .unusableMeasurement("a measured value is not finite: measure it anew")
        }
    }

    private static func state(_ row: MeasuredTables.Row, _ measurement: StackMeasurement) -> JSONValue {
        let record = measurement.states[row.state] ?? .init()
        return .object([
            .init(key: "before", value: .integer(row.state.layer)),
            .init(key: "stream", value: .string(row.state.stream.rawValue)),
            .init(key: "sensitivity", value: number(row.sensitivity?.mean)),
            .init(key: "spread", value: number(row.sensitivity?.spread)),
            .init(key: "meanSquare", value: number(row.meanSquare)),
            .init(key: "relativeSensitivity", value: number(row.relativeSensitivity)),
            .init(key: "samples", value: moments(record.samples)),
            .init(key: "draws", value: moments(record.draws)),
            .init(key: "meanSquares", value: moments(record.meanSquares)),
        ])
    }

    private static func cast(_ cast: StackMeasurement.Cast, _ record: CastRecord)
        -> JSONValue
    {
        .object([
            .init(key: "layer", value: .integer(cast.layer)),
            .init(key: "stream", value: .string(cast.stream.rawValue)),
            .init(key: "format", value: .string(cast.format)),
            .init(key: "losses", value: moments(record.losses)),
            .init(key: "infinite", value: .integer(record.infiniteCount)),
        ])
    }

    private static func layers(_ table: ImpactTable) -> JSONValue {
        .object(
            zip(table.layers, table.cells).map { layer, row in
                JSONValue.Member(
                    key: layer,
                    value: .object(
                        zip(table.formats, row).map { format, cell in
                            let value: JSONValue =
                                switch cell {
                                case .impact(let impact): .number(impact)
                                case .forbidden(.infinite): .string("inf")
                                case .forbidden(.blank): .null
                                }
                            return JSONValue.Member(key: format, value: value)
                        }
                    )
                )
            }
        )
    }

    static func captures(_ sources: [CaptureSources.Source]) -> [JSONValue.Member] {
        var places: [[String]: Int] = [:]
        var lists: [[String]] = []
        var captures: [JSONValue] = []
        for source in sources {
            let place = places[source.entries] ?? lists.count
            if place == lists.count {
                places[source.entries] = place
                lists.append(source.entries)
            }
            captures.append(
                .object([
                    .init(key: "digest", value: .string(source.digest)),
                    .init(key: "samples", value: .array(source.samples.map { .integer($0) })),
                    .init(key: "entries", value: .integer(place)),
                ])
            )
        }
        return [
            .init(key: "captures", value: .array(captures)),
            .init(key: "entries", value: .array(lists.map { .array($0.map { .string($0) }) })),
        ]
    }

    static func moments(_ moments: RunningMoments) -> JSONValue {
        [.integer(moments.count), .number(moments.mean), .number(moments.squares)]
    }

    static func number(_ number: Double?) -> JSONValue {
        number.map { .number($0) } ?? .null
    }
}
