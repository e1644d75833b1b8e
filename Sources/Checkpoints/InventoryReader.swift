import Tensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads a model from an inventory: a JSON file that lists a model's tensors, where the model itself is not at hand.
///
/// ```json
/// {
///   "model": "flux1-dev",
///   "parameters": 11901408320,
///   "tensors": [
///     {"name": "img_in.weight", "shape": [3072, 64], "type": "BF16"},
///     {"name": "img_in.bias", "shape": [3072]}
///   ]
/// }
/// ```
///
/// The whole is one object, in UTF-8, of at most ``maximumByteCount`` bytes:
///
/// 1. `model`, a string: the model's name, not empty, at most ``maximumNameLength`` bytes.
/// 2. `parameters`, a whole number, may be left out: the number of elements of all tensors. It must agree with them.
/// 3. `tensors`, an array, in the order in which the model's file holds them, at least one:
///    1. `name`, a string: not empty, at most ``maximumNameLength`` bytes, different from all others.
///    2. `shape`, an array of 1 to ``maximumDimensionCount`` whole numbers of at least 1: the sizes of the
///       dimensions, outermost first; the last is the row.
///    3. `type`, a string, may be left out: how the source stores the elements, a name that
///       `QuantizationFormat/init(named:)` knows.
///
/// Other keys are allowed and not read. Keys that stand twice in an object are an error.
public enum InventoryReader {
    /// The most bytes that an inventory may have.
    public static let maximumByteCount = ReadingLimits.headerBytes

    /// The most dimensions that a tensor may have.
    public static let maximumDimensionCount = ReadingLimits.dimensions

    /// The most bytes in UTF-8 that a name may have.
    public static let maximumNameLength = ReadingLimits.nameBytes

    /// Reads the inventory in a file.
    ///
    /// - Throws: ``CheckpointError/noSuchFile(path:)``, ``CheckpointError/unreadableFile(path:reason:)``,
    ///   ``CheckpointError/fileTooLarge(path:limit:)``, and the errors of ``read(_:from:)``.
    public static func read(path: String) throws(CheckpointError) -> Model {
        try read(try bytesOfFile(at: path, limit: maximumByteCount), from: path)
    }

    /// Reads the inventory in some bytes, which come from the source of that name.
    ///
    /// - Throws: ``CheckpointError/malformedJSON(source:detail:)`` where the JSON or its structure is wrong,
    ///   ``CheckpointError/emptyModelName(source:)``, ``CheckpointError/nameTooLong(source:name:limit:)``,
    ///   ``CheckpointError/tooManyDimensions(source:tensor:count:limit:)``,
    ///   ``CheckpointError/unknownFormat(source:tensor:format:)``, ``CheckpointError/invalidTensor(source:_:)``,
    ///   ``CheckpointError/parametersDisagree(source:stated:counted:)``, the errors of
    ///   ``Model/init(name:tensors:)``, ``CheckpointError/malformedFile(path:offset:_:)`` for a key that stands twice,
    ///   and ``CheckpointError/fileTooLarge(path:limit:)``.
    public static func read(_ bytes: [UInt8], from source: String) throws(CheckpointError) -> Model {
        guard bytes.count <= maximumByteCount else {
            throw .fileTooLarge(path: source, limit: maximumByteCount)
        }
        let inventory = try decode(bytes, from: source)
        try checkMembers(bytes, from: source)
        guard !inventory.model.isEmpty else { throw .emptyModelName(source: source) }
        try checkLength(of: inventory.model, from: source)
        var tensors: [TensorInfo] = []
        tensors.reserveCapacity(inventory.tensors.count)
        for entry in inventory.tensors {
            tensors.append(try tensor(of: entry, from: source))
        }
        let model = try Model(name: inventory.model, tensors: tensors)
        if let stated = inventory.parameters, stated != model.parameters {
            throw .parametersDisagree(source: source, stated: stated, counted: model.parameters)
        }
        return model
    }

    private static func tensor(
        of entry: Inventory.Tensor,
        from source: String
    ) throws(CheckpointError) -> TensorInfo {
        try checkLength(of: entry.name, from: source)
        guard entry.shape.count <= maximumDimensionCount else {
            throw .tooManyDimensions(
                source: source,
                tensor: entry.name,
                count: entry.shape.count,
                limit: maximumDimensionCount
            )
        }
        var elementType: QuantizationFormat?
        if let type = entry.type {
            guard let format = QuantizationFormat(named: type) else {
                throw .unknownFormat(source: source, tensor: entry.name, format: type)
            }
            elementType = format
        }
        do {
            return try TensorInfo(name: entry.name, shape: entry.shape, elementType: elementType)
        } catch {
            throw .invalidTensor(source: source, error)
        }
    }

    private static func checkLength(of name: String, from source: String) throws(CheckpointError) {
        guard name.utf8.count <= maximumNameLength else {
            throw .nameTooLong(source: source, name: name, limit: maximumNameLength)
        }
    }

    /// Checks that no key stands twice, of which the decoder would take one without a word.
    private static func checkMembers(_ bytes: [UInt8], from source: String) throws(CheckpointError) {
        let source = ByteSource(bytes: bytes, path: source)
        var cursor = try JSONCursor(wholeOf: source)
        var members: Set<String> = []
        try cursor.object("the whole") { (cursor, member, offset) throws(CheckpointError) in
            guard members.insert(member).inserted else {
                throw cursor.defect(.duplicateMember(of: "the whole", member: member), at: offset)
            }
            guard member == "tensors" else { return try cursor.skipValue() }
            try cursor.array("tensors") { (cursor, index) throws(CheckpointError) in
                var members: Set<String> = []
                try cursor.object("tensors[\(index)]") { (cursor, member, offset) throws(CheckpointError) in
                    guard members.insert(member).inserted else {
                        let what = "tensors[\(index)]"
                        throw cursor.defect(.duplicateMember(of: what, member: member), at: offset)
                    }
                    try cursor.skipValue()
                }
            }
        }
        try cursor.finish()
    }

    private static func decode(_ bytes: [UInt8], from source: String) throws(CheckpointError) -> Inventory {
        if JSONDepth.exceedsLimit(bytes) {
            let mistake = JSONSyntax.firstMistake(in: bytes) ?? "it is nested too deeply"
            throw .malformedJSON(source: source, detail: "it is not JSON, \(mistake)")
        }
        do {
            return try JSONDecoder().decode(Inventory.self, from: Data(bytes))
        } catch {
            // A mistake in the syntax comes first: the decoder cannot say where it is.
            if let mistake = JSONSyntax.firstMistake(in: bytes) {
                throw .malformedJSON(source: source, detail: "it is not JSON, \(mistake)")
            }
            let detail = (error as? DecodingError)?.sentence
            throw .malformedJSON(source: source, detail: detail ?? "it is not JSON")
        }
    }
}

/// The inventory as it stands in the file.
private struct Inventory: Decodable {
    let model: String
    let parameters: Int?
    let tensors: [Tensor]

    struct Tensor: Decodable {
        let name: String
        let shape: [Int]
        let type: String?

        private enum Key: CodingKey { case name, shape, type }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            name = try container.decode(String.self, forKey: .name)
            shape = try container.decode([WholeNumber].self, forKey: .shape).map(\.value)
            type = try container.decodeIfPresent(String.self, forKey: .type)
        }
    }

    private enum Key: CodingKey { case model, parameters, tensors }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        model = try container.decode(String.self, forKey: .model)
        parameters = try container.decodeIfPresent(WholeNumber.self, forKey: .parameters)?.value
        tensors = try container.decode([Tensor].self, forKey: .tensors)
    }
}

/// A whole number that says where it stands when it is none.
///
/// For `1.5` or `1e30` Foundation's decoder throws an error of its own that becomes "not valid JSON", without a place.
private struct WholeNumber: Decodable {
    let value: Int

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            value = try container.decode(Int.self)
        } catch let error as DecodingError {
            throw error
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a whole number")
        }
    }
}
