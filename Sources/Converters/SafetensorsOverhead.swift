import Checkpoints
import Tensors

/// What safetensors files hold besides the model's own tensor data, from above: a plan that counts it keeps to its budget, and
/// this program, which fills its header with spaces up to it, writes files of exactly these bytes.
enum SafetensorsOverhead {
    /// A tensor that is added beside each module's weight.
    struct Addition {
        /// What its name has in place of `.weight`.
        let ending: String
        /// The bytes of its data that the format's size does not count.
        var byteCount = 0
    }

    /// The most bytes of the headers, and of tensors that are added beside each module's weight: a multiple of 8, to which
    /// headers are padded.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - additions: What is added beside each module's 2-D weight.
    ///   - isListed: Whether the metadata name every such module with its format, as `_quantization_metadata` does.
    ///   - shardByteCount: The most bytes of tensors in one file; nil for a single file.
    /// - Returns: The layout, whose header has all of these bytes.
    static func layout(
        for model: Model,
        additions: [Addition],
        isListed: Bool = false,
        shardByteCount: Int? = nil
    ) -> FileLayout {
        let data = model.tensors.reduce(0) { total, tensor in
            total + ((tensor.elementType ?? .f32).byteCount(of: tensor) ?? 0)
        }
        // Casts to wider floats may make a file larger than its model.
        let digits = "\(4 * max(1, data))".utf8.count
        let fileCount = shardByteCount.map { 2 * (data / max(1, $0)) + 2 } ?? 1
        var total = fileOverhead * fileCount
        if shardByteCount == nil {
            for entry in model.metadata {
                guard case .string(let text) = entry.value else { continue }
                total += textByteCount(entry.key) + textByteCount(text) + 6
            }
        }
        for tensor in model.tensors {
            let name = textByteCount(tensor.name)
            let entry = entryByteCount(tensor.name, tensor.shape, digits: digits)
            total += entry
            guard LinearModule(tensor) != nil else { continue }
            for addition in additions {
                total += entry + addition.ending.utf8.count + addition.byteCount
            }
            if isListed { total += name + listingOverhead }
        }
        for tensor in model.tensorsWithoutElements {
            total += entryByteCount(tensor.name, tensor.shape, digits: digits)
        }
        return FileLayout(validHeaderBytes: (total + 7) / 8 * 8, alignment: 1)
    }

    /// The most bytes of a tensor's entry in a header whose offsets have so many digits.
    private static func entryByteCount(_ name: String, _ shape: [Int], digits: Int) -> Int {
        textByteCount(name) + entryOverhead + 2 * digits + shape.reduce(0) { $0 + "\($1)".utf8.count + 2 }
    }

    /// What a file has besides entries and the model's own texts: its header's length, the texts' own key, the frame of a list of
    /// modules, the recipe's digest, and the padding.
    private static let fileOverhead = 320
    /// What an entry has besides its name, its shape and its offsets:
    /// `"": {"dtype": "F8_E4M3", "shape": [], "data_offsets": [, ]}, `.
    private static let entryOverhead = 64
    /// What a module takes in the list besides its name, with the quotes escaped: `"": {"format": "float8_e4m3fn"}, `.
    private static let listingOverhead = 48

    /// The most bytes that a text takes in JSON, even in JSON that is a text itself.
    private static func textByteCount(_ text: String) -> Int {
        text.utf8.reduce(0) { count, byte in
            let isPlain =
                byte > 0x1F && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            return count + (isPlain ? 1 : 7)
        }
    }
}
