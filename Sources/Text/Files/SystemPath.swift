/// Names of files as the system has them: bytes that need not be UTF-8.
///
/// A `String` cannot hold a byte that is no part of UTF-8, so such a byte becomes a character of the private use area,
/// U+10F780 to U+10F7FF, and that character's own bytes, should a name have them, become four of these. Each name has its
/// text and each text its name, so that what is read from the command line or from a folder is opened by the very bytes.
extension String {
    private static let firstScalar: UInt32 = 0x10F700

    /// The text of a file name.
    package init(systemPath bytes: some Collection<UInt8>) {
        // The characters that stand for bytes begin with F4, and hardly any name has that.
        if !bytes.contains(0xF4), let text = String(validating: bytes, as: UTF8.self) {
            self = text
            return
        }
        self = ""
        let bytes = Array(bytes)
        var position = 0
        while position < bytes.count {
            let length = Self.scalarLength(in: bytes, at: position)
            if length > 0 {
                self += String(decoding: bytes[position..<position + length], as: UTF8.self)
                position += length
            } else if let scalar = Unicode.Scalar(Self.firstScalar + UInt32(bytes[position])) {
                unicodeScalars.append(scalar)
                position += 1
            }
        }
    }

    /// The bytes by which the system knows the file.
    package var systemPath: [UInt8] {
        guard utf8.contains(0xF4) else { return Array(utf8) }
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            if let byte = scalar.undecodedByte {
                bytes.append(byte)
            } else {
                bytes += Array(String(scalar).utf8)
            }
        }
        return bytes
    }

    /// Calls the system with the file's name, a zero at its end.
    package func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (systemPath + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                // The array has at least its zero, so there is an address.
                characters.baseAddress.map(body) ?? "".withCString(body)
            }
        }
    }

    /// The number of bytes of the character there, or 0 where the byte has to stand for itself.
    private static func scalarLength(in bytes: [UInt8], at position: Int) -> Int {
        for length in 1...4 where position + length <= bytes.count {
            guard let text = String(validating: bytes[position..<position + length], as: UTF8.self),
                let scalar = text.unicodeScalars.first
            else { continue }
            return scalar.undecodedByte == nil ? length : 0
        }
        return 0
    }
}

extension Unicode.Scalar {
    /// The byte of a file's name that the character stands for, nil for every other character.
    package var undecodedByte: UInt8? {
        (0x10F780...0x10F7FF).contains(value) ? UInt8(value & 0xFF) : nil
    }
}
