public import Tensors
import Text

/// A safetensors file before it is written: its header to the byte, and where the data of each tensor go.
///
/// The parts of a file are described at `SafetensorsFile`. The data follow one another without a gap, those of the widest
/// elements first, so that every element stands at a multiple of its size, as safetensors' own writer has them.
public struct SafetensorsDraft: Hashable, Sendable {
    /// A tensor of the file.
    public struct Tensor: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The shape, outermost dimension first; none for a single number.
        public let shape: [Int]
        /// The type of the elements.
        public let type: QuantizationFormat

        /// Creates a tensor.
        public init(name: String, shape: [Int], type: QuantizationFormat) {
            self.name = name
            self.shape = shape
            self.type = type
        }

        /// The number of bytes of its data.
        public var byteCount: Int {
            // The other dimensions of a tensor without elements may be of any size.
            shape.contains(0) ? 0 : shape.reduce(1, *) / type.blockElements * type.blockBytes
        }
    }

    /// The tensors, as they were given.
    public let tensors: [Tensor]

    /// Where the data of each of ``tensors`` begin, counted from the beginning of the file.
    public let offsets: [Int]

    /// The size of the whole file, in bytes.
    public let byteCount: Int

    /// The length of the header and the header, padded with spaces to a multiple of 8, or to the file's size.
    public let header: [UInt8]

    /// Drafts a file.
    ///
    /// - Parameters:
    ///   - tensors: The tensors, in the order of the header.
    ///   - metadata: The texts of `__metadata__`.
    ///   - byteCount: The size that the file is given by more spaces behind its header, if it is smaller.
    /// - Throws: ``CheckpointError/unwritableHeader(reason:)``.
    public init(
        tensors: [Tensor],
        metadata: [(key: String, text: String)],
        filling byteCount: Int = 0
    ) throws(CheckpointError) {
        let order = tensors.indices.sorted {
            (-tensors[$0].type.blockBytes, $0) < (-tensors[$1].type.blockBytes, $1)
        }
        var begins = [Int](repeating: 0, count: tensors.count)
        var end = 0
        for index in order {
            begins[index] = end
            end += tensors[index].byteCount
        }
        var members: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let texts = metadata.map { JSONValue.Member(key: $0.key, value: .string($0.text)) }
            members.append(.init(key: "__metadata__", value: .object(texts)))
        }
        for index in order {
            let tensor = tensors[index]
            members.append(
                .init(
                    key: tensor.name,
                    value: [
                        "dtype": .string(Self.typeName(tensor.type)),
                        "shape": .array(tensor.shape.map { .integer($0) }),
                        "data_offsets": [
                            .integer(begins[index]), .integer(begins[index] + tensor.byteCount),
                        ],
                    ]
                )
            )
        }
        var text: [UInt8]
        do {
            text = try JSONValue.object(members).line()
        } catch {
            throw .unwritableHeader(reason: "\(error)")
        }
        while text.last == UInt8(ascii: "\n") { text.removeLast() }
        let space = UInt8(ascii: " ")
        while !text.count.isMultiple(of: 8) { text.append(space) }
        let missing = byteCount - 8 - text.count - end
        if missing > 0, missing <= ReadingLimits.headerBytes {
            text += [UInt8](repeating: space, count: missing)
        }
        guard text.count <= ReadingLimits.headerBytes else {
            throw .unwritableHeader(reason: "it has more than \(ReadingLimits.headerBytes) bytes")
        }
        self.tensors = tensors
        header = GGUFCoding.integer(UInt64(text.count)) + text
        let start = header.count
        offsets = begins.map { start + $0 }
        self.byteCount = start + end
    }

    /// The name that safetensors gives a type.
    private static func typeName(_ type: QuantizationFormat) -> String {
        switch type {
        case .float8_e4m3fn: "F8_E4M3"
        case .float8_e5m2: "F8_E5M2"
        default: type.name
        }
    }
}
