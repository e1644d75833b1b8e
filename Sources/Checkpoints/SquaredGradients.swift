public import Tensors
package import Text

/// How strongly the end of a model answers to each of its weights, as two vectors per tensor.
///
/// With `G_s` the gradient of a scalar of sequence `s` by a weight matrix and `F_ij = E_s[G_s,ij²]`, the curvature of the loss
/// at the end, the vectors are `r_i = Σ_j F_ij`, one for each output, and `c_j = Σ_i F_ij`, one for each input. Changing
/// the weights by small `d_ij` is then expected to cost `½ · Σ_ij r_i·c_j·d_ij² / Σ_j c_j` at the end, in ``unit``.
///
/// `Examples/capture-gradients` writes the file, a GGUF whose metadata are
///
/// | key | type | meaning |
/// |---|---|---|
/// | `gradients.version` | `uint32` | 1 |
/// | `gradients.model` | string | the model's name |
/// | `gradients.loss` | string | the kind of loss: `kl`, `cosine`, `mse`, or any other |
/// | `gradients.unit` | string | the quantity and its unit in words, such as `KL divergence, nats per token` |
/// | `gradients.sequences`, `gradients.tokens` | `uint64` | what it was measured on |
/// | `gradients.clip` | `float32` | the most that a sequence counts in a tensor, in medians; 0 for no limit |
/// | `gradients.seed` | `uint64` | the seed of what was drawn |
/// | `gradients.text` | string | the digest of the text, may be empty |
///
/// and which has for each tensor `NAME` of the model three of type F32:
///
/// - `NAME.rows`, the `r_i`, for a tensor of experts one row of them for each expert;
/// - `NAME.in_sum2` and `NAME.counts`, the columns as an ``ImportanceMatrix`` has them, in any scale. The file is one, and
///   llama-quantize reads it as such. A count is the number of sequences in which a gradient reached the expert.
///
/// The vectors are read when they are asked for. The file is untrusted: every length and number is checked.
public struct SquaredGradients: Sendable {
    /// The vectors of a tensor.
    public struct Factors: Hashable, Sendable {
        /// The `r_i`: one for each row, of all experts one after another, or for each filter of a convolution; not negative.
        public let rows: [Float]
        /// The `c_j` in some scale: one for each element of a row, or of a filter; one such run for each expert, or one for all.
        public let columns: [Float]

        /// What the squared errors of a row, each times its `c_j`, are multiplied by to be losses: `½ · r_i / Σ_j c_j`, the sum being
        /// that of the row's expert.
        ///
        /// - Parameter rowLength: The number of elements of a row, or of a filter.
        /// - Returns: One factor for each of ``rows``.
        public func rowCosts(rowLength: Int) -> [Double] {
            let expertCount = columns.count / rowLength
            let sums = (0..<expertCount).map { expert in
                columns[expert * rowLength..<(expert + 1) * rowLength].reduce(0) { $0 + Double($1) }
            }
            let rowsPerExpert = rows.count / expertCount
            return rows.enumerated().map { row, factor in
                let sum = sums[row / rowsPerExpert]
                // Columns are all zero only where rows are.
                return sum > 0 ? 0.5 * Double(factor) / sum : 0
            }
        }
    }

    /// The path of the file.
    public let path: String
    /// The name of the model that was run.
    public let model: String
    /// The kind of loss: `kl`, `cosine`, `mse`, or any other.
    public let loss: String
    /// The quantity that is lost and its unit in words, such as `KL divergence, nats per token`.
    public let unit: String
    /// The number of sequences that gradients were taken of.
    public let sequenceCount: Int
    /// The number of tokens in all of them.
    public let tokenCount: Int
    /// The columns as an importance matrix, for encoders.
    public let columns: ImportanceMatrix

    /// The values of one tensor.
    private struct Entry {
        let valueCount: Int
        let offset: Int
    }

    private let source: ByteSource
    private let rows: [String: Entry]

    /// Opens a file.
    ///
    /// - Parameter path: The path; a pipe, and standard input where it is `-`, is read to its end.
    /// - Throws: ``CheckpointError/file(_:)``,
    ///   ``CheckpointError/malformedFile(path:offset:_:)``, and ``CheckpointError/notGradients(path:)``.
    public init(path: String) throws(CheckpointError) {
        try self.init(try ByteSource(wholePath: path))
    }

    /// Reads the metadata and the names.
    package init(_ source: ByteSource) throws(CheckpointError) {
        let beginning = try source.beginning(4)
        guard beginning == Array("GGUF".utf8) else { throw .notGradients(path: source.path) }
        let file = try GGUFFile(source)
        let metadata = Dictionary(file.metadata.map { ($0.key, $0.value) }) { first, _ in first }
        var rows: [String: Entry] = [:]
        for (index, tensor) in file.tensors.enumerated()
        where tensor.elementType == .f32 && tensor.name.hasSuffix(".rows") {
            let name = String(tensor.name.dropLast(".rows".count))
            rows[name] = Entry(valueCount: tensor.elementCount, offset: file.locations[index].offset)
        }
        guard metadata["gradients.version"] == .uint32(1), !rows.isEmpty,
            case .string(let model) = metadata["gradients.model"],
            case .string(let loss) = metadata["gradients.loss"],
            case .string(let unit) = metadata["gradients.unit"], !unit.isEmpty,
            case .uint64(let sequences) = metadata["gradients.sequences"],
            case .uint64(let tokens) = metadata["gradients.tokens"]
        else { throw .notGradients(path: source.path) }
        guard sequences > 0 else { throw .gradientsOfNothing(path: source.path) }
        self.model = model
        self.loss = loss
        self.unit = unit
        sequenceCount = Int(clamping: sequences)
        tokenCount = Int(clamping: tokens)
        path = source.path
        self.source = source
        self.rows = rows
        columns = ImportanceMatrix(source, entries: try ImportanceMatrix.ggufEntries(file, source))
        guard Set(columns.tensorNames) == Set(rows.keys) else { throw .notGradients(path: source.path) }
    }

    /// The names of the tensors that there are vectors for, in order.
    public var tensorNames: [String] { rows.keys.sorted() }

    /// A fingerprint of what the file says of itself, of what there are vectors for, and of some values of each.
    ///
    /// - Throws: ``CheckpointError/file(_:)``.
    public func digest() throws(CheckpointError) -> String {
        var digest = ContentDigest()
        for text in [loss, unit, try columns.digest()] { digest.update(field: text) }
        for (name, entry) in rows.sorted(by: { $0.key < $1.key }) {
            digest.update(field: name)
            try digest.update(middleOf: entry.valueCount, at: entry.offset, in: source)
        }
        return digest.text
    }

    /// Checks that the numbers of a tensor's values are what its shape asks for, without reading them.
    ///
    /// - Throws: ``CheckpointError/gradientsDisagree(path:tensor:rows:)`` and
    ///   ``CheckpointError/importanceDisagrees(path:tensor:values:)``.
    public func check(_ tensor: TensorInfo) throws(CheckpointError) {
        guard let entry = rows[tensor.name] else { return }
        guard entry.valueCount == tensor.outputCount else {
            throw .gradientsDisagree(path: path, tensor: tensor, rows: entry.valueCount)
        }
        try columns.check(tensor.asMatrices)
    }

    /// The vectors of a tensor, or nil if there are none or no gradient reached it.
    ///
    /// - Throws: What ``check(_:)`` throws, ``CheckpointError/impossibleImportance(path:tensor:value:)`` for a value that is
    ///   negative or not finite, and ``CheckpointError/file(_:)``.
    public func factors(of tensor: TensorInfo) throws(CheckpointError) -> Factors? {
        guard let entry = rows[tensor.name] else { return nil }
        try check(tensor)
        guard let columns = try columns.meanSquares(of: tensor.asMatrices) else { return nil }
        let rows = try source.nonNegativeFloats(entry.valueCount, at: entry.offset, tensor: tensor.name)
        guard rows.contains(where: { $0 > 0 }), columns.contains(where: { $0 > 0 }) else { return nil }
        return Factors(rows: rows, columns: columns)
    }
}

extension TensorInfo {
    /// The tensor with every filter of a convolution as one row, as gradients have it.
    fileprivate var asMatrices: TensorInfo {
        // The product of the shape is the same, so it is a tensor as well.
        isFilter ? (try? TensorInfo(name: name, shape: [shape[0], elementCount / shape[0]])) ?? self : self
    }
}
