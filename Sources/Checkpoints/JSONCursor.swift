/// Goes through the JSON (RFC 8259) of a safetensors header or index, strictly and without building a tree.
///
/// It is stricter than a decoder: the caller sees every member of an object, so a name that stands twice is not lost,
/// and numbers are whole or an error. It also knows at which byte of the file it is, and takes no more memory than the
/// text it is asked for.
struct JSONCursor {
    private var reader: ByteReader
    private var depth = 0

    private var source: ByteSource { reader.source }

    init(_ reader: ByteReader) {
        self.reader = reader
    }

    /// Goes through a file that is JSON as a whole, where some editors put a mark in front.
    init(wholeOf source: ByteSource) throws(CheckpointError) {
        var beginning = ByteReader(source, to: Self.mark.count)
        var isMarked = source.byteCount >= Self.mark.count
        for byte in Self.mark where isMarked {
            isMarked = try beginning.peek() == byte
            beginning.advance()
        }
        self.init(ByteReader(source, from: isMarked ? Self.mark.count : 0, to: source.byteCount))
    }

    /// The byte order mark in UTF-8.
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The place in the file of the next byte.
    var offset: Int { reader.offset }

    /// The error for a defect that was found at a place in the file.
    func defect(_ defect: FileDefect, at offset: Int) -> CheckpointError {
        source.defect(defect, at: offset)
    }

    /// Reads an object, of what is said, whose members' values the caller reads; `member` gets each name and where
    /// it stands.
    mutating func object(
        _ what: @autoclosure () -> String,
        member: (inout JSONCursor, String, Int) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try open("{", of: what(), expected: "an object")
        if try !take("}") {
            repeat {
                try skipSpaces()
                let offset = reader.offset
                guard try reader.peek() == UInt8(ascii: "\"") else { throw try unexpected() }
                let name = try name("a name in the JSON")
                try expect(":")
                try member(&self, name, offset)
            } while try goesOn(until: "}")
        }
        depth -= 1
    }

    /// Reads an array, of what is said, whose elements the caller reads; `element` gets each index.
    mutating func array(
        _ what: @autoclosure () -> String,
        element: (inout JSONCursor, Int) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try open("[", of: what(), expected: "an array")
        if try !take("]") {
            var index = 0
            repeat {
                try element(&self, index)
                index += 1
            } while try goesOn(until: "]")
        }
        depth -= 1
    }

    /// Reads a whole number, of what is said.
    mutating func wholeNumber(_ what: @autoclosure () -> String) throws(CheckpointError) -> UInt64 {
        try skipSpaces()
        let offset = reader.offset
        guard let first = try reader.peek(), first == UInt8(ascii: "-") || isDigit(first) else {
            throw defect(.unexpectedValue(of: what(), expected: "a whole number"), at: offset)
        }
        if let value = plainNumber() { return value }
        let text = try number()
        var value: UInt64 = 0
        for byte in text {
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(byte) &- 0x30)
            guard isDigit(byte), !productOverflow, !sumOverflow else {
                let found = String(decoding: text, as: UTF8.self)
                throw defect(.notWholeNumber(of: what(), found: found), at: offset)
            }
            value = sum
        }
        return value
    }

    /// Reads a string, of what is said, that has at most ``ReadingLimits/nameBytes``.
    mutating func name(_ what: @autoclosure () -> String) throws(CheckpointError) -> String {
        try skipSpaces()
        let offset = reader.offset
        let limit = ReadingLimits.nameBytes
        let (text, byteCount) = try string(what(), limit: limit)
        guard let text else {
            throw defect(.nameTooLong(of: what(), byteCount: UInt64(byteCount), limit: limit), at: offset)
        }
        return text
    }

    /// Reads a string, of what is said, that is kept up to so many bytes in UTF-8, and the number of its bytes.
    mutating func string(
        _ what: @autoclosure () -> String,
        limit: Int
    ) throws(CheckpointError) -> (text: String?, byteCount: Int) {
        try skipSpaces()
        let start = reader.offset
        guard try reader.peek() == UInt8(ascii: "\"") else {
            guard try reader.peek() != nil else { throw try unexpected() }
            throw defect(.unexpectedValue(of: what(), expected: "a string"), at: start)
        }
        reader.advance()
        if let bytes = plainString() {
            guard bytes.count <= limit else { return (nil, bytes.count) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw defect(.notUTF8(of: what()), at: start)
            }
            return (text, bytes.count)
        }
        var bytes: [UInt8] = []
        var byteCount = 0
        while let byte = try reader.peek(), byte >= 0x20 {
            if byte == UInt8(ascii: "\"") {
                reader.advance()
                guard byteCount <= limit else { return (nil, byteCount) }
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw defect(.notUTF8(of: what()), at: start)
                }
                return (text, byteCount)
            }
            if byte == UInt8(ascii: "\\") {
                let escaped = try escape().utf8
                byteCount += escaped.count
                if byteCount <= limit { bytes += escaped }
            } else {
                reader.advance()
                byteCount += 1
                if byteCount <= limit { bytes.append(byte) }
            }
        }
        throw try unexpected()
    }

    /// Passes over a value of any kind.
    mutating func skipValue() throws(CheckpointError) {
        try skipSpaces()
        switch try reader.peek().map({ Unicode.Scalar($0) }) {
        case "{": try object("") { (cursor, _, _) throws(CheckpointError) in try cursor.skipValue() }
        case "[": try array("") { (cursor, _) throws(CheckpointError) in try cursor.skipValue() }
        case "\"": _ = try string("a string in the JSON", limit: 0)
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        default: _ = try number()
        }
    }

    /// Checks that nothing but spaces follows.
    mutating func finish() throws(CheckpointError) {
        try skipSpaces()
        guard try reader.peek() == nil else { throw try unexpected() }
    }

    // MARK: Parts of values

    private mutating func open(
        _ bracket: Unicode.Scalar,
        of what: @autoclosure () -> String,
        expected: String
    ) throws(CheckpointError) {
        try skipSpaces()
        guard depth < ReadingLimits.jsonDepth else {
            throw defect(.jsonTooDeep(limit: ReadingLimits.jsonDepth), at: reader.offset)
        }
        guard try take(bracket) else {
            guard try reader.peek() != nil else { throw try unexpected() }
            throw defect(.unexpectedValue(of: what(), expected: expected), at: reader.offset)
        }
        depth += 1
    }

    /// Passes over the comma before another item, or the bracket after the last.
    private mutating func goesOn(until bracket: Unicode.Scalar) throws(CheckpointError) -> Bool {
        if try take(bracket) { return false }
        try expect(",")
        return true
    }

    private mutating func skipSpaces() throws(CheckpointError) {
        while let byte = try reader.peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            reader.advance()
        }
    }

    /// Passes over spaces, and over a character if it comes next.
    private mutating func take(_ character: Unicode.Scalar) throws(CheckpointError) -> Bool {
        try skipSpaces()
        guard try reader.peek() == UInt8(ascii: character) else { return false }
        reader.advance()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        guard try take(character) else { throw try unexpected() }
    }

    private mutating func unexpected() throws(CheckpointError) -> CheckpointError {
        guard let byte = try reader.peek() else {
            return defect(.notJSON(found: "its end"), at: reader.offset)
        }
        let isPlain = (0x21...0x7E).contains(byte)
        let found = isPlain ? quoted(String(Unicode.Scalar(byte))) : "the byte \(byte)"
        return defect(.notJSON(found: found), at: reader.offset)
    }

    private mutating func word(_ word: StaticString) throws(CheckpointError) {
        for character in word.description.utf8 {
            guard try reader.peek() == character else { throw try unexpected() }
            reader.advance()
        }
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
        var value: UInt64 = 0
        var count = 0
        for byte in reader.inMemory {
            if isDigit(byte) {
                // Nineteen nines are below 2^64.
                guard count < 19, count == 0 || value != 0 else { return nil }
                value = value &* 10 &+ UInt64(byte &- 0x30)
                count += 1
                continue
            }
            let goesOn = byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
            guard count > 0, !goesOn else { return nil }
            reader.advance(by: count)
            return value
        }
        return nil
    }

    /// Reads an escaped character, of which the backslash comes next.
    private mutating func escape() throws(CheckpointError) -> String {
        let start = reader.offset
        reader.advance()
        guard let kind = try reader.peek() else { throw try unexpected() }
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
        if units[0] >> 10 == 0x36, try reader.peek() == UInt8(ascii: "\\") {
            reader.advance()
            guard try reader.peek() == UInt8(ascii: "u") else { throw try unexpected() }
            reader.advance()
            units.append(try hexadecimal())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw defect(.notUTF8(of: "an escaped character in the JSON"), at: start)
        }
        return text
    }

    private mutating func hexadecimal() throws(CheckpointError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = try reader.peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else {
                throw try unexpected()
            }
            value = value << 4 | UInt16(digit)
            reader.advance()
        }
        return value
    }

    /// Reads a number and gives its text; of a very long one its beginning.
    private mutating func number() throws(CheckpointError) -> [UInt8] {
        var text: [UInt8] = []
        if let sign = try reader.peek(), sign == UInt8(ascii: "-") {
            text.append(sign)
            reader.advance()
        }
        let startsWithZero = try reader.peek() == UInt8(ascii: "0")
        if startsWithZero {
            text.append(0x30)
            reader.advance()
        } else {
            try digits(into: &text)
        }
        if let point = try reader.peek(), point == UInt8(ascii: ".") {
            text.append(point)
            reader.advance()
            try digits(into: &text)
        }
        if let exponent = try reader.peek(), exponent | 0x20 == UInt8(ascii: "e") {
            text.append(exponent)
            reader.advance()
            if let sign = try reader.peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                text.append(sign)
                reader.advance()
            }
            try digits(into: &text)
        }
        return text
    }

    private mutating func digits(into text: inout [UInt8]) throws(CheckpointError) {
        guard let first = try reader.peek(), isDigit(first) else { throw try unexpected() }
        while let byte = try reader.peek(), isDigit(byte) {
            // Forty digits are beyond 64 bits, and enough for a message.
            if text.count < 40 { text.append(byte) }
            reader.advance()
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }
}
