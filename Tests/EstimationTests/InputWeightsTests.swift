import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import Estimation

@Suite("What inputs count that a matrix does not know")
struct InputWeightsTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// Three blocks of queries and keys behind a norm, and the ends; the matrix knows the queries of the last two.
    private func weights(_ entries: [(name: String, values: [Float])]) throws -> (InputWeights, Model) {
        let row = { (value: Float) in [Float](repeating: value, count: 32) }
        var tensors: [(name: String, shape: [Int], values: [Float])] = [
            ("token_embd.weight", [2, 32], row(1) + row(1)), ("output.weight", [2, 32], row(1) + row(1)),
            ("output_norm.weight", [32], row(3)),
        ]
        for block in 0..<3 {
            tensors.append(("blk.\(block).attn_norm.weight", [32], row(Float(block))))
            for name in ["attn_q", "attn_k", "attn_output"] {
                tensors.append(("blk.\(block).\(name).weight", [1, 32], row(1)))
            }
        }
        let model = try folder.model(tensors)
        var bytes = SafetensorsBytes.bytes(of: Int32(entries.count))
        for (name, values) in entries {
            bytes += SafetensorsBytes.bytes(of: Int32(name.utf8.count)) + Array(name.utf8)
            bytes += SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(values.count))
            bytes += values.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        }
        let matrix = try ImportanceMatrix(path: try folder.write(bytes, "i.dat"))
        return (InputWeights(matrix, of: model, data: try WeightData(of: model)), model)
    }

    private func values(_ weights: InputWeights, _ model: Model, _ name: String) throws -> (
        [Float]?, InputSource?
    ) {
        let tensor = try #require(model.tensors.first { $0.name == name })
        let (values, source) = try weights.values(for: tensor)
        return (values, source)
    }

    private static let first = (0..<32).map { Float($0) + 1 }
    private static let second = (0..<32).map { 3 * Float($0) }

    @Test(
        "they are those of the same kind in other blocks, else of what shares the input, else what the last norm gives"
    )
    func rules() throws {
        let (weights, model) = try weights([
            ("blk.1.attn_q.weight", Self.first), ("blk.2.attn_q.weight", Self.second),
        ])
        let own = try values(weights, model, "blk.1.attn_q.weight")
        #expect(own.0 == Self.first && own.1 == nil)
        let blocks = try values(weights, model, "blk.0.attn_q.weight")
        #expect(blocks.0 == zip(Self.first, Self.second).map { ($0 + $1) / 2 } && blocks.1 == .otherBlocks)
        let shared = try values(weights, model, "blk.1.attn_k.weight")
        #expect(shared.0 == Self.first && shared.1 == .sharedInput)
        // The norms of the last two blocks weigh by 1 and 2, the last norm by 3.
        let last = try values(weights, model, "output.weight")
        let expected = zip(Self.first, Self.second).map { 9 * ($0 + $1 / 4) / 2 }
        let found = try #require(last.0)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * $1 } && last.1 == .lastNorm)
        #expect(try values(weights, model, "token_embd.weight").1 == .lookup)
        #expect(try values(weights, model, "token_embd.weight").0 == nil)
        #expect(try values(weights, model, "blk.0.attn_output.weight").1 == .unknown)
    }

    @Test("an entry of zeros says nothing, and is named")
    func zeros() throws {
        let (weights, model) = try weights([
            ("blk.1.attn_q.weight", Self.first), ("blk.2.attn_q.weight", [Float](repeating: 0, count: 32)),
        ])
        let zero = try values(weights, model, "blk.2.attn_q.weight")
        #expect(zero.0 == Self.first && zero.1 == .otherBlocks)
        #expect(try weights.zeroEntries(of: model.tensors) == ["blk.2.attn_q.weight"])
    }

    @Test("an embedding that has an entry, as it makes the logits as well, counts as that says")
    func tied() throws {
        let (weights, model) = try weights([("token_embd.weight", Self.second)])
        let tied = try values(weights, model, "token_embd.weight")
        #expect(tied.0 == Self.second && tied.1 == nil)
        #expect(try values(weights, model, "output.weight").1 == .unknown)
    }
}
