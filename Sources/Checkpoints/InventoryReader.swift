import Tensors
import Text

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

    /// Reads the inventory in a file, in a pipe, or in standard input where the path is `-`.
    ///
    /// - Throws: ``CheckpointError/file(_:)``, and the errors of ``read(_:from:)``.
    public static func read(path: String) throws(CheckpointError) -> Model {
        let bytes = try CheckpointError.wrapping { () throws(FileError) in
            try InputFile.bytes(at: path, limit: maximumByteCount)
        }
        return try read(bytes, from: path)
    }

    /// Reads the inventory in a file that is open.
    static func read(_ source: ByteSource) throws(CheckpointError) -> Model {
        let bytes = try CheckpointError.wrapping { () throws(FileError) in
            try source.bytes(limit: maximumByteCount)
        }
        return try read(bytes, from: source.path)
    }

    /// Reads the inventory in some bytes, which come from the source of that name.
    ///
    /// - Throws: ``CheckpointError/malformedJSON(source:line:problem:)`` where the JSON or its structure is wrong,
    ///   ``CheckpointError/emptyModelName(source:)``, ``CheckpointError/nameTooLong(source:name:limit:)``,
    ///   ``CheckpointError/tooManyDimensions(source:tensor:count:limit:)``,
    ///   ``CheckpointError/unknownFormat(source:tensor:format:)``, ``CheckpointError/invalidTensor(source:_:)``,
    ///   ``CheckpointError/parametersDisagree(source:stated:counted:)``, the errors of
    ///   ``Model/init(name:tensors:)``, and ``CheckpointError/file(_:)``.
    public static func read(_ bytes: [UInt8], from source: String) throws(CheckpointError) -> Model {
        guard bytes.count <= maximumByteCount else {
            throw .file(FileError(path: source, .tooLarge(limit: maximumByteCount)))
        }
        let inventory: Inventory
        do throws(JSONError) {
            inventory = try Inventory(bytes)
        } catch {
            throw .malformedJSON(source: source, line: error.line, problem: error.problem)
        }
        guard !inventory.model.isEmpty else { throw .emptyModelName(source: source) }
        try checkLength(of: inventory.model, from: source)
        var tensors: [TensorInfo] = []
        tensors.reserveCapacity(inventory.tensors.count)
        var formats: [String: QuantizationFormat] = [:]
        for entry in inventory.tensors {
            tensors.append(try tensor(of: entry, from: source, &formats))
        }
        let model = try Model(name: inventory.model, tensors: tensors)
        if let stated = inventory.parameters, stated != model.parameters {
            throw .parametersDisagree(source: source, stated: stated, counted: model.parameters)
        }
        return model
    }

    private static func tensor(
        of entry: Inventory.Tensor,
        from source: String,
        _ formats: inout [String: QuantizationFormat]
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
            guard let format = formats[type] ?? QuantizationFormat(named: type) else {
                throw .unknownFormat(source: source, tensor: entry.name, format: type)
            }
            formats[type] = format
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
}

/// The inventory as it stands in the file.
private struct Inventory {
    let model: String
    let parameters: Int?
    var tensors: [Tensor] = []

    struct Tensor {
        var name: String
        var shape: [Int] = []
        var type: String?
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        // The tree knows where everything stands, for the error of what is not as it should be.
        guard let plain = Inventory(plain: bytes) else {
            self = try Inventory(JSONPlace(try JSONTree.parse(bytes)))
            return
        }
        self = plain
    }

    /// Reads an inventory in one pass, without a tree: nil where it has other keys than the known ones, one of them twice, or a
    /// value of another kind, and where it is no JSON.
    init?(plain bytes: [UInt8]) {
        guard let whole = try? Self.plainMembers(bytes) else { return nil }
        (model, parameters, tensors) = whole
    }

    private static func plainMembers(_ bytes: [UInt8]) throws(JSONDefect) -> (String, Int?, [Tensor])? {
        var cursor = try JSONCursor(wholeOf: ByteSource(bytes: bytes, path: ""))
        var name: String?
        var count: Int?
        var tensors: [Tensor]?
        try cursor.enterObject("")
        while let (key, _, _) = try cursor.nextMember() {
            switch key {
            case "model" where name == nil: name = try cursor.name("", limit: .max)
            case "parameters" where count == nil:
                guard let number = Int(exactly: try cursor.wholeNumber("")) else { return nil }
                count = number
            case "tensors" where tensors == nil:
                guard let read = try plainTensors(&cursor) else { return nil }
                tensors = read
            default: return nil
            }
        }
        try cursor.finish()
        guard let name, let tensors else { return nil }
        return (name, count, tensors)
    }

    private static func plainTensors(_ cursor: inout JSONCursor) throws(JSONDefect) -> [Tensor]? {
        var tensors: [Tensor] = []
        // A tensor has at most twelve values, so that the tree would not be refused for their number.
        let limit = JSONTree.maximumValueCount / 16
        try cursor.enterArray("")
        while try cursor.nextElement() {
            guard tensors.count < limit, let tensor = try plainTensor(&cursor) else { return nil }
            tensors.append(tensor)
        }
        return tensors
    }

    private static func plainTensor(_ cursor: inout JSONCursor) throws(JSONDefect) -> Tensor? {
        var name: String?
        var type: String?
        var shape: [Int]?
        try cursor.enterObject("")
        while let (key, _, _) = try cursor.nextMember() {
            switch key {
            case "name" where name == nil: name = try cursor.name("", limit: .max)
            case "type" where type == nil: type = try cursor.name("", limit: .max)
            case "shape" where shape == nil:
                var sizes: [Int] = []
                try cursor.enterArray("")
                while try cursor.nextElement() {
                    guard sizes.count < InventoryReader.maximumDimensionCount,
                        let size = Int(exactly: try cursor.wholeNumber(""))
                    else { return nil }
                    sizes.append(size)
                }
                shape = sizes
            default: return nil
            }
        }
        guard let name, let shape else { return nil }
        return Tensor(name: name, shape: shape, type: type)
    }

    init(_ place: JSONPlace) throws(JSONError) {
        let whole = try place.object()
        model = try whole.value("model").string()
        parameters = try whole.optional("parameters")?.integer()
        for place in try whole.value("tensors").elements() {
            let object = try place.object()
            var tensor = Tensor(
                name: try object.value("name").string(),
                type: try object.optional("type")?.string()
            )
            for size in try object.value("shape").elements() { tensor.shape.append(try size.integer()) }
            tensors.append(tensor)
        }
    }
}
