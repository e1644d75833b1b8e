import Text
import Checkpoints
import Tensors

/// The metadata and the tensors of a capture, with every length, offset and name checked.
struct CaptureContents {
    /// A tensor, and where its bytes are.
    struct Tensor {
        var name: String
        var type: String
        var shape: [Int]
        var range: Range<Int>
    }

    /// The texts of the metadata.
    let metadata: [String: String]
    /// The tensors, in the order of their bytes.
    let tensors: [Tensor]

    private let bytes: [UInt8]
    private let file: String

    /// Reads the bytes of a file.
    ///
    /// - Throws: ``SensitivityError/badCapture(file:_:)``.
    init(_ bytes: [UInt8], file: String) throws(SensitivityError) {
        self.bytes = bytes
        self.file = file
        let model: Model
        do throws(CheckpointError) {
            model = try Model.safetensors(ByteSource(bytes: bytes, path: file))
        } catch {
            guard case .malformedFile(_, let offset, let defect) = error else {
                throw Self.bad(file, "\(error): give a capture in safetensors")
            }
            throw Self.bad(file, "at byte \(offset): \(defect)")
        }
        if let empty = model.emptyTensors.first {
            throw Self.bad(file, "the tensor \(empty.quoted) has no elements: leave it out")
        }
        var texts: [String: String] = [:]
        for entry in model.metadata {
            guard case .string(let text) = entry.value else {
                throw Self.bad(file, "\(entry.key.quoted) in the metadata is too long: shorten it")
            }
            texts[entry.key] = text
        }
        metadata = texts
        var found: [Tensor] = []
        for (tensor, location) in zip(model.tensors, model.locations) {
            found.append(
                Tensor(
                    name: tensor.name,
                    type: tensor.elementType?.name ?? "",
                    shape: tensor.shape,
                    range: location.offset..<location.offset + location.byteCount
                )
            )
        }
        tensors = found
    }

    /// A fingerprint of the whole.
    var digest: String {
        var digest = ContentDigest()
        digest.update(bytes: bytes)
        return digest.text
    }

    /// The error that something in the file is.
    func bad(_ text: String) -> SensitivityError { Self.bad(file, text) }

    private static func bad(_ file: String, _ text: String) -> SensitivityError {
        .badCapture(file: file, text)
    }

    /// The numbers that name the samples.
    func samples() throws(SensitivityError) -> [Int] {
        guard let tensor = tensors.first(where: { $0.name == "samples" }), tensor.type == "I64",
            tensor.shape.count == 1
        else { throw bad("there is no 'samples' of type I64 with one dimension: add it") }
        let numbers = (0..<tensor.shape[0]).map {
            Int(truncatingIfNeeded: Int64(bitPattern: word(at: tensor.range.lowerBound + 8 * $0)))
        }
        guard !numbers.isEmpty, Set(numbers).count == numbers.count else {
            throw bad("'samples' is empty or has a number twice: name every sample once")
        }
        return numbers
    }

    /// The numbers in a tensor, which is of type F32 or F64.
    func values(of tensor: Tensor) -> [Double] {
        let isWide = tensor.type == "F64"
        return stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: isWide ? 8 : 4).map {
            isWide
                ? Double(bitPattern: word(at: $0))
                : Double(Float(bitPattern: UInt32(truncatingIfNeeded: word(at: $0, length: 4))))
        }
    }

    private func word(at start: Int, length: Int = 8) -> UInt64 {
        (0..<length).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
}
