import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// Reads the grouping in a file.
    ///
    /// - Throws: ``TensorError/noSuchFile(path:)``, ``TensorError/unreadableFile(path:reason:)``, and the errors of
    ///   ``read(_:from:)``.
    public static func read(path: String) throws(TensorError) -> LayerGrouping {
        // The system would read the path only up to a NUL.
        guard !path.utf8.contains(0) else { throw .noSuchFile(path: path) }
        guard let file = fopen(path, "rb") else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR
                ? .noSuchFile(path: path)
                : .unreadableFile(path: path, reason: String(cString: strerror(code)))
        }
        defer { fclose(file) }
        // One byte more than allowed is enough to know that there are too many.
        var bytes = [UInt8](repeating: 0, count: maximumByteCount + 1)
        errno = 0
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        return try read(Array(bytes.prefix(count)), from: path)
    }

    /// Reads the grouping in some bytes, which come from the source of that name.
    ///
    /// - Throws: ``TensorError/badGrouping(source:line:problem:)``.
    public static func read(_ bytes: [UInt8], from source: String) throws(TensorError) -> LayerGrouping {
        guard bytes.count <= maximumByteCount else {
            throw .badGrouping(
                source: source,
                line: 1,
                problem: "it has more than \(maximumByteCount) bytes; give a grouping"
            )
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw .badGrouping(source: source, line: 1, problem: "it is not UTF-8 text; save it as UTF-8")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        do {
            return try grouping(try JSONTree.parse(text))
        } catch let error as Mistake {
            throw .badGrouping(source: source, line: error.line, problem: error.problem)
        } catch let error as JSONError {
            throw .badGrouping(
                source: source,
                line: error.line,
                problem: "it is not JSON, \(error.problem); correct it there"
            )
        } catch {
            throw .badGrouping(source: source, line: 1, problem: "it cannot be read; correct it")
        }
    }

    private static func grouping(_ node: JSONNode) throws(Mistake) -> LayerGrouping {
        let whole = try Fields(
            node,
            place: "the whole",
            required: ["name", "rules"],
            optional: ["ignoredPrefixes", "keep"]
        )
        let name = try whole.string("name")
        guard !name.isEmpty else {
            throw Mistake(line: node.line, problem: "\"name\" is empty; give the grouping a name")
        }
        var prefixes: [String] = []
        for prefix in try whole.array("ignoredPrefixes") {
            guard case .string(let text) = prefix.value, !text.isEmpty else {
                throw Mistake(
                    line: prefix.line,
                    problem: "\"ignoredPrefixes\" has \(prefix.kind) in it; give strings that are not empty"
                )
            }
            prefixes.append(text)
        }
        var keeps: [LayerGrouping.Keep] = []
        for (index, node) in try whole.array("keep").enumerated() {
            keeps.append(try keep(node, place: "keep[\(index)]"))
        }
        let entries = try whole.array("rules")
        guard !entries.isEmpty else {
            throw Mistake(line: node.line, problem: "\"rules\" is empty; add a rule per kind of layer")
        }
        var rules: [LayerGrouping.Rule] = []
        for (index, node) in entries.enumerated() {
            rules.append(try rule(node, place: "rules[\(index)]"))
        }
        return LayerGrouping(name: name, ignoredPrefixes: prefixes, keeps: keeps, rules: rules)
    }

    private static func keep(_ node: JSONNode, place: String) throws(Mistake) -> LayerGrouping.Keep {
        let fields = try Fields(node, place: place, required: ["match"], optional: ["format", "dimensions"])
        var format: QuantizationFormat?
        if fields.has("format") {
            let name = try fields.string("format")
            format = QuantizationFormat(named: name)
            guard format != nil else {
                throw Mistake(
                    line: fields.line(of: "format"),
                    problem:
                        "\(place) has the unknown format \(name.debugDescription); use the name of a known one, "
                        + "such as BF16"
                )
            }
        }
        let pattern = try fields.string("match")
        let dimensions = try fields.dimensions()
        do {
            return try LayerGrouping.Keep(pattern, in: format, dimensions: dimensions)
        } catch {
            throw Mistake(line: fields.line(of: "match"), problem: "\(place) cannot be used: \(error)")
        }
    }

    private static func rule(_ node: JSONNode, place: String) throws(Mistake) -> LayerGrouping.Rule {
        let fields = try Fields(node, place: place, required: ["match", "layer"], optional: ["dimensions"])
        let pattern = try fields.string("match")
        let layer = try fields.string("layer")
        let dimensions = try fields.dimensions()
        do {
            return try LayerGrouping.Rule(pattern, layer: layer, dimensions: dimensions)
        } catch {
            throw Mistake(line: fields.line(of: "match"), problem: "\(place) cannot be used: \(error)")
        }
    }
}

/// Something wrong in a grouping, before its source is known.
private struct Mistake: Error {
    let line: Int
    let problem: String
}

/// The members of one object of a grouping.
private struct Fields {
    private let place: String
    private let start: Int
    private var members: [String: JSONNode.Member] = [:]

    init(
        _ node: JSONNode,
        place: String,
        required: [String],
        optional: [String]
    ) throws(Mistake) {
        self.place = place
        start = node.line
        guard case .object(let list) = node.value else {
            throw Mistake(line: node.line, problem: "\(place) is \(node.kind); give an object")
        }
        for member in list {
            let key = member.key
            guard required.contains(key) || optional.contains(key) else {
                let known = (required + optional).map(\.debugDescription).joined(separator: ", ")
                throw Mistake(
                    line: member.line,
                    problem: "\(place) has the unknown key \(key.debugDescription); use \(known)"
                )
            }
            guard members.updateValue(member, forKey: key) == nil else {
                throw Mistake(
                    line: member.line,
                    problem: "\(place) has \"\(key)\" twice; delete one of the two"
                )
            }
        }
        for key in required where members[key] == nil {
            throw Mistake(line: node.line, problem: "\(place) has no \"\(key)\"; add it")
        }
    }

    func has(_ key: String) -> Bool { members[key] != nil }

    func line(of key: String) -> Int {
        members[key]?.line ?? start
    }

    func string(_ key: String) throws(Mistake) -> String {
        guard let member = members[key], case .string(let text) = member.value.value else {
            throw wrong(key, expected: "a string")
        }
        return text
    }

    /// The elements of an array, none where the key is left out.
    func array(_ key: String) throws(Mistake) -> [JSONNode] {
        guard let member = members[key] else { return [] }
        guard case .array(let elements) = member.value.value else { throw wrong(key, expected: "an array") }
        return elements
    }

    func dimensions() throws(Mistake) -> ClosedRange<Int> {
        let key = "dimensions"
        guard let member = members[key] else { return 1...Int.max }
        let expected = "the fewest and the most dimensions, such as [2, 4] or [2, null]"
        guard case .array(let bounds) = member.value.value, bounds.count == 2,
            case .number(let text) = bounds[0].value, let low = Int(text), low >= 1
        else {
            throw wrong(key, expected: expected)
        }
        switch bounds[1].value {
        case .null: return low...Int.max
        case .number(let text):
            guard let high = Int(text), high >= low else { throw wrong(key, expected: expected) }
            return low...high
        default: throw wrong(key, expected: expected)
        }
    }

    private func wrong(_ key: String, expected: String) -> Mistake {
        Mistake(line: line(of: key), problem: "\"\(key)\" of \(place) cannot be used; give \(expected)")
    }
}
