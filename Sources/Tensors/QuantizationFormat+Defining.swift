import Synchronization

extension QuantizationFormat {
    /// The formats that were defined, by their names in lower case.
    private static let defined = Mutex<[String: QuantizationFormat]>([:])

    /// Makes a format known whose size alone is known, so that ``init(named:)`` finds it from now on.
    ///
    /// - Parameters:
    ///   - name: The format's name.
    ///   - blockElements: The number of consecutive elements of a row that are stored together.
    ///   - blockBytes: The number of bytes of one block, at most 8 for each element.
    /// - Returns: The format.
    /// - Throws: ``TensorError/unusableFormat(_:reason:)`` for a size that no weights have, for a name that nobody could type, and for
    ///   one that a format of another size has.
    @discardableResult
    public static func define(
        _ name: String,
        blockElements: Int,
        blockBytes: Int
    ) throws(TensorError) -> QuantizationFormat {
        let allowed = { (byte: UInt8) in
            byte > UInt8(ascii: " ") && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
        }
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy({ allowed($0) && $0 < 0x7F }) else {
            throw .unusableFormat(
                name,
                reason: "a name has letters, digits and signs, but no space, comma or equals sign"
            )
        }
        guard blockElements >= 1, blockBytes >= 1, blockElements <= 1 << 20,
            blockBytes <= 8 * blockElements
        else {
            throw .unusableFormat(
                name,
                reason: "a block has at least one element, and from 1 to 8 bytes for each"
            )
        }
        let format = QuantizationFormat(
            name,
            ggmlName: nil,
            ggufTypeID: nil,
            block: blockElements,
            bytes: blockBytes
        )
        if let known = QuantizationFormat(named: name), known != format {
            throw .unusableFormat(
                name,
                reason:
                    "it is known already, with \(known.blockBytes) bytes for \(known.blockElements) elements"
            )
        }
        defined.withLock { $0[name.lowercased()] = format }
        return format
    }

    /// The format that was defined under a name, or nil.
    static func defined(named name: String) -> QuantizationFormat? {
        defined.withLock { $0[name] }
    }
}
