/// Reads JSON (RFC 8259) into nodes that know their lines.
///
/// Beyond the standard only Python's `NaN`, `Infinity` and `-Infinity` are taken, as its `json` module writes them
/// unasked.
package struct JSONParser {
    /// The deepest nesting of arrays and objects that is followed.
    package static let maximumDepth = 64
    /// The most values, keys not counted, that a text may have.
    package static let maximumValueCount = 5_000_000

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var valueCount = 0

    private let valueLimit: Int

    private init(_ text: String, valueLimit: Int) {
        bytes = Array(text.utf8)
        self.valueLimit = valueLimit
    }

    /// Reads the one value of a text.
    package static func parse(
        _ text: String,
        valueLimit: Int = maximumValueCount
    ) throws(JSONParsingError) -> JSONNode {
        var parser = JSONParser(text, valueLimit: valueLimit)
        let node = try parser.value(depth: 0)
        parser.skipSpaces()
        guard parser.position == parser.bytes.count else { throw parser.unexpected() }
        return node
    }

    private var byte: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private func error(_ problem: String) -> JSONParsingError {
        JSONParsingError(line: line, problem: problem)
    }

    private func unexpected() -> JSONParsingError {
        guard position < bytes.count else { return error("unexpected end") }
        let character = String(decoding: bytes[position...].prefix(4), as: UTF8.self).prefix(1)
        return error("unexpected \(String(character).debugDescription)")
    }

    private mutating func skipSpaces() {
        while let byte {
            switch byte {
            case 0x0A:
                line += 1
                position += 1
            case 0x20, 0x09, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte, byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONParsingError) -> JSONNode {
        skipSpaces()
        valueCount += 1
        guard valueCount <= valueLimit else { throw error("more than \(valueLimit) values") }
        let start = line
        guard let byte else { throw unexpected() }
        let value: JSONNode.Value =
            switch Unicode.Scalar(byte) {
            case "{": .object(try object(depth: depth))
            case "[": .array(try array(depth: depth))
            case "\"": .string(try string())
            case "t": try word("true", is: .boolean(true))
            case "f": try word("false", is: .boolean(false))
            case "n": try word("null", is: .null)
            case "N": try word("NaN", is: .number("NaN"))
            case "I": try word("Infinity", is: .number("Infinity"))
            default: try number()
            }
        return JSONNode(line: start, value: value)
    }

    private mutating func array(depth: Int) throws(JSONParsingError) -> [JSONNode] {
        try checkDepth(depth)
        position += 1
        var elements: [JSONNode] = []
        skipSpaces()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpaces()
            if take("]") { return elements }
            guard take(",") else { throw unexpected() }
        }
    }

    private mutating func object(depth: Int) throws(JSONParsingError) -> [JSONNode.Member] {
        try checkDepth(depth)
        position += 1
        var members: [JSONNode.Member] = []
        skipSpaces()
        if take("}") { return members }
        while true {
            skipSpaces()
            let start = line
            guard byte == UInt8(ascii: "\"") else { throw unexpected() }
            let key = try string()
            skipSpaces()
            guard take(":") else { throw unexpected() }
            members.append(JSONNode.Member(key: key, line: start, value: try value(depth: depth + 1)))
            skipSpaces()
            if take("}") { return members }
            guard take(",") else { throw unexpected() }
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONParsingError) {
        guard depth < Self.maximumDepth else {
            throw error("more than \(Self.maximumDepth) nested arrays and objects")
        }
    }

    private mutating func word(
        _ word: String,
        is value: JSONNode.Value
    ) throws(JSONParsingError) -> JSONNode.Value {
        for character in word.unicodeScalars {
            guard take(character) else { throw unexpected() }
        }
        return value
    }

    private mutating func number() throws(JSONParsingError) -> JSONNode.Value {
        let start = position
        let isNegative = take("-")
        if isNegative, byte == UInt8(ascii: "I") {
            return try word("Infinity", is: .number("-Infinity"))
        }
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONParsingError) {
        let start = position
        while let byte, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw unexpected() }
    }

    private mutating func string() throws(JSONParsingError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte, byte >= 0x20 {
            position += 1
            switch Unicode.Scalar(byte) {
            case "\"": return String(decoding: text, as: UTF8.self)
            case "\\": text += try escape().utf8
            default: text.append(byte)
            }
        }
        throw unexpected()
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws(JSONParsingError) -> String {
        guard let byte else { throw unexpected() }
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": return String(Unicode.Scalar(byte))
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let unit = try hexadecimal()
            if let scalar = Unicode.Scalar(unit) { return String(scalar) }
            // A code point beyond 16 bits is written as two surrogates.
            guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
                throw error("half a surrogate pair")
            }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { throw error("half a surrogate pair") }
            return String(scalar)
        default:
            position -= 1
            throw unexpected()
        }
    }

    private mutating func hexadecimal() throws(JSONParsingError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected()
            }
            position += 1
            number = number << 4 + UInt32(digit)
        }
        return number
    }
}
