/// How numbers and texts stand in a GGUF file.
public enum GGUFEncoding {
    /// A number, lowest byte first.
    public static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        SafetensorsBytes.bytes(of: value)
    }

    /// A text with its length in front of it.
    public static func text(_ text: String) -> [UInt8] {
        number(UInt64(text.utf8.count)) + Array(text.utf8)
    }

    /// A count of bytes, rounded up to a whole number of 32.
    public static func padded(_ count: Int) -> Int { (count + 31) / 32 * 32 }
}
