import Tensors

/// Finds where a text stops being JSON (RFC 8259), since the decoder only says that it does.
///
/// It is asked after the decoder has failed, so it may take its time; what it calls JSON and the decoder does not is
/// left to the caller to put into words.
struct JSONSyntax {
    /// The deepest nesting of arrays and objects that is followed, and handed to the decoder.
    static let maximumDepth = JSONDepth.limit

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// What is wrong first in a text, such as `unexpected "}" at line 3, column 7`, or nil if it is JSON.
    static func firstMistake(in bytes: [UInt8]) -> String? {
        var syntax = JSONSyntax(bytes)
        do throws(Mistake) {
            try syntax.value(depth: 0)
            syntax.skipSpaces()
            if syntax.position < bytes.count { throw Mistake.unexpected }
            return nil
        } catch {
            return syntax.description(of: error)
        }
    }

    private enum Mistake: Error {
        case unexpected
        case tooDeep
    }

    private func description(of mistake: Mistake) -> String {
        let before = bytes.prefix(position)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // Columns count characters, as editors do.
        let column = String(decoding: before[start...], as: UTF8.self).count + 1
        let place = "at line \(line), column \(column)"
        switch mistake {
        case .tooDeep:
            return "more than \(Self.maximumDepth) nested arrays and objects \(place)"
        case .unexpected:
            guard position < bytes.count else { return "unexpected end \(place)" }
            let character = String(decoding: bytes[position...].prefix(4), as: UTF8.self).prefix(1)
            return "unexpected \(String(character).debugDescription) \(place)"
        }
    }

    private var byte: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpaces() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte, byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Mistake) {
        guard take(character) else { throw .unexpected }
    }

    private mutating func value(depth: Int) throws(Mistake) {
        skipSpaces()
        guard let byte else { throw .unexpected }
        switch Unicode.Scalar(byte) {
        case "{": try list(from: "{", to: "}", depth: depth)
        case "[": try list(from: "[", to: "]", depth: depth)
        case "\"": try string()
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        default: try number()
        }
    }

    /// Reads an array, or an object, which is a list whose items have a key.
    private mutating func list(
        from opening: Unicode.Scalar,
        to closing: Unicode.Scalar,
        depth: Int
    ) throws(Mistake) {
        guard depth < Self.maximumDepth else { throw .tooDeep }
        try expect(opening)
        skipSpaces()
        if take(closing) { return }
        while true {
            if opening == "{" {
                skipSpaces()
                try string()
                skipSpaces()
                try expect(":")
            }
            try value(depth: depth + 1)
            skipSpaces()
            if take(closing) { return }
            try expect(",")
        }
    }

    private mutating func string() throws(Mistake) {
        try expect("\"")
        while let byte, byte >= 0x20 {
            if take("\"") { return }
            if take("\\") {
                guard let escape = self.byte, "\"\\/bfnrtu".utf8.contains(escape) else { throw .unexpected }
                if escape == UInt8(ascii: "u") {
                    for _ in 0..<4 {
                        position += 1
                        guard let digit = self.byte, isHexadecimal(digit) else { throw .unexpected }
                    }
                }
            }
            position += 1
        }
        throw .unexpected
    }

    private mutating func word(_ word: String) throws(Mistake) {
        for character in word.unicodeScalars { try expect(character) }
    }

    private mutating func number() throws(Mistake) {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
    }

    private mutating func digits() throws(Mistake) {
        guard let first = byte, isDecimal(first) else { throw .unexpected }
        while let byte, isDecimal(byte) { position += 1 }
    }

    private func isDecimal(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private func isHexadecimal(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return isDecimal(byte) || letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f")
    }
}
