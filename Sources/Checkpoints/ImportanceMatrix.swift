public import Tensors
package import Text

/// How large the inputs of a model's weights are: the mean square of every input `x_j` of a tensor, `E[x_j²]`.
///
/// It is what `llama-imatrix` of llama.cpp writes, in either of its two shapes:
///
/// - GGUF: for each tensor `NAME` two of type F32, `NAME.in_sum2`, the sums of squares, with a row as long as the
///   tensor's, and `NAME.counts`, how many inputs were summed; both have one row per expert for a tensor of experts.
/// - The old binary shape (`imatrix.dat`), every number with its least significant byte first: the number of entries,
///   `int32`; for each the length of the name, `int32`, the name, the number of calls, `int32`, the number of values,
///   `int32`, and the values, `float32`, whose quotient by the calls is the mean square. Then may follow the number of
///   chunks, `int32`, and the data set, its length, `int32`, and its name.
///
/// The values are read when they are asked for, so that a matrix takes no memory to speak of. Source:
/// `tools/imatrix/imatrix.cpp` in llama.cpp. The file is untrusted: every length and number is checked.
public struct ImportanceMatrix: Sendable {
    /// One tensor's entry.
    struct Entry: Sendable {
        /// How many values there are.
        let valueCount: Int
        /// Where the values begin, counted from the beginning of the file.
        let valuesOffset: Int
        /// Where the counts are that the sums are divided by.
        let counts: Counts
    }

    /// What sums are divided by.
    enum Counts: Sendable {
        /// One number for all.
        case one(Double)
        /// So many `float32` in the file, one for each expert.
        case stored(count: Int, offset: Int)
    }

    /// What a matrix says of the text that it was made with.
    public struct Origin: Hashable, Sendable {
        /// The name of the first data set, or nil where the file names none.
        public var dataset: String?
        /// The number of chunks of text, 0 where the file does not say it.
        public var chunkCount = 0
    }

    /// The path of the file.
    public let path: String
    /// What the file says of the text that it was made with.
    public let origin: Origin

    private let source: ByteSource
    private let entries: [String: Entry]

    /// Creates a matrix of what was found in its file.
    init(_ source: ByteSource, entries: [String: Entry], origin: Origin = Origin()) {
        self.source = source
        self.entries = entries
        self.origin = origin
        path = source.path
    }

    /// A fingerprint of what there are entries for, and of some values of each.
    ///
    /// - Throws: ``CheckpointError/file(_:)``.
    public func digest() throws(CheckpointError) -> String {
        var digest = ContentDigest()
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            digest.update(field: name)
            try digest.update(middleOf: entry.valueCount, at: entry.valuesOffset, in: source)
            switch entry.counts {
            case .one(let calls): digest.update(field: Int(calls))
            case .stored(let count, let offset):
                let sampled = min(count, ContentDigest.sampleCount)
                digest.update(bytes: try source.part(offset..<offset + 4 * sampled))
            }
        }
        return digest.text
    }

    /// Opens the matrix in a file.
    ///
    /// - Parameter path: The path; a pipe, and standard input where it is `-`, is read to its end.
    /// - Throws: ``CheckpointError/file(_:)``,
    ///   ``CheckpointError/malformedFile(path:offset:_:)``, and ``CheckpointError/notAnImportanceMatrix(path:)``.
    public init(path: String) throws(CheckpointError) {
        try self.init(try ByteSource(wholePath: path))
    }

    /// Reads the names of the entries.
    package init(_ source: ByteSource) throws(CheckpointError) {
        let beginning = try source.beginning(4)
        if beginning == Array("GGUF".utf8) {
            let file = try GGUFFile(source)
            self.init(
                source,
                entries: try Self.ggufEntries(file, source),
                origin: Self.origin(file.metadata)
            )
        } else {
            let (entries, origin) = try Self.binaryEntries(source)
            self.init(source, entries: entries, origin: origin)
        }
    }

    /// The names of the tensors that there are entries for, in order.
    public var tensorNames: [String] { entries.keys.sorted() }

    /// Checks that the number of a tensor's values is what its shape asks for, without reading them.
    ///
    /// - Throws: ``CheckpointError/importanceDisagrees(path:tensor:values:)``.
    public func check(_ tensor: TensorInfo) throws(CheckpointError) {
        guard let entry = entries[tensor.name] else { return }
        let expertCount = entry.valueCount / tensor.rowLength
        let isPerExpert = tensor.dimensionCount == 3 && expertCount == tensor.shape[0]
        var countsFit = true
        if case .stored(let count, _) = entry.counts { countsFit = count == 1 || count == expertCount }
        guard entry.valueCount.isMultiple(of: tensor.rowLength), expertCount == 1 || isPerExpert, countsFit
        else {
            throw .importanceDisagrees(path: path, tensor: tensor, values: entry.valueCount)
        }
    }

    /// The mean squares of a tensor's inputs, or nil if the matrix has none for it.
    ///
    /// - Returns: One value for each element of a row; for a tensor of experts one such row for each expert, one after
    ///   another. An expert that no input ever reached gets the mean of the others.
    /// - Throws: ``CheckpointError/importanceDisagrees(path:tensor:values:)`` unless the values are as many as the tensor's
    ///   shape asks for, ``CheckpointError/impossibleImportance(path:tensor:value:)`` for a value or count that is negative
    ///   or not finite, and ``CheckpointError/file(_:)``.
    public func meanSquares(of tensor: TensorInfo) throws(CheckpointError) -> [Float]? {
        guard let (values, counts) = try meanSquaresAndCounts(of: tensor), counts.contains(where: { $0 > 0 })
        else { return nil }
        var filled = values
        if counts.count > 1, counts.contains(0) {
            fillUnseenExperts(&filled, counts, rowLength: tensor.rowLength)
        }
        return filled
    }

    /// How many experts of a tensor no input ever reached, where some reached others.
    ///
    /// - Throws: As ``meanSquares(of:)``.
    public func unseenExpertCount(of tensor: TensorInfo) throws(CheckpointError) -> Int {
        guard case .stored(let count, let offset) = entries[tensor.name]?.counts, count > 1 else { return 0 }
        let counts = try source.nonNegativeFloats(count, at: offset, tensor: tensor.name)
        return counts.contains { $0 > 0 } ? counts.count { $0 == 0 } : 0
    }

    /// The mean squares of a tensor's inputs as `llama-quantize` hands them to its encoders, or nil if the matrix has none
    /// for it.
    ///
    /// They are those of ``meanSquares(of:)``, but that the inputs of an expert that none ever reached count as 1 each, and
    /// that the token embedding, which is looked up and not multiplied, may have values of another number, which are then
    /// passed over.
    ///
    /// - Throws: As ``meanSquares(of:)``.
    public func encodingWeights(of tensor: TensorInfo) throws(CheckpointError) -> [Float]? {
        let isEmbedding = ["token_embd.weight", "per_layer_token_embd.weight"].contains(tensor.name)
        if isEmbedding, let entry = entries[tensor.name], entry.valueCount != tensor.rowLength { return nil }
        guard let (values, counts) = try meanSquaresAndCounts(of: tensor) else { return nil }
        var weights = values
        for index in weights.indices where counts[counts.count == 1 ? 0 : index / tensor.rowLength] == 0 {
            weights[index] = 1
        }
        return weights
    }

    /// The mean squares, 0 for an expert without inputs, and how many inputs were counted for each expert, or for all.
    private func meanSquaresAndCounts(
        of tensor: TensorInfo
    ) throws(CheckpointError) -> (values: [Float], counts: [Float])? {
        guard let entry = entries[tensor.name] else { return nil }
        try check(tensor)
        let rowLength = tensor.rowLength
        var values = try source.nonNegativeFloats(
            entry.valueCount,
            at: entry.valuesOffset,
            tensor: tensor.name
        )
        let counts: [Float]
        switch entry.counts {
        case .one(let count): counts = [Float(count)]
        case .stored(let count, let offset):
            counts = try source.nonNegativeFloats(count, at: offset, tensor: tensor.name)
        }
        for index in values.indices {
            let count = counts[counts.count == 1 ? 0 : index / rowLength]
            values[index] = count > 0 ? values[index] / count : 0
            guard values[index].isFinite else {
                throw .impossibleImportance(path: path, tensor: tensor.name, value: "\(values[index])")
            }
        }
        return (values, counts)
    }

    /// Gives the experts without inputs the mean of the others.
    private func fillUnseenExperts(_ values: inout [Float], _ counts: [Float], rowLength: Int) {
        let seen = counts.indices.filter { counts[$0] > 0 }
        var mean = [Double](repeating: 0, count: rowLength)
        for expert in seen {
            for column in 0..<rowLength {
                mean[column] += Double(values[expert * rowLength + column]) / Double(seen.count)
            }
        }
        for expert in counts.indices where counts[expert] == 0 {
            for column in 0..<rowLength { values[expert * rowLength + column] = Float(mean[column]) }
        }
    }
}
