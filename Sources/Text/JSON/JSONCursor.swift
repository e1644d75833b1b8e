/// Goes through JSON (RFC 8259) strictly, value by value, without building a tree.
///
/// The caller asks for what must come next: it sees every member of an object, so a name that stands twice is not lost.
/// The cursor knows at which byte of the file it is, and takes no more memory than the text it is asked for, so that a
/// header of any size can be gone through.
package struct JSONCursor {
    /// The deepest nesting of arrays and objects that is followed.
    package static let depthLimit = 64

    private var reader: ByteReader
    private var depth = 0
    /// Whether an object or array was entered and nothing in it was asked for yet.
    private var isAtStart = false

    /// The line of the next byte, from 1.
    package private(set) var line = 1

    /// Goes through what a reader reads.
    package init(_ reader: ByteReader) {
        self.reader = reader
    }

    /// Goes through a file that is JSON as a whole, where some editors put a mark in front.
    package init(wholeOf source: ByteSource) throws(JSONDefect) {
        let beginning: [UInt8]
        do throws(FileError) {
            beginning = try source.bytes(0..<min(3, source.byteCount))
        } catch {
            throw .file(error)
        }
        let start = beginning.count - beginning.withoutMark.count
        self.init(ByteReader(source, from: start, to: source.byteCount))
    }

    /// The place in the file of the next byte.
    package var offset: Int { reader.offset }

    // MARK: Objects and arrays

    /// Enters an object, of what is said, whose members ``nextMember()`` gives.
    package mutating func enterObject(_ what: @autoclosure () -> String) throws(JSONDefect) {
        try enter("{", of: what(), expected: "an object")
    }

    /// The name of the next member of the object that was entered and where it stands; its value is to be read next.
    ///
    /// - Parameter nameLimit: The most bytes that the name may have.
    /// - Returns: Nil at the end of the object, which is left.
    /// - Throws: ``JSONDefect``.
    package mutating func nextMember(
        nameLimit: Int = .max
    ) throws(JSONDefect) -> (name: String, offset: Int, line: Int)? {
        guard try goesOn(until: "}") else { return nil }
        try skipSpaces()
        let place = (reader.offset, line)
        guard try peek() == UInt8(ascii: "\"") else { throw try unexpected() }
        let name = try name("a name in the JSON", limit: nameLimit)
        try expect(":")
        return (name, place.0, place.1)
    }

    /// Enters an array, of what is said, of whose elements ``nextElement()`` tells.
    package mutating func enterArray(_ what: @autoclosure () -> String) throws(JSONDefect) {
        try enter("[", of: what(), expected: "an array")
    }

    /// Whether the array that was entered has another element, which is to be read next; otherwise the array is left.
    package mutating func nextElement() throws(JSONDefect) -> Bool {
        try goesOn(until: "]")
    }

    // MARK: Values

    /// The byte that the next value begins with, nil at the end.
    package mutating func peekValue() throws(JSONDefect) -> UInt8? {
        try skipSpaces()
        return try peek()
    }

    /// Reads a whole number from 0 up, of what is said.
    package mutating func wholeNumber(_ what: @autoclosure () -> String) throws(JSONDefect) -> UInt64 {
        try skipSpaces()
        let offset = reader.offset
        guard let first = try peek(), first == UInt8(ascii: "-") || isDigit(first) else {
            throw .text(.unexpectedValue(of: what(), expected: "a whole number"), offset: offset)
        }
        if let value = plainNumber() { return value }
        // Forty digits are beyond 64 bits, and enough for a message.
        let text = try number(limit: 40)
        guard text.first != "-", let value = UInt64(text) else {
            throw .text(.notWholeNumber(of: what(), found: text), offset: offset)
        }
        return value
    }

    /// Reads a number and gives its text; of a very long one its beginning.
    ///
    /// - Parameters:
    ///   - limit: The most characters that are given.
    ///   - acceptsInfinity: Whether `-Infinity` is one.
    /// - Returns: The text.
    /// - Throws: ``JSONDefect``.
    package mutating func number(
        limit: Int,
        acceptsInfinity: Bool = false
    ) throws(JSONDefect) -> String {
        if let digits = plainDigits() { return String(decoding: digits.prefix(limit), as: UTF8.self) }
        var text: [UInt8] = []
        if try peek() == UInt8(ascii: "-") {
            append(to: &text)
            if acceptsInfinity, try peek() == UInt8(ascii: "I") {
                try word("Infinity")
                return "-Infinity"
            }
        }
        if try peek() == UInt8(ascii: "0") {
            append(to: &text)
        } else {
            try digits(into: &text, limit: limit)
        }
        if try peek() == UInt8(ascii: ".") {
            append(to: &text)
            try digits(into: &text, limit: limit)
        }
        if let exponent = try peek(), exponent | 0x20 == UInt8(ascii: "e") {
            append(to: &text)
            if let sign = try peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                append(to: &text)
            }
            try digits(into: &text, limit: limit)
        }
        return String(decoding: text, as: UTF8.self)

        func append(to text: inout [UInt8]) {
            text += reader.inMemory.prefix(1)
            reader.advance()
        }
    }

    /// Reads a string, of what is said, that may have so many bytes in UTF-8.
    package mutating func name(
        _ what: @autoclosure () -> String,
        limit: Int
    ) throws(JSONDefect) -> String {
        try skipSpaces()
        let offset = reader.offset
        let (text, byteCount) = try string(what(), limit: limit)
        guard let text else {
            throw .text(.textTooLong(of: what(), byteCount: byteCount, limit: limit), offset: offset)
        }
        return text
    }

    /// Reads a string, of what is said, that is kept up to so many bytes in UTF-8.
    ///
    /// - Returns: The text, nil where it is longer, and the number of its bytes.
    package mutating func string(
        _ what: @autoclosure () -> String,
        limit: Int
    ) throws(JSONDefect) -> (text: String?, byteCount: Int) {
        try skipSpaces()
        let start = reader.offset
        guard try peek() == UInt8(ascii: "\"") else {
            guard try peek() != nil else { throw try unexpected() }
            throw .text(.unexpectedValue(of: what(), expected: "a string"), offset: start)
        }
        reader.advance()
        func text(_ bytes: some Collection<UInt8>) throws(JSONDefect) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .text(.notUTF8(of: what()), offset: start)
            }
            return text
        }
        if let bytes = plainString() {
            return bytes.count <= limit ? (try text(bytes), bytes.count) : (nil, bytes.count)
        }
        var bytes: [UInt8] = []
        var byteCount = 0
        while let byte = try peek(), byte >= 0x20 {
            switch byte {
            case UInt8(ascii: "\""):
                reader.advance()
                return byteCount <= limit ? (try text(bytes), byteCount) : (nil, byteCount)
            case UInt8(ascii: "\\"):
                let escaped = try escape().utf8
                byteCount += escaped.count
                if byteCount <= limit { bytes += escaped }
            default:
                reader.advance()
                byteCount += 1
                if byteCount <= limit { bytes.append(byte) }
            }
        }
        throw try unexpected()
    }

    /// Passes over one of the words that JSON has.
    package mutating func word(_ word: StaticString) throws(JSONDefect) {
        for character in word.description.utf8 {
            guard try peek() == character else { throw try unexpected() }
            reader.advance()
        }
    }

    /// Passes over a value of any kind.
    package mutating func skipValue() throws(JSONDefect) {
        switch try peekValue().map({ Unicode.Scalar($0) }) {
        case "{":
            try enterObject("")
            while try nextMember() != nil { try skipValue() }
        case "[":
            try enterArray("")
            while try nextElement() { try skipValue() }
        case "\"": _ = try string("a string in the JSON", limit: 0)
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        default: _ = try number(limit: 0)
        }
    }

    /// Checks that nothing but spaces follows.
    package mutating func finish() throws(JSONDefect) {
        try skipSpaces()
        guard try peek() == nil else { throw try unexpected() }
    }

    /// The defect that the next byte is, which does not belong there.
    package mutating func unexpected() throws(JSONDefect) -> JSONDefect {
        guard let byte = try peek() else { return .text(.notJSON(found: "its end"), offset: reader.offset) }
        // A character of up to four bytes, where it can be read.
        let character = String(decoding: reader.inMemory.prefix(4), as: UTF8.self).prefix(1)
        let found = byte < 0x80 || character != "\u{FFFD}" ? character.quoted : "the byte \(byte)"
        return .text(.notJSON(found: found), offset: reader.offset)
    }

    // MARK: Parts of values

    private mutating func peek() throws(JSONDefect) -> UInt8? {
        do throws(FileError) {
            return try reader.peek()
        } catch {
            throw .file(error)
        }
    }

    private mutating func enter(
        _ bracket: Unicode.Scalar,
        of what: @autoclosure () -> String,
        expected: String
    ) throws(JSONDefect) {
        try skipSpaces()
        guard depth < Self.depthLimit else {
            throw .text(.tooDeep(limit: Self.depthLimit), offset: reader.offset)
        }
        guard try take(bracket) else {
            guard try peek() != nil else { throw try unexpected() }
            throw .text(.unexpectedValue(of: what(), expected: expected), offset: reader.offset)
        }
        depth += 1
        isAtStart = true
    }

    /// Passes over the comma before another item, or the bracket after the last.
    private mutating func goesOn(until bracket: Unicode.Scalar) throws(JSONDefect) -> Bool {
        let isFirst = isAtStart
        isAtStart = false
        if try take(bracket) {
            depth -= 1
            return false
        }
        if !isFirst { try expect(",") }
        return true
    }

    private mutating func skipSpaces() throws(JSONDefect) {
        while let byte = try peek() {
            switch byte {
            case 0x20, 0x0D, 0x09: reader.advance()
            case 0x0A:
                line += 1
                reader.advance()
            default: return
            }
        }
    }

    /// Passes over spaces, and over a character if it comes next.
    private mutating func take(_ character: Unicode.Scalar) throws(JSONDefect) -> Bool {
        try skipSpaces()
        guard try peek() == UInt8(ascii: character) else { return false }
        reader.advance()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONDefect) {
        guard try take(character) else { throw try unexpected() }
    }

    /// The bytes of a string up to its closing quote, which is passed over; nil, and nothing passed over, where the string
    /// has escapes or is not in memory as a whole.
    private mutating func plainString() -> ArraySlice<UInt8>? {
        let bytes = reader.inMemory
        let end = bytes.firstIndex {
            $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20
        }
        guard let end, bytes[end] == UInt8(ascii: "\"") else { return nil }
        reader.advance(by: end + 1 - bytes.startIndex)
        return bytes[..<end]
    }

    /// A number of at most 19 digits, which is passed over; nil, and nothing passed over, where it is written in another
    /// way or is not in memory as a whole.
    private mutating func plainNumber() -> UInt64? {
        // Nineteen nines are below 2^64.
        plainDigits().map { $0.reduce(0) { $0 &* 10 &+ UInt64($1 &- 0x30) } }
    }

    /// The digits of a number of at most 19 and nothing else, which are passed over; nil, and nothing passed over, where it is
    /// written in another way or is not in memory as a whole.
    private mutating func plainDigits() -> ArraySlice<UInt8>? {
        let bytes = reader.inMemory
        guard let end = bytes.firstIndex(where: { !isDigit($0) }) else { return nil }
        let digits = bytes[..<end]
        let goesOn = bytes[end] == UInt8(ascii: ".") || bytes[end] | 0x20 == UInt8(ascii: "e")
        // No number of several digits begins with a zero.
        guard !goesOn, (1...19).contains(digits.count), digits.count == 1 || digits.first != 0x30 else {
            return nil
        }
        reader.advance(by: digits.count)
        return digits
    }

    /// Reads an escaped character, of which the backslash comes next.
    private mutating func escape() throws(JSONDefect) -> String {
        let start = reader.offset
        reader.advance()
        guard let kind = try peek() else { throw try unexpected() }
        let simple: Unicode.Scalar? =
            switch Unicode.Scalar(kind) {
            case "\"": "\""
            case "\\": "\\"
            case "/": "/"
            case "b": "\u{8}"
            case "f": "\u{C}"
            case "n": "\n"
            case "r": "\r"
            case "t": "\t"
            default: nil
            }
        if let simple {
            reader.advance()
            return String(simple)
        }
        guard kind == UInt8(ascii: "u") else { throw try unexpected() }
        reader.advance()
        var units = [try hexadecimal()]
        // A character beyond 16 bits is two escapes, the first from D800 to DBFF.
        if units[0] >> 10 == 0x36, try peek() == UInt8(ascii: "\\") {
            reader.advance()
            guard try peek() == UInt8(ascii: "u") else { throw try unexpected() }
            reader.advance()
            units.append(try hexadecimal())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw .text(.notUTF8(of: "an escaped character in the JSON"), offset: start)
        }
        return text
    }

    private mutating func hexadecimal() throws(JSONDefect) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = try peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw try unexpected()
            }
            value = value << 4 | UInt16(digit)
            reader.advance()
        }
        return value
    }

    private mutating func digits(into text: inout [UInt8], limit: Int) throws(JSONDefect) {
        guard let first = try peek(), isDigit(first) else { throw try unexpected() }
        while let byte = try peek(), isDigit(byte) {
            if text.count < limit { text.append(byte) }
            reader.advance()
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }
}
