import Text

extension FileDefect: CustomStringConvertible {
    /// What is wrong and, where there is one, the remedy, in one clause.
    public var description: String {
        switch self {
        case .headerEndsEarly(let what, let missing):
            "the file ends \(missing.of("byte")) too early to hold \(what); it is cut off, so fetch it again"
        case .headerTooLong(let limit):
            "the header is longer than \(limit) bytes; no model's is, so fetch the file again"
        case .tensorCountOutOfRange(let count, let limit):
            "the file states \(count) tensors, and may have 0 to \(limit); fetch it again"
        case .metadataCountOutOfRange(let count, let limit):
            "the file states \(count) metadata entries, and may have 0 to \(limit); fetch it again"
        case .trailingBytes(let count):
            "the file has \(count.of("byte")) after the last tensor's data; cut \(count == 1 ? "it" : "them") off or fetch it again"

        case .emptyTensorName:
            "a tensor has an empty name; give it one where the file is made"
        case .emptyKey:
            "a metadata key is empty; give it a name where the file is made"
        case .nameTooLong(let what, let byteCount, let limit):
            "\(what) has \(byteCount) bytes, and may have \(limit); shorten it where the file is made"
        case .notUTF8(let what):
            "\(what) is not UTF-8; correct it where the file is made"
        case .duplicateTensor(let name):
            "two tensors are named \(name.quoted); name each tensor once where the file is made"
        case .duplicateKey(let key):
            "the metadata has the key \(key.quoted) twice; give each key once where the file is made"

        case .tooManyDimensions(let tensor, let count, let limit):
            "tensor \(tensor.quoted) has \(count) dimensions, and may have \(limit)"
        case .dimensionOutOfRange(let tensor, let index, let size):
            "dimension \(index) of tensor \(tensor.quoted) is \(size); it must be at least 1"
        case .impossibleTensor(let error):
            "\(error)"
        case .rowNotWholeBlocks(let tensor, let format, let blockElements, let rowLength):
            "tensor \(tensor.quoted) is in \(format), whose block of \(blockElements) does not divide its row of "
                + "\(rowLength); convert the model again"
        case .overlap(let tensor, let other, let byteCount):
            "the data of tensor \(tensor.quoted) begin \(byteCount.of("byte")) before those of \(other.quoted) end; "
                + "convert the model again"
        case .hole(let tensor, let byteCount):
            "\(byteCount.of("byte")) before the data of tensor \(tensor.quoted) \(byteCount == 1 ? "belongs" : "belong") to no "
                + "tensor; convert the model again"
        case .dataEndEarly(let tensor, let missing):
            "the file is \(missing.of("byte")) too short and cut off in the data of tensor \(tensor.quoted) or before; "
                + "fetch it again"

        case .bigEndian:
            "the file is in big-endian byte order, which is not read; convert it with gguf-py's "
                + "gguf_convert_endian.py"
        case .unsupportedVersion(let version):
            "the file is of GGUF version \(version), and versions 2 and 3 are read; convert the model again"
        case .unknownValueType(let key, let id):
            "the value of \(key.quoted) has the unknown type \(id); correct it where the file is made"
        case .wrongValueType(let key, let expected):
            "the value of \(key.quoted) is not \(expected); correct it where the file is made"
        case .impossibleBool(let key, let value):
            "a truth value of \(key.quoted) is \(value), and must be 0 or 1; correct it where the file is made"
        case .arraysTooDeep(let key, let limit):
            "the value of \(key.quoted) has more than \(limit) nested arrays"
        case .alignmentOutOfRange(let alignment, let limit):
            "general.alignment is \(alignment), and must be a power of two up to \(limit)"
        case .unknownFormatID(let tensor, let id):
            "tensor \(tensor.quoted) has the unknown ggml type \(id); convert the model to a known format"
        case .misaligned(let tensor, let dataOffset, let alignment):
            "the data of tensor \(tensor.quoted) begin at \(dataOffset) of all data, which is not a multiple of "
                + "the alignment \(alignment); convert the model again"
        case .missingKey(let key):
            "the metadata have no \(key.quoted); correct it where the file is made"
        case .splitNumberOutOfRange(let number, let count):
            "split.no is \(number), and must be from 0 to below split.count, which is \(count); split the model "
                + "again"

        case .json(let problem):
            switch problem {
            case .notJSON: "\(problem); fetch the file again"
            case .tooDeep, .tooManyValues: "\(problem)"
            default: "\(problem); correct it where the file is made"
            }

        case .headerTooShort(let length):
            "the header has \(length.of("byte")), and the smallest has 2; fetch the file again"
        case .unknownElementType(let tensor, let type):
            "tensor \(tensor.quoted) has the unknown element type \(type.quoted); convert the model to a known one"
        case .reversedOffsets(let tensor, let begin, let end):
            "the data of tensor \(tensor.quoted) begin at \(begin) and end before that, at \(end); convert the "
                + "model again"
        case .wrongByteCount(let tensor, let stated, let exact):
            "tensor \(tensor.quoted) has \(stated.of("byte")) of data, and its shape and element type take \(exact); "
                + "convert the model again"
        case .impossibleImportanceEntry(let tensor):
            "the entry of tensor \(tensor.quoted) has no values or a negative number of calls; make the matrix again"
        case .impossibleShardName(let tensor, let shard):
            "tensor \(tensor.quoted) is said to be in \(shard.quoted), which is not the name of a file in the "
                + "same folder; correct it where the index is made"
        }
    }
}
