/// Lays a JSON value out as bytes.
///
/// Whether a container fits on one line is found by writing it there and taking it back once the line is full.
/// An attempt ends after at most a line's worth of output, so the work grows with the size of the result and
/// not with the depth of the nesting.
struct JSONWriter {
    private static let lineWidth = 120
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private(set) var bytes: [UInt8] = []
    /// The bytes written so far which do not begin a Unicode scalar.
    private var continuationBytes = 0
    /// The number of scalars before the current line.
    private var lineStart = 0

    private var column: Int { bytes.count - continuationBytes - lineStart }

    mutating func writeDocument(_ value: JSONValue) {
        bytes.reserveCapacity(4096)
        write(value, depth: 0, limit: Self.lineWidth)
        append("\n")
    }

    mutating func writeLine(_ value: JSONValue) {
        _ = writeOnOneLine(value, limit: .max)
        append("\n")
    }

    /// Writes a value; the line it starts on may be `limit` scalars long if the value is to stay on it.
    private mutating func write(_ value: JSONValue, depth: Int, limit: Int) {
        let start = (bytes.count, continuationBytes)
        if writeOnOneLine(value, limit: limit) {
            return
        }
        bytes.removeLast(bytes.count - start.0)
        continuationBytes = start.1

        switch value {
        case .array(let elements) where !elements.isEmpty:
            append("[")
            for (index, element) in elements.enumerated() {
                let isLast = index == elements.count - 1
                breakLine(depth: depth + 1)
                write(element, depth: depth + 1, limit: Self.lineWidth - (isLast ? 0 : 1))
                append(isLast ? "" : ",")
            }
            breakLine(depth: depth)
            append("]")
        case .object(let members) where !members.isEmpty:
            append("{")
            for (index, member) in members.enumerated() {
                let isLast = index == members.count - 1
                breakLine(depth: depth + 1)
                writeString(member.key)
                append(": ")
                write(member.value, depth: depth + 1, limit: Self.lineWidth - (isLast ? 0 : 1))
                append(isLast ? "" : ",")
            }
            breakLine(depth: depth)
            append("}")
        default:
            // Nothing here can be broken into lines, however long it is.
            _ = writeOnOneLine(value, limit: .max)
        }
    }

    /// Writes a value without a line break; stops and returns false as soon as the line is longer than `limit`.
    private mutating func writeOnOneLine(_ value: JSONValue, limit: Int) -> Bool {
        switch value {
        case .array(let elements):
            append("[")
            var isFirst = true
            for element in elements {
                append(isFirst ? "" : ", ")
                isFirst = false
                guard writeOnOneLine(element, limit: limit) else { return false }
            }
            append("]")
        case .object(let members):
            append("{")
            var isFirst = true
            for member in members {
                append(isFirst ? "" : ", ")
                isFirst = false
                guard mayFit(member.key, limit: limit) else { return false }
                writeString(member.key)
                append(": ")
                guard writeOnOneLine(member.value, limit: limit) else { return false }
            }
            append("}")
        case .string(let string):
            guard mayFit(string, limit: limit) else { return false }
            writeString(string)
        case .integer(let integer):
            bytes.append(contentsOf: integer.description.utf8)
        case .number(let number):
            writeNumber(number)
        case .boolean(let boolean):
            append(boolean ? "true" : "false")
        case .null:
            append("null")
        }
        return column <= limit
    }

    /// Whether a string is short enough to be worth a try: a scalar takes at most four bytes.
    private func mayFit(_ string: String, limit: Int) -> Bool {
        limit == .max || column + string.utf8.count / 4 <= limit
    }

    private mutating func writeNumber(_ number: Double) {
        bytes.append(contentsOf: number.shortestDecimal.utf8)
    }

    private mutating func writeString(_ string: String) {
        append("\"")
        guard !string.isPlainJSON else {
            bytes.append(contentsOf: string.utf8)
            append("\"")
            return
        }
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0x00..<0x20:
                append("\\u00")
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 0x0F)])
            case 0x80..<0xC0:
                bytes.append(byte)
                continuationBytes += 1
                escapeLineSeparator()
            default: bytes.append(byte)
            }
        }
        append("\"")
    }

    /// Turns U+2028 or U+2029, if one was just completed, into its escape: JavaScript once ended a line there.
    private mutating func escapeLineSeparator() {
        guard let last = bytes.last, last == 0xA8 || last == 0xA9,
            bytes.suffix(3).elementsEqual([0xE2, 0x80, last])
        else { return }
        bytes.removeLast(3)
        continuationBytes -= 2
        append(last == 0xA8 ? "\\u2028" : "\\u2029")
    }

    private mutating func breakLine(depth: Int) {
        append("\n")
        lineStart = bytes.count - continuationBytes
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func append(_ ascii: StaticString) {
        ascii.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}

extension String {
    /// Whether the text stands in JSON as it is, and each of its bytes is a scalar, as of nearly all keys and names.
    fileprivate var isPlainJSON: Bool {
        let isPlain = utf8.withContiguousStorageIfAvailable { bytes in
            bytes.allSatisfy {
                $0 >= 0x20 && $0 < 0x80 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
        }
        return isPlain ?? false
    }
}
