import Tensors
import Text

/// Recognises impact tables in JSON and reads them.
///
/// | the whole is | shape |
/// |---|---|
/// | an array whose first element is an object, or an object with `impacts` | the project's own, long |
/// | an object with `layers` | the project's own, wide; also what was measured, with its ± |
/// | an array whose first element is an array | sensitivities of mlx_lm |
/// | an object with `measurement` | a measurement of exllamav2 |
/// | an object with `groups` | a measurement of exllamav3 |
enum JSONTable {
    static func read(
        text: String,
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTableReading {
        let root: JSONNode
        do {
            root = try JSONTree.parse(text)
        } catch {
            throw TextPosition(file: file, line: error.line).error(.notJSON(error.problem))
        }
        let reading: ImpactTableReading? =
            switch root.value {
            case .array(let elements):
                try read(elements, of: root, name: name, file: file, options: options)
            case .object:
                try read(
                    TableObject(JSONPlace(root), file: file),
                    of: root,
                    name: name,
                    file: file,
                    options: options
                )
            default: nil
            }
        guard let reading else { throw TextPosition(file: file, line: root.line).error(.unknownJSON) }
        return reading
    }

    /// A table that is an array; nil where it is none that is known.
    private static func read(
        _ elements: [JSONNode],
        of root: JSONNode,
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTableReading? {
        switch elements.first?.value {
        case .none: throw TextPosition(file: file, line: root.line).error(.noLayers)
        case .array:
            let table = try MLXSensitivities.table(elements, name: name, file: file, options: options)
            return ImpactTableReading(table: table, shape: .mlxSensitivities)
        case .object:
            var entries: [TableObject] = []
            for (index, element) in elements.enumerated() {
                entries.append(
                    try TableObject(JSONPlace(element, at: .element(of: .whole, index)), file: file)
                )
            }
            let table = try JSONImpacts.long(entries, name: name, file: file)
            return ImpactTableReading(table: table, shape: .jsonLong)
        default: return nil
        }
    }

    /// A table that is an object; nil where it is none that is known.
    private static func read(
        _ members: TableObject,
        of root: JSONNode,
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTableReading? {
        switch (members["impacts"], members["layers"], members["measurement"]) {
        case (let impacts?, nil, nil):
            guard case .array = impacts.node.value else {
                throw members.unexpected(impacts, "an array of objects")
            }
            let table = try JSONImpacts.long(members.objects("impacts"), name: name, file: file)
                .with(meaning: ImpactMeaning(members) ?? .unknown)
            return ImpactTableReading(table: table, shape: .jsonLong)
        case (nil, let layers?, nil):
            let isMeasurement = MeasurementDocument.isMeasurement(members)
            let table = try JSONImpacts.wide(layers, name: name, file: file)
                .with(meaning: ImpactMeaning(members) ?? (isMeasurement ? .tableThree : .unknown))
            let profile = isMeasurement ? try MeasurementDocument.profile(root, file: file) : nil
            return ImpactTableReading(table: table, shape: .jsonWide, profile: profile)
        case (nil, nil, let measurement?):
            let table = try ExLlamaMeasurement.table(measurement, name: name, file: file, options: options)
            return ImpactTableReading(table: table, shape: .exllamaMeasurement)
        case (nil, nil, nil) where members["groups"] != nil:
            let table = try ExLlamaGroups.table(members, name: name, options: options)
            return ImpactTableReading(table: table, shape: .exllamaGroups)
        default: return nil
        }
    }
}
