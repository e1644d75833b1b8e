import Text

/// Reads a grouping of a user's own from a JSON file.
///
/// ```json
/// {
///   "name": "flux by stream",
///   "ignoredPrefixes": ["model.diffusion_model."],
///   "keep": [
///     {"match": "*", "format": "F32", "dimensions": [1, 1]},
///     {"match": "img_in.*", "format": "BF16"}
///   ],
///   "rules": [
///     {"match": "double_blocks.*.img_*.weight", "layer": "layer{1:02}.img", "dimensions": [2, 4]},
///     {"match": "single_blocks.*.*", "layer": "layer{1+19:02}.x", "dimensions": [2, null]}
///   ]
/// }
/// ```
///
/// The whole is one object, in UTF-8, of at most ``maximumByteCount`` bytes:
///
/// 1. `name`, a string, not empty: how messages call the grouping.
/// 2. `ignoredPrefixes`, an array of strings, may be left out: beginnings of tensor names that the patterns below
///    do not see; the first that a name begins with is left out.
/// 3. `keep`, an array, may be left out: what every plan keeps in one format. The entries are asked in order, before
///    all rules, and the first that matches decides:
///    1. `match`, a string: a pattern as ``Glob`` writes it, for the whole name.
///    2. `format`, a string, may be left out: a name that ``QuantizationFormat/init(named:)`` knows; left out, tensors are kept
///       in the type that they have.
///    3. `dimensions`, an array of two whole numbers, may be left out: the fewest and the most dimensions that the
///       tensor has; the first at least 1, the second no smaller, or `null` for no limit. Left out, any number.
/// 4. `rules`, an array of at least one entry: what becomes a layer, asked in order, the first that matches decides:
///    1. `match` and `dimensions`, as above.
///    2. `layer`, a string: the layer's name as ``LayerTemplate`` writes it; `{1}` is what the first `*` stood for.
///
/// Other keys, and a key that stands twice, are errors, as a rule that is not read would change the plan.
public enum LayerGroupingReader {
    /// The most bytes that a grouping may have.
    public static let maximumByteCount = 1_000_000

    /// Reads the grouping in a file, in a pipe, or in standard input where the path is `-`.
    ///
    /// - Throws: ``TensorError/file(_:)``, and the errors of ``read(_:from:)``.
    public static func read(path: String) throws(TensorError) -> LayerGrouping {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try InputFile.bytes(at: path, limit: maximumByteCount)
        } catch {
            throw .file(error)
        }
        return try read(bytes, from: path)
    }

    /// Reads the grouping in some bytes, which come from the source of that name.
    ///
    /// - Throws: ``TensorError/badGrouping(source:line:problem:)`` and ``TensorError/file(_:)``.
    public static func read(_ bytes: [UInt8], from source: String) throws(TensorError) -> LayerGrouping {
        guard bytes.count <= maximumByteCount else {
            throw .file(FileError(path: source, .tooLarge(limit: maximumByteCount)))
        }
        do throws(JSONError) {
            return try grouping(try JSONPlace(try JSONTree.parse(bytes)).object())
        } catch {
            throw .badGrouping(source: source, line: error.line, problem: error.problem)
        }
    }

    private static func grouping(_ whole: JSONObject) throws(JSONError) -> LayerGrouping {
        try whole.check(onlyKeys: ["name", "rules", "ignoredPrefixes", "keep"])
        let name = try whole.value("name")
        guard try !name.string().isEmpty else { throw name.error("is empty; give the grouping a name") }
        var prefixes: [String] = []
        for prefix in try whole["ignoredPrefixes"]?.elements() ?? [] {
            guard try !prefix.string().isEmpty else {
                throw prefix.error("is empty; give the beginning of a name")
            }
            prefixes.append(try prefix.string())
        }
        var keeps: [LayerGrouping.Keep] = []
        for place in try whole["keep"]?.elements() ?? [] { keeps.append(try keep(place.object())) }
        let entries = try whole.value("rules")
        var rules: [LayerGrouping.Rule] = []
        for place in try entries.elements() { rules.append(try rule(place.object())) }
        guard !rules.isEmpty else { throw entries.error("is empty; add a rule per kind of layer") }
        return LayerGrouping(name: try name.string(), ignoredPrefixes: prefixes, keeps: keeps, rules: rules)
    }

    private static func keep(_ entry: JSONObject) throws(JSONError) -> LayerGrouping.Keep {
        try entry.check(onlyKeys: ["match", "format", "dimensions"])
        var format: QuantizationFormat?
        if let name = entry["format"] {
            format = QuantizationFormat(named: try name.string())
            guard format != nil else { throw name.unexpected("the name of a known format, such as BF16") }
        }
        let pattern = try entry.value("match").string()
        let dimensions = try dimensions(of: entry)
        do throws(TensorError) {
            return try LayerGrouping.Keep(pattern, in: format, dimensions: dimensions)
        } catch {
            throw try entry.value("match").error("cannot be used: \(error)")
        }
    }

    private static func rule(_ entry: JSONObject) throws(JSONError) -> LayerGrouping.Rule {
        try entry.check(onlyKeys: ["match", "layer", "dimensions"])
        let pattern = try entry.value("match").string()
        let layer = try entry.value("layer").string()
        let dimensions = try dimensions(of: entry)
        do throws(TensorError) {
            return try LayerGrouping.Rule(pattern, layer: layer, dimensions: dimensions)
        } catch {
            throw try entry.value("match").error("cannot be used: \(error)")
        }
    }

    /// The fewest and the most dimensions that an entry is for, any number where it does not say.
    private static func dimensions(of entry: JSONObject) throws(JSONError) -> ClosedRange<Int> {
        guard let place = entry["dimensions"] else { return 1...Int.max }
        let bounds = try place.elements()
        guard bounds.count == 2 else {
            throw place.unexpected("the fewest and the most dimensions, such as [2, 4] or [2, null]")
        }
        let low = try bounds[0].integer(1...Int.max)
        return try bounds[1].isNull ? low...Int.max : low...bounds[1].integer(low...Int.max)
    }
}
