import Tensors
import Text

extension MeasurementDocument {
    /// Reads what was measured from a file, to go on with it.
    ///
    /// - Throws: ``SensitivityError`` for a file that is not there, cannot be read, or is not as ``MeasurementDocument``
    ///   says.
    public static func read(path: String) throws(SensitivityError) -> StateMerge {
        try read(text: TextFile.read(path: path), file: path)
    }

    /// Reads what was measured from a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: What messages call it.
    /// - Returns: What was measured.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` and ``SensitivityError/badCapture(file:_:)``.
    public static func read(text: String, file: String) throws(SensitivityError) -> StateMerge {
        let root: JSONNode
        do {
            root = try JSONTree.parse(text)
        } catch {
            throw TextPosition(file: file, line: error.line).error(.notJSON(error.problem))
        }
        return try read(root, file: file)
    }

    /// Whether an object is what this type writes, rather than a table that only looks like it.
    static func isMeasurement(_ members: TableObject) -> Bool {
        ["version", "layerCount", "perturbation", "states", "casts", "captures"].allSatisfy {
            members[$0] != nil
        }
    }

    /// Tables 1 and 2 of what was measured, or nil where a state was not.
    static func profile(_ root: JSONNode, file: String) throws(SensitivityError) -> SensitivityProfile? {
        let merge = try read(root, file: file)
        do throws(SensitivityError) {
            return try merge.measurement.tables(named: merge.model).profile()
        } catch {
            return nil
        }
    }

    static func read(_ root: JSONNode, file: String) throws(SensitivityError) -> StateMerge {
        let whole = try TableObject(JSONPlace(root), file: file)
        guard try whole.integer("version") == version else {
            throw .badCapture(file: file, "the version is not \(version): measure anew with this program")
        }
        do throws(SensitivityError) {
            let shape = try StackShape(
                layerCount: whole.integer("layerCount"),
                joinLayer: whole.nullableInteger("joinLayer")
            )
            var measurement = try StackMeasurement(shape: shape, perturbation: whole.number("perturbation"))
            let formats = try whole.strings("formats")
            for state in try whole.objects("states") { try add(state: state, to: &measurement) }
            for cast in try whole.objects("casts") { try add(cast: cast, formats, to: &measurement) }
            let model = try whole.string("model")
            if TableName.problem(inLayer: model) != nil {
                throw .unusableMeasurement(
                    "the name of the model is \(model.quoted): leave out control characters"
                )
            }
            return try StateMerge(
                model: model,
                measurement: try measurement.ordering(formats),
                sources: try sources(whole)
            )
        } catch .unusableMeasurement(let text) {
            throw .badCapture(file: file, text)
        }
    }

    private static func add(
        state members: TableObject,
        to measurement: inout StackMeasurement
    ) throws(SensitivityError) {
        let state = HiddenState(before: try members.integer("before"), stream: try members.stream("stream"))
        guard measurement.shape.contains(state), measurement.states[state] == nil else {
            throw .unusableMeasurement("the state \(state) is there twice or not in the model: delete it")
        }
        let record = StackMeasurement.StateRecord(
            samples: try members.moments("samples"),
            draws: try members.moments("draws"),
            meanSquares: try members.moments("meanSquares")
        )
        guard record.draws.count >= record.samples.count,
            (record.draws.count == 0) == (record.samples.count == 0)
        else { throw .unusableMeasurement("the state \(state) has more samples than draws: measure it anew") }
        measurement.states[state] = record
    }

    private static func add(
        cast members: TableObject,
        _ formats: [String],
        to measurement: inout StackMeasurement
    ) throws(SensitivityError) {
        let cast = StackMeasurement.Cast(
            layer: try members.integer("layer"),
            stream: try members.stream("stream"),
            format: try members.string("format")
        )
        try measurement.register(cast)
        guard formats.contains(cast.format), measurement.casts[cast] == nil else {
            throw .unusableMeasurement("a cast is there twice or its format is not listed: delete it")
        }
        measurement.casts[cast] = CastRecord(
            losses: try members.moments("losses"),
            infiniteCount: try members.integer("infinite")
        )
    }

    static func sources(
        _ whole: TableObject
    ) throws(SensitivityError) -> [CaptureSources.Source] {
        var lists: [[String]] = []
        for list in try whole.elements("entries") {
            lists.append(
                try SensitivityError.ofTable(whole.file) { () throws(JSONError) in try list.strings() }
            )
        }
        var sources: [CaptureSources.Source] = []
        for (index, members) in try whole.objects("captures").enumerated() {
            let place = try members.integer("entries")
            guard lists.indices.contains(place) else {
                throw .badCapture(
                    file: whole.file,
                    "capture \(index + 1) has entries that are not there: measure anew"
                )
            }
            sources.append(
                CaptureSources.Source(
                    digest: try members.string("digest"),
                    samples: try members.signedIntegers("samples"),
                    entries: lists[place]
                )
            )
        }
        return sources
    }
}
