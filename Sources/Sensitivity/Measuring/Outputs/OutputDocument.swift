import Text

/// What was measured of a model's outputs as JSON: the table for a reader, and the moments behind it for going on later.
///
/// ```json
/// {
///   "version": 2,
///   "model": "smollm2",
///   "loss": "KL divergence, nats per token",
///   "perturbations": [0.1, 0.4],
///   "exponent": 1.98, "exponentSpread": 0.05, "exponentLayers": 210,
///   "formats": ["Q4_0"],
///   "outputs": [
///     {"layer": "blk.0.attn_q.weight", "losses": [[8, 0.001, 1e-07], [8, 0.016, 2e-05]], "meanSquares": [8, 0.24, 0.01]}
///   ],
///   "casts": [{"layer": "blk.0.attn_q.weight", "format": "Q4_0", "losses": [8, 0.001, 1e-08], "infinite": 0}],
///   "kind": "loss", "unit": "KL divergence, nats per token", "method": "…", "importance": null,
///   "impacts": [{"layer": "blk.0.attn_q.weight", "format": "Q4_0", "impact": 0.0007, "standardError": 0.0001}],
///   "captures": [{"digest": "fnv1a64:…", "samples": [0, 1], "entries": 0}],
///   "entries": [["end_loss.blk.0.attn_q.weight"]]
/// }
/// ```
///
/// 1. `outputs` has the moments per layer: the number of values, their mean, and the sum of their squared distances from it, of the losses at the
///    end per perturbation, and of the mean square.
/// 2. `casts` has the losses of casts in the output, as moments; `infinite` counts the samples that a cast ruined.
/// 3. `impacts` is the table as ``ImpactTableReader`` reads it; without casts it is empty. `exponent` is `null` where it is assumed.
/// 4. `captures` and `entries` are as in ``MeasurementDocument``.
public enum OutputDocument {
    static let version = 2

    /// Writes what was measured, the same input giving the same bytes.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``, as ``OutputMeasurement/table(named:)``.
    public static func text(_ merge: OutputMerge) throws(SensitivityError) -> String {
        let measurement = merge.measurement
        let exponent = try measurement.exponent()
        let table = try measurement.table(named: merge.model)
        var members: [JSONValue.Member] = [
            .init(key: "version", value: .integer(version)),
            .init(key: "model", value: .string(merge.model)),
            .init(key: "loss", value: measurement.unit.map { .string($0) } ?? .null),
            .init(key: "perturbations", value: .array(measurement.perturbations.map { .number($0) })),
            .init(key: "exponent", value: MeasurementDocument.number(exponent?.value)),
            .init(key: "exponentSpread", value: MeasurementDocument.number(exponent?.spread)),
            .init(key: "exponentLayers", value: exponent.map { .integer($0.layerCount) } ?? .null),
            .init(key: "formats", value: .array(measurement.formats.map { .string($0) })),
            .init(key: "outputs", value: .array(measurement.layers.map { output($0, measurement) })),
            .init(key: "casts", value: .array(casts(measurement))),
        ]
        if let table {
            members += table.meaning.jsonMembers
            members.append(.init(key: "impacts", value: .array(impacts(table))))
        }
        members += MeasurementDocument.captures(merge.sources.list)
        do {
            return try JSONValue.object(members).text()
        } catch {
            throw .unusableMeasurement("a measured value is not finite: measure it anew")
        }
    }

    private static func output(_ layer: String, _ measurement: OutputMeasurement) -> JSONValue {
        let output = measurement.outputs[layer]
        return .object([
            .init(key: "layer", value: .string(layer)),
            .init(key: "losses", value: .array(output?.losses.map(MeasurementDocument.moments) ?? [])),
            .init(
                key: "meanSquares",
                value: MeasurementDocument.moments(output?.meanSquares ?? RunningMoments())
            ),
        ])
    }

    private static func casts(_ measurement: OutputMeasurement) -> [JSONValue] {
        measurement.layers.flatMap { layer in
            measurement.formats.compactMap { format -> JSONValue? in
                let cast = OutputMeasurement.Cast(layer: layer, format: format)
                return measurement.casts[cast].map { record in
                    .object([
                        .init(key: "layer", value: .string(layer)),
                        .init(key: "format", value: .string(format)),
                        .init(key: "losses", value: MeasurementDocument.moments(record.losses)),
                        .init(key: "infinite", value: .integer(record.infiniteCount)),
                    ])
                }
            }
        }
    }

    private static func impacts(_ table: ImpactTable) -> [JSONValue] {
        table.layers.flatMap { layer in
            table.formats.map { format in
                let impact: JSONValue =
                    switch table.cell(layer: layer, format: format) {
                    case .impact(let impact)?: .number(impact)
                    case .forbidden(.infinite)?: .string("inf")
                    case .forbidden(.blank)?, nil: .null
                    }
                let error = table.standardError(layer: layer, format: format)
                return .object([
                    .init(key: "layer", value: .string(layer)),
                    .init(key: "format", value: .string(format)),
                    .init(key: "impact", value: impact),
                    .init(key: "standardError", value: MeasurementDocument.number(error)),
                ])
            }
        }
    }

    // MARK: Reading

    /// Reads what was measured.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` and ``SensitivityError/badCapture(file:_:)``.
    static func read(_ root: JSONNode, file: String) throws(SensitivityError) -> OutputMerge {
        let whole = try TableObject(JSONPlace(root), file: file)
        guard try whole.integer("version") == version else {
            throw .badCapture(file: file, "the version is not \(version): measure anew with this program")
        }
        do throws(SensitivityError) {
            let sizes = try whole.numbers("perturbations")
            var measurement = try OutputMeasurement(unit: whole.nullableString("loss"), perturbations: sizes)
            try measurement.list(formats: whole.strings("formats"))
            let known = measurement.formats.count
            for members in try whole.objects("outputs") {
                let layer = try members.string("layer")
                let losses = try members.momentsList("losses")
                guard measurement.outputs[layer] == nil, losses.count == sizes.count else {
                    throw .unusableMeasurement(
                        "the output of \(layer.quoted) is there twice, or has not one loss per perturbation: measure it anew"
                    )
                }
                try measurement.register(layer: layer)
                measurement.outputs[layer] = OutputMeasurement.Output(
                    losses: losses,
                    meanSquares: try members.moments("meanSquares")
                )
            }
            for members in try whole.objects("casts") {
                let cast = OutputMeasurement.Cast(
                    layer: try members.string("layer"),
                    format: try members.string("format")
                )
                try measurement.register(cast)
                guard measurement.formats.count == known, measurement.casts[cast] == nil else {
                    throw .unusableMeasurement("a cast is there twice or its format is not listed: delete it")
                }
                measurement.casts[cast] = CastRecord(
                    losses: try members.moments("losses"),
                    infiniteCount: try members.integer("infinite")
                )
            }
            let model = try whole.string("model")
            if TableName.problem(inLayer: model) != nil {
                throw .unusableMeasurement(
                    "the name of the model is \(model.quoted): leave out control characters"
                )
            }
            return try OutputMerge(
                model: model,
                measurement: measurement,
                sources: MeasurementDocument.sources(whole)
            )
        } catch .unusableMeasurement(let text) {
            throw .badCapture(file: file, text)
        }
    }
}
