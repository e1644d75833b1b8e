public import Checkpoints
import Tensors

/// What a model's file says of its network, as a runtime asks for it: the keys of a GGUF header that begin with the
/// architecture's name.
///
/// No number is believed that no network has, so that sizes made of several of them cannot overflow.
public struct NetworkMetadata: Hashable, Sendable {
    /// The architecture, such as `llama`: `general.architecture`.
    public let architecture: String
    /// The number of words, from the table of their embeddings or the key `vocab_size`.
    public private(set) var vocabularySize: Int

    private let values: [String: MetadataValue]

    /// The largest number that is believed; contexts and windows may be 128 times as long.
    static let largestNumber = 1 << 24
    /// The largest number of tokens that is believed.
    static let largestContext = 1 << 31
    /// The most blocks that llama.cpp takes (`LLAMA_MAX_LAYERS`).
    static let mostBlocks = 512

    /// The network of a model.
    ///
    /// - Throws: ``RuntimeError/noNetwork(model:)`` where neither the file nor the model's name says what network it is, and
    ///   ``RuntimeError/impossibleValue(key:detail:)``.
    public init(_ model: Model) throws(RuntimeError) {
        let words = model.tensors.first { $0.name == "token_embd.weight" }?.rowCount
        if let architecture = model.architecture {
            try self.init(architecture: architecture, metadata: model.metadata, vocabularySize: words)
        } else if let builtIn = Self.builtIn(named: model.name) {
            try self.init(
                architecture: builtIn.architecture,
                metadata: builtIn.metadata,
                vocabularySize: words
            )
        } else {
            throw .noNetwork(model: model.name)
        }
    }

    /// A network by its keys.
    ///
    /// - Parameters:
    ///   - architecture: The architecture.
    ///   - metadata: The keys with their values; those of other architectures are passed over.
    ///   - vocabularySize: The number of words; without it, the key `vocab_size`, and 0 where there is none.
    /// - Throws: ``RuntimeError/impossibleValue(key:detail:)``.
    public init(
        architecture: String,
        metadata: [GGUFMetadata],
        vocabularySize: Int? = nil
    ) throws(RuntimeError) {
        self.architecture = architecture
        let prefix = architecture + "."
        var values: [String: MetadataValue] = [:]
        for entry in metadata where entry.key.hasPrefix(prefix) {
            values[String(entry.key.dropFirst(prefix.count))] = entry.value
        }
        self.values = values
        self.vocabularySize = min(vocabularySize ?? 0, Self.largestNumber)
        if vocabularySize == nil, let stated = try number("vocab_size") { self.vocabularySize = stated }
    }

    /// The tokens that the network was trained for, or nil where the file does not say it: `context_length`.
    public var trainedContext: Int? {
        (try? number("context_length", atMost: Self.largestContext)).flatMap { $0 }.flatMap {
            $0 > 0 ? $0 : nil
        }
    }

    /// The full name of a key.
    func key(_ name: String) -> String { "\(architecture).\(name)" }

    /// A whole number, or nil where the file does not have it.
    func number(
        _ name: String,
        atMost limit: Int = largestNumber
    ) throws(RuntimeError) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = value.integer else {
            if case .uint64(let number) = value { throw tooLarge("\(number)", name, limit) }
            throw .impossibleValue(key: key(name), detail: "it is no whole number")
        }
        return try checked(number, name, atMost: limit)
    }

    /// A whole number that the file must have.
    func requiredNumber(
        _ name: String,
        atMost limit: Int = largestNumber
    ) throws(RuntimeError) -> Int {
        guard let number = try number(name, atMost: limit) else { throw .missingValue(key: key(name)) }
        return number
    }

    /// A whole number above zero that the file must have.
    func requiredPositive(_ name: String) throws(RuntimeError) -> Int {
        let number = try requiredNumber(name)
        guard number > 0 else { throw .nothingStated(key: key(name)) }
        return number
    }

    /// One number per block, of a number for all or an array, or nil where the file does not have it.
    func numbers(_ name: String, count: Int) throws(RuntimeError) -> [Int]? {
        guard let value = values[name] else { return nil }
        guard let list = value.integers else {
            return try number(name).map { [Int](repeating: $0, count: count) }
        }
        guard list.count >= count else {
            throw .impossibleValue(key: key(name), detail: "it has \(list.count) values for \(count) blocks")
        }
        var numbers: [Int] = []
        for number in list.prefix(count) {
            numbers.append(try checked(number, name, atMost: Self.largestNumber))
        }
        return numbers
    }

    /// One truth value per block, or nil where the file has no array of them.
    func flags(_ name: String, count: Int) throws(RuntimeError) -> [Bool]? {
        guard values[name]?.isArray == true else { return nil }
        return try numbers(name, count: count)?.map { $0 != 0 }
    }

    /// A truth value, or nil where the file does not have it or has something else.
    func flag(_ name: String) -> Bool? {
        if case .bool(let value)? = values[name] { value } else { nil }
    }

    private func checked(_ number: Int, _ name: String, atMost limit: Int) throws(RuntimeError) -> Int {
        guard number >= 0 else {
            throw .impossibleValue(key: key(name), detail: "it is \(number), which is negative")
        }
        guard number <= limit else { throw tooLarge("\(number)", name, limit) }
        return number
    }

    private func tooLarge(_ number: String, _ name: String, _ limit: Int) -> RuntimeError {
        .impossibleValue(key: key(name), detail: "it is \(number), and no network has more than \(limit)")
    }
}

extension MetadataValue {
    /// The whole number, or the truth value as one; nil for everything else.
    fileprivate var integer: Int? {
        if case .bool(let value) = self { value ? 1 : 0 } else { wholeNumber }
    }

    /// The whole numbers or truth values of an array; nil for everything else.
    fileprivate var integers: [Int]? {
        switch self {
        case .int32Array(let values): values.map { Int($0) }
        case .array(_, let values):
            values.allSatisfy { $0.integer != nil } ? values.compactMap(\.integer) : nil
        default: nil
        }
    }

    fileprivate var isArray: Bool {
        switch self {
        case .int32Array, .array, .omitted(.array, _): true
        default: false
        }
    }
}
