import Checkpoints
import Quantization
import Tensors

/// What the inputs of a model's tensors count in the weighted errors: their mean squares in an importance matrix.
///
/// A matrix does not have to know every tensor: `llama-imatrix` leaves the output and the token embedding out unless it is told
/// otherwise, and experts that no token reached. A tensor that it does not know, or whose inputs were all 0, takes the mean squares
///
/// 1. of the tensors of its kind in other blocks, whose names differ in the block's number alone and whose rows are as long, the mean
///    of them input by input;
/// 2. of a tensor whose input it shares, as queries, keys and values do, and gate and up;
/// 3. of what the last norm gives, for the tensor that makes the logits: what the norms of the last two blocks give is divided by the
///    squares of their own weights, which leaves the stream of unit size, and multiplied by the squares of the last norm's.
///
/// An embedding is looked up and not multiplied. Of all others nothing is known. Every one of these is as large as the matrix' own
/// entries are, so that a matrix times a constant gives the same times the constant.
struct InputWeights: Sendable {
    private let matrix: ImportanceMatrix
    private let model: Model
    private let data: WeightData
    /// The tensors that the matrix has entries for, by their kinds, in the model's order.
    private let known: [String: [TensorInfo]]
    /// The positions of the model's tensors by their names.
    private let places: [String: Int]

    /// Roles of which the tensors of one block have the same inputs.
    private static let sharing: [[TensorRole]] = [
        [.attentionQuery, .attentionKey, .attentionValue, .attentionQueryKeyValue],
        [.feedForwardGate, .feedForwardUp, .feedForwardGateUp], [.expertGate, .expertUp, .expertGateUp],
        [.sharedExpertGate, .sharedExpertUp],
    ]
    /// The norms of a block, by what their names have after the block's number, and the roles of what they feed.
    private static let norms: [(names: [String], roles: [TensorRole])] = [
        (["attn_norm.weight", "input_layernorm.weight"], sharing[0]),
        (["ffn_norm.weight", "post_attention_layernorm.weight"], sharing[1]),
    ]

    init(_ matrix: ImportanceMatrix, of model: Model, data: WeightData) {
        self.matrix = matrix
        self.model = model
        self.data = data
        let names = Set(matrix.tensorNames)
        var known: [String: [TensorInfo]] = [:]
        for tensor in model.tensors where names.contains(tensor.name) && !tensor.isFilter {
            known[Block(tensor.name).kind, default: []].append(tensor)
        }
        self.known = known
        places = Dictionary(model.tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// A tensor's mean squares, and where they come from.
    ///
    /// - Returns: A row of mean squares for each expert or one for all, nil where there are none; and their source, nil for the
    ///   matrix' own entry.
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    func values(for tensor: TensorInfo) throws(EstimationError) -> (values: [Float]?, source: InputSource?) {
        if !tensor.isFilter, let own = try entry(of: tensor) {
            let unseen = try EstimationError.wrapping { () throws(CheckpointError) in
                try matrix.unseenExpertCount(of: tensor)
            }
            return (own, unseen == 0 ? nil : .otherExperts)
        }
        let role = TensorRole(tensorName: tensor.name)
        if role == .tokenEmbedding { return (nil, .lookup) }
        guard !tensor.isFilter else { return (nil, .unknown) }
        if let mean = try mean(of: others(like: tensor)) { return (mean, .otherBlocks) }
        if let shared = try sharedInput(of: tensor, role: role) { return (shared, .sharedInput) }
        if role == .output, let last = try lastNorm(tensor) { return (last, .lastNorm) }
        return (nil, .unknown)
    }

    /// The names of the tensors whose entries hold nothing but zeros, of those that are asked for.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    func zeroEntries(of tensors: [TensorInfo]) throws(EstimationError) -> [String] {
        let names = Set(matrix.tensorNames)
        var zero: [String] = []
        for tensor in tensors where names.contains(tensor.name) && !tensor.isFilter {
            if try entry(of: tensor) == nil { zero.append(tensor.name) }
        }
        return zero
    }

    /// The entry of a tensor, unless there is none or all of it is 0.
    private func entry(of tensor: TensorInfo) throws(EstimationError) -> [Float]? {
        let values = try EstimationError.wrapping { () throws(CheckpointError) in
            try matrix.meanSquares(of: tensor)
        }
        return values.flatMap { $0.contains { $0 > 0 } ? $0 : nil }
    }

    /// The tensors of the same kind in other blocks, of which the matrix has entries.
    private func others(like tensor: TensorInfo) -> [TensorInfo] {
        let block = Block(tensor.name)
        guard block.number != nil else { return [] }
        return (known[block.kind] ?? []).filter {
            $0.name != tensor.name && $0.rowLength == tensor.rowLength
        }
    }

    /// The mean over tensors and their experts, input by input; nil where all are 0.
    private func mean(of tensors: [TensorInfo]) throws(EstimationError) -> [Float]? {
        guard let length = tensors.first?.rowLength else { return nil }
        var sums = [Double](repeating: 0, count: length)
        var count = 0
        for tensor in tensors {
            guard let values = try entry(of: tensor) else { continue }
            let experts = values.count / length
            for (place, value) in values.enumerated() {
                sums[place % length] += Double(value) / Double(experts)
            }
            count += 1
        }
        return count == 0 ? nil : sums.map { Float($0 / Double(count)) }
    }

    private func sharedInput(of tensor: TensorInfo, role: TensorRole?) throws(EstimationError) -> [Float]? {
        guard let role, let roles = Self.sharing.first(where: { $0.contains(role) }),
            let number = Block(tensor.name).number
        else { return nil }
        return try mean(
            of: members(ofBlock: number, roles: roles, rowLength: tensor.rowLength)
                .filter { $0.name != tensor.name }
        )
    }

    /// The tensors of a block that the matrix has entries for, of some roles.
    private func members(ofBlock number: Int, roles: [TensorRole], rowLength: Int) -> [TensorInfo] {
        known.sorted { $0.key < $1.key }.flatMap(\.value).filter { tensor in
            Block(tensor.name).number == number && tensor.rowLength == rowLength
                && TensorRole(tensorName: tensor.name).map(roles.contains) ?? false
        }
    }

    /// What the last norm gives.
    private func lastNorm(_ output: TensorInfo) throws(EstimationError) -> [Float]? {
        let length = output.rowLength
        let numbers = Set(known.values.joined().compactMap { Block($0.name).number }).sorted().suffix(2)
        var sums = [Double](repeating: 0, count: length)
        var counts = [Double](repeating: 0, count: length)
        for number in numbers {
            for (names, roles) in Self.norms {
                let fed = members(ofBlock: number, roles: roles, rowLength: length)
                guard let inputs = try mean(of: fed) else { continue }
                let weights = try norm(named: names, inBlock: number, length: length)
                for column in 0..<length {
                    // What a norm shuts off says nothing of the stream.
                    let square = weights.map { Double($0[column]) * Double($0[column]) } ?? 1
                    guard square > 1e-12 else { continue }
                    sums[column] += Double(inputs[column]) / square
                    counts[column] += 1
                }
            }
        }
        let known = sums.indices.filter { counts[$0] > 0 }
        guard !known.isEmpty else { return nil }
        let usual = known.reduce(0) { $0 + sums[$1] / counts[$1] } / Double(known.count)
        let last = try OutputMatrix(tensorNames: model.tensors.map(\.name))?.norm.flatMap {
            name throws(EstimationError) in
            try norm(named: [name], inBlock: nil, length: length)
        }
        let values = sums.indices.map { column in
            let stream = counts[column] > 0 ? sums[column] / counts[column] : usual
            let square = last.map { Double($0[column]) * Double($0[column]) } ?? 1
            return Float(stream * square)
        }
        return values.contains { $0 > 0 } ? values : nil
    }

    /// The weights of a norm, or nil where there is none with such a name that can be read.
    private func norm(
        named names: [String],
        inBlock number: Int?,
        length: Int
    ) throws(EstimationError) -> [Float]? {
        let found = model.tensors.first { tensor in
            tensor.elementCount == length && Block(tensor.name).number == number
                && names.contains { tensor.name == $0 || tensor.name.hasSuffix("." + $0) }
        }
        guard let found, let place = places[found.name], let type = found.elementType,
            SourceElements.formats.contains(type), let byteCount = type.byteCount(of: found)
        else { return nil }
        let bytes = try EstimationError.wrapping { () throws(CheckpointError) in
            try data.bytes(0..<byteCount, ofTensor: place)
        }
        var values = [Float](repeating: 0, count: length)
        var span = values.mutableSpan
        SourceElements.decode(bytes.span.bytes, as: type, into: &span)
        return values.allSatisfy(\.isFinite) ? values : nil
    }

    /// The number of a tensor's block, and its name without it.
    private struct Block {
        let number: Int?
        let kind: String

        init(_ name: String) {
            var parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let place = parts.firstIndex { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            number = place.flatMap { Int(parts[$0]) }
            if let place { parts[place] = "*" }
            kind = parts.joined(separator: ".")
        }
    }
}
