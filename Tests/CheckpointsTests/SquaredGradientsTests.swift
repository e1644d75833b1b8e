import Text
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Checkpoints

@Suite("Squared gradients")
struct SquaredGradientsTests {
    /// A file of vectors for a matrix `a` of 2 rows of 3, experts `b`, 2 of 2 rows of 2, and a convolution `c` of 2 filters of 8.
    private func file(
        version: UInt32 = 1,
        without omitted: String? = nil,
        values: [String: [Float]] = [:]
    ) -> [UInt8] {
        var file = GGUFBytes()
        let texts = [
            "gradients.model": "tiny", "gradients.loss": "kl",
            "gradients.unit": "KL divergence, nats per token", "gradients.text": "",
        ]
        for (key, text) in texts.sorted(by: { $0.key < $1.key }) where key != omitted {
            file.add(key, .string, GGUFBytes.text(text))
        }
        file.add("gradients.version", .uint32, GGUFBytes.number(version))
        for (key, number) in [("gradients.sequences", UInt64(4)), ("gradients.tokens", 512)]
        where key != omitted {
            file.add(key, .uint64, GGUFBytes.number(number))
        }
        let tensors: [(name: String, shape: [Int64], values: [Float])] = [
            ("a.rows", [2], [3, 5]), ("a.in_sum2", [3], [2, 4, 6]), ("a.counts", [1], [4]),
            ("b.rows", [2, 2], [1, 2, 3, 4]), ("b.in_sum2", [2, 2], [4, 4, 2, 6]),
            ("b.counts", [1, 2], [4, 2]),
            ("c.rows", [2], [1, 1]), ("c.in_sum2", [8], [Float](repeating: 4, count: 8)),
            ("c.counts", [1], [4]),
        ]
        var data: [UInt8] = []
        for tensor in tensors where tensor.name != omitted {
            file.add(tensor: tensor.name, tensor.shape, at: UInt64(data.count))
            data += (values[tensor.name] ?? tensor.values).flatMap { GGUFBytes.number($0.bitPattern) }
            while !data.count.isMultiple(of: 32) { data.append(0) }
        }
        return file.header + data
    }

    private func gradients(_ bytes: [UInt8]) throws(CheckpointError) -> SquaredGradients {
        try SquaredGradients(ByteSource(bytes: bytes, path: "gradients"))
    }

    @Test("the vectors of matrices, experts and convolutions are read, and what the file says of itself")
    func reads() throws {
        let gradients = try gradients(file())
        #expect(gradients.tensorNames == ["a", "b", "c"])
        #expect(gradients.unit == "KL divergence, nats per token" && gradients.loss == "kl")
        #expect(gradients.model == "tiny")
        #expect(gradients.sequenceCount == 4 && gradients.tokenCount == 512)
        let matrix = try #require(try gradients.factors(of: TensorInfo(name: "a", shape: [2, 3])))
        #expect(matrix.rows == [3, 5] && matrix.columns == [0.5, 1, 1.5])
        let experts = try #require(try gradients.factors(of: TensorInfo(name: "b", shape: [2, 2, 2])))
        #expect(experts.rows == [1, 2, 3, 4] && experts.columns == [1, 1, 1, 3])
        let filters = try #require(try gradients.factors(of: TensorInfo(name: "c", shape: [2, 2, 2, 2])))
        #expect(filters.rows == [1, 1] && filters.columns.count == 8)
        #expect(try gradients.factors(of: TensorInfo(name: "d", shape: [2, 3])) == nil)
    }

    @Test("the file is an importance matrix of its columns")
    func isImportanceMatrix() throws {
        let matrix = try ImportanceMatrix(ByteSource(bytes: file(), path: "gradients"))
        #expect(try matrix.meanSquares(of: TensorInfo(name: "a", shape: [2, 3])) == [0.5, 1, 1.5])
    }

    @Test("vectors of another shape are refused, with the tensor")
    func otherShapes() throws {
        let gradients = try gradients(file())
        for shape in [[3, 3], [2, 4], [6, 1], [2, 2, 3]] {
            let tensor = try TensorInfo(name: "a", shape: shape)
            let error: CheckpointError =
                shape == [2, 4]
                ? .importanceDisagrees(path: "gradients", tensor: tensor, values: 3)
                : .gradientsDisagree(path: "gradients", tensor: tensor, rows: 2)
            #expect(throws: error, "\(shape)") { try gradients.check(tensor) }
            #expect(throws: error, "\(shape)") { try gradients.factors(of: tensor) }
        }
    }

    @Test(
        "a tensor that no gradient reached has no vectors",
        arguments: [["a.rows": [0, 0]], ["a.in_sum2": [0, 0, 0]], ["a.counts": [0]]] as [[String: [Float]]]
    )
    func unreached(values: [String: [Float]]) throws {
        let gradients = try gradients(file(values: values))
        #expect(try gradients.factors(of: TensorInfo(name: "a", shape: [2, 3])) == nil)
    }

    @Test("values that are no sums of squares are errors", arguments: [-1, .nan, .infinity] as [Float])
    func impossible(value: Float) throws {
        for values in [["a.rows": [1, value]], ["a.in_sum2": [1, value, 1]], ["a.counts": [value]]] {
            let gradients = try gradients(file(values: values))
            #expect(
                throws: CheckpointError.impossibleImportance(
                    path: "gradients",
                    tensor: "a",
                    value: "\(value)"
                )
            ) {
                try gradients.factors(of: TensorInfo(name: "a", shape: [2, 3]))
            }
        }
    }

    @Test(
        "a file without one of its parts has no gradients",
        arguments: [
            "gradients.model", "gradients.loss", "gradients.unit", "gradients.sequences", "gradients.tokens",
            "a.rows", "a.in_sum2", "a.counts",
        ]
    )
    func incomplete(part: String) {
        // Sums of columns without their counts are no importance matrix either.
        let error: CheckpointError =
            part == "a.counts" ? .notAnImportanceMatrix(path: "gradients") : .notGradients(path: "gradients")
        #expect(throws: error) { try gradients(file(without: part)) }
    }

    @Test("other files, other versions and whatever is cut off are errors, never a trap")
    func malformed() {
        let whole = file()
        #expect(throws: CheckpointError.notGradients(path: "gradients")) { try gradients(file(version: 2)) }
        #expect(throws: CheckpointError.notGradients(path: "gradients")) { try gradients([]) }
        #expect(throws: CheckpointError.notGradients(path: "gradients")) { try gradients([1, 2, 3, 4]) }
        for count in 0..<(whole.count - 32) {
            let found = sentence { try gradients(Array(whole[..<count])) } ?? "read"
            #expect(
                count < 4
                    ? found == "\(CheckpointError.notGradients(path: "gradients"))"
                    : found.contains(" too early to hold ")
                        || found.contains(" too short and cut off in the data of "),
                "\(count) bytes: \(found)"
            )
        }
    }

    @Test("the digest changes with the values, the names and the unit")
    func digest() throws {
        let digest = try gradients(file()).digest()
        #expect(digest.hasPrefix("fnv1a64:"))
        #expect(try gradients(file()).digest() == digest)
        for values in [["a.rows": [3, 6]], ["a.in_sum2": [2, 4, 7]], ["a.counts": [3]]] as [[String: [Float]]]
        {
            #expect(try gradients(file(values: values)).digest() != digest)
        }
    }
}
