/// Reads JSON into nodes that know their lines.
///
/// Beyond the standard only Python's `NaN`, `Infinity` and `-Infinity` are taken, as its `json` module writes them
/// unasked.
package struct JSONTree {
    /// The most values, keys not counted, that a text may have.
    package static let maximumValueCount = 5_000_000

    private var cursor: JSONCursor
    private var valueCount = 0
    private let valueLimit: Int
    /// The way to the value that is read, which only an error needs as a path.
    private var steps: [Step] = []

    private enum Step {
        case member(String)
        case element(Int)
    }

    private var path: JSONPath {
        steps.reduce(.whole) { path, step in
            switch step {
            case .member(let key): .member(of: path, key)
            case .element(let index): .element(of: path, index)
            }
        }
    }

    /// Reads the one value of a text.
    ///
    /// - Parameters:
    ///   - bytes: The text, in UTF-8, with or without a mark in front.
    ///   - valueLimit: The most values that it may have.
    /// - Returns: The value.
    /// - Throws: ``JSONError``.
    package static func parse(
        _ bytes: [UInt8],
        valueLimit: Int = maximumValueCount
    ) throws(JSONError) -> JSONNode {
        var path = JSONPath.whole
        do throws(JSONDefect) {
            let cursor = try JSONCursor(wholeOf: ByteSource(bytes: bytes, path: ""))
            var tree = JSONTree(cursor: cursor, valueLimit: valueLimit)
            defer { path = tree.path }
            let node = try tree.value()
            try tree.cursor.finish()
            return node
        } catch {
            throw Self.error(error, in: bytes, at: path)
        }
    }

    /// Reads the one value of a text.
    ///
    /// - Throws: ``JSONError``.
    package static func parse(
        _ text: String,
        valueLimit: Int = maximumValueCount
    ) throws(JSONError) -> JSONNode {
        try parse(Array(text.utf8), valueLimit: valueLimit)
    }

    private init(cursor: JSONCursor, valueLimit: Int) {
        self.cursor = cursor
        self.valueLimit = valueLimit
    }

    private mutating func value() throws(JSONDefect) -> JSONNode {
        let first = try cursor.peekValue()
        valueCount += 1
        guard valueCount <= valueLimit else {
            throw .text(.tooManyValues(limit: valueLimit), offset: cursor.offset)
        }
        let line = cursor.line
        guard let first else { throw try cursor.unexpected() }
        let value: JSONNode.Value =
            switch Unicode.Scalar(first) {
            case "{": .object(try members())
            case "[": .array(try elements())
            case "\"": .string(try cursor.name("a string in the JSON", limit: .max))
            case "t": try word("true", is: .boolean(true))
            case "f": try word("false", is: .boolean(false))
            case "n": try word("null", is: .null)
            case "N": try word("NaN", is: .number("NaN"))
            case "I": try word("Infinity", is: .number("Infinity"))
            default: .number(try cursor.number(limit: .max, acceptsInfinity: true))
            }
        return JSONNode(line: line, value: value)
    }

    private mutating func members() throws(JSONDefect) -> [JSONNode.Member] {
        try cursor.enterObject("")
        var members: [JSONNode.Member] = []
        while let (key, start, line) = try cursor.nextMember() {
            steps.append(.member(key))
            let value = try value()
            members.append(
                JSONNode.Member(key: key, line: line, value: value, extent: start..<cursor.offset)
            )
            steps.removeLast()
        }
        return members
    }

    private mutating func elements() throws(JSONDefect) -> [JSONNode] {
        try cursor.enterArray("")
        var elements: [JSONNode] = []
        while try cursor.nextElement() {
            steps.append(.element(elements.count))
            elements.append(try value())
            steps.removeLast()
        }
        return elements
    }

    private mutating func word(
        _ word: StaticString,
        is value: JSONNode.Value
    ) throws(JSONDefect) -> JSONNode.Value {
        try cursor.word(word)
        return value
    }

    private static func error(_ defect: JSONDefect, in bytes: [UInt8], at path: JSONPath) -> JSONError {
        guard case .text(let problem, let offset) = defect else {
            // Bytes in memory are always there.
            return JSONError(line: 1, problem: "it cannot be read")
        }
        let before = bytes.prefix(offset)
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        // Columns count characters, as editors do.
        let column = String(decoding: before[start...].withoutMark, as: UTF8.self).count + 1
        let what =
            switch problem {
            case .notJSON(found: "its end"): "unexpected end"
            case .notJSON(let found): "unexpected \(found)"
            case .tooDeep(let limit): "more than \(limit) nested arrays and objects"
            case .tooManyValues(let limit): "more than \(limit) values"
            case .notUTF8(of: "an escaped character in the JSON"): "half a surrogate pair"
            default: problem.description
            }
        let inside = path == .whole ? "" : ", in \(path)"
        return JSONError(line: line, problem: "\(what) at column \(column)\(inside)")
    }
}
