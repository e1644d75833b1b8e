import Checkpoints
import Quantization
import Tensors
import TestSupport
import Testing

@testable import Estimation

@Suite("Measuring tensors")
struct TensorEstimatorTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private let formats: [QuantizationFormat] = [.q8_0, .q4_0]

    /// The error of casting a row to Q8_0, from its definition: 32 values share a 16-bit scale, the greatest over 127.
    private func q8Error(_ row: [Float], _ weights: [Float]?) -> Double {
        var sum = 0.0
        for start in stride(from: 0, to: row.count, by: 32) {
            let block = row[start..<start + 32]
            let exact = (block.map(abs).max() ?? 0) / 127
            let scale = Float(Float16(exact))
            for index in block.indices {
                let step = exact == 0 ? 0 : (row[index] * (1 / exact)).rounded(.toNearestOrAwayFromZero)
                let difference = Double(row[index]) - Double(step * scale)
                sum += Double(weights?[index] ?? 1) * difference * difference
            }
        }
        return sum
    }

    private func close(_ value: Double, _ expected: Double) -> Bool {
        abs(value - expected) <= 1e-9 * max(abs(expected), 1e-300)
    }

    @Test("errors and signal are the sums that their definition says", arguments: [1, 2])
    func definition(seed: Int) throws {
        let values = drawnWeights(50 * 96, seed: seed)
        let model = try folder.model([("w", [50, 96], values)])
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: formats))
        let estimate = try #require(try estimator.estimate(0))
        let rows = (0..<50).map { Array(values[$0 * 96..<($0 + 1) * 96]) }
        #expect(estimate.tensor == "w" && estimate.rowCount == 50 && estimate.measuredRows == 50)
        #expect(!estimate.hasImportance)
        #expect(close(estimate.plain.signal.value, values.reduce(0) { $0 + Double($1) * Double($1) }))
        let error = try #require(estimate.plain.errors[0])
        #expect(close(error.value, rows.reduce(0) { $0 + q8Error($1, nil) }))
        #expect(error.standardError == 0)
        // Half the bits make the error about 16² times as large.
        let coarse = try #require(estimate.plain.errors[1])
        #expect((50...1_000).contains(coarse.value / error.value))
    }

    @Test("F16, BF16 and 8-bit floats are read as what they stand for")
    func sources() throws {
        let values = drawnWeights(4 * 64, seed: 3)
        let half = values.map { Float16($0) }
        let brain = values.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) }
        // 0x38 is 1 in E4M3, 0xBC is -1 in E5M2.
        var file = SafetensorsBytes()
        file.add("half", "F16", [4, 64], half.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) })
        file.add("brain", "BF16", [4, 64], brain.flatMap { SafetensorsBytes.bytes(of: $0) })
        file.add("e4m3", "F8_E4M3", [4, 64], [UInt8](repeating: 0x38, count: 256))
        file.add("e5m2", "F8_E5M2", [4, 64], [UInt8](repeating: 0xBC, count: 256))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        try estimator.check(Array(model.tensors.indices))
        func signal(_ index: Int) throws -> Double {
            try #require(try estimator.estimate(index)).plain.signal.value
        }
        #expect(close(try signal(0), half.reduce(0) { $0 + Double($1) * Double($1) }))
        #expect(
            close(
                try signal(1),
                brain.reduce(0) {
                    let value = Double(Float(bitPattern: UInt32($1) << 16))
                    return $0 + value * value
                }
            )
        )
        #expect(try signal(2) == 256)
        #expect(try signal(3) == 256)
    }

    @Test("formats that need an importance matrix are measured in the tensors that have one", arguments: [6])
    func missingImportance(seed: Int) throws {
        let values = drawnWeights(2 * 256, seed: seed)
        let model = try folder.model([("w", [2, 256], values), ("v", [2, 256], values)])
        var matrix =
            SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(1)) + Array("w".utf8)
        matrix += SafetensorsBytes.bytes(of: Int32(2)) + SafetensorsBytes.bytes(of: Int32(256))
        matrix += (0..<256).flatMap { SafetensorsBytes.bytes(of: Float($0 + 1).bitPattern) }
        let importance = try ImportanceMatrix(path: try folder.write(matrix, "imatrix.dat"))
        let estimator = try TensorEstimator(
            of: model,
            settings: EstimateSettings(formats: [.iq2_xxs, .iq3_xxs, .iq4_xs]),
            importance: .matrix(importance)
        )
        for (index, tensor) in model.tensors.enumerated() {
            let estimate = try #require(try estimator.estimate(index))
            #expect(
                estimate.plain.errors.map { $0 != nil } == [tensor.name == "w", tensor.name == "w", true]
            )
        }
    }

    @Test("an importance matrix weighs each input, each expert with its own", arguments: [4])
    func importance(seed: Int) throws {
        let values = drawnWeights(2 * 3 * 32, seed: seed)
        let model = try folder.model([("w", [2, 3, 32], values)])
        var random = SeededGenerator(seed: seed)
        let meanSquares = (0..<64).map { _ in Float.random(in: 0...4, using: &random) }
        var matrix =
            SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(1)) + Array("w".utf8)
        matrix += SafetensorsBytes.bytes(of: Int32(2)) + SafetensorsBytes.bytes(of: Int32(64))
        matrix += meanSquares.flatMap { SafetensorsBytes.bytes(of: (2 * $0).bitPattern) }
        let importance = try ImportanceMatrix(path: try folder.write(matrix, "imatrix.dat"))
        let estimator = try TensorEstimator(
            of: model,
            settings: EstimateSettings(formats: [.q8_0]),
            importance: .matrix(importance)
        )
        let estimate = try #require(try estimator.estimate(0))
        var expected = 0.0
        for row in 0..<6 {
            let expert = row / 3
            expected += q8Error(
                Array(values[row * 32..<(row + 1) * 32]),
                Array(meanSquares[expert * 32..<(expert + 1) * 32])
            )
        }
        #expect(estimate.hasImportance)
        let weighted = try #require(estimate.weighted)
        #expect(close(try #require(weighted.errors[0]).value, expected))
        let signal = values.indices.reduce(0.0) {
            let input = meanSquares[$1 / 96 * 32 + $1 % 32]
            return $0 + Double(input) * Double(values[$1]) * Double(values[$1])
        }
        #expect(close(weighted.signal.value, signal))
    }

    @Test("both norms are of the one cast that the importance shaped", arguments: [8])
    func norms(seed: Int) throws {
        let values = drawnWeights(4 * 256, seed: seed)
        let model = try folder.model([("w", [4, 256], values)])
        var random = SeededGenerator(seed: seed)
        let meanSquares = (0..<256).map { Float.random(in: 0...1, using: &random) * ($0 < 16 ? 100 : 1) }
        var matrix =
            SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(1)) + Array("w".utf8)
        matrix += SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(256))
        matrix += meanSquares.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        let importance = try ImportanceMatrix(path: try folder.write(matrix, "imatrix.dat"))
        let estimate = try #require(
            try TensorEstimator(
                of: model,
                settings: EstimateSettings(formats: [.q4_K]),
                importance: .matrix(importance)
            ).estimate(0)
        )
        let codec = try #require(RowCodec(.q4_K))
        var (plain, weighted) = (0.0, 0.0)
        for start in stride(from: 0, to: values.count, by: 256) {
            let row = Array(values[start..<start + 256])
            let bytes = try codec.encode(row.span, importance: meanSquares.span)
            let cast = try codec.decode(bytes.span, count: 256)
            for column in row.indices {
                let square =
                    (Double(row[column]) - Double(cast[column]))
                    * (Double(row[column]) - Double(cast[column]))
                plain += square
                weighted += square * Double(meanSquares[column])
            }
        }
        #expect(close(try #require(estimate.plain.errors[0]).value, plain))
        #expect(close(try #require(estimate.weighted?.errors[0]).value, weighted))
        let without = try #require(
            try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q4_K])).estimate(0)
        )
        // The encoder that knows nothing of the inputs comes closer to the weights themselves.
        #expect(try #require(without.plain.errors[0]).value < plain)
    }

    @Test("a sample's error bars hold the whole", arguments: [5])
    func sampling(seed: Int) throws {
        let model = try folder.model([("w", [1_000, 32], drawnWeights(32_000, seed: seed))])
        let whole = try #require(
            try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q4_0])).estimate(0)
        )
        let truth = try #require(whole.plain.errors[0]).value
        var within = 0
        for draw in 0..<40 {
            let settings = try EstimateSettings(formats: [.q4_0], rowShare: 0.05, seed: UInt64(draw))
            let estimate = try #require(try TensorEstimator(of: model, settings: settings).estimate(0))
            let error = try #require(estimate.plain.errors[0])
            #expect(estimate.measuredRows == 50 && error.standardError > 0)
            #expect(error.standardError < 0.1 * truth)
            if abs(error.value - truth) <= 2 * error.standardError { within += 1 }
        }
        #expect(within >= 33)
    }

    @Test("a sample of rows is cast by the scale of the whole tensor", arguments: [11])
    func scaleOfTheWhole(seed: Int) throws {
        var values = drawnWeights(100 * 32, seed: seed)
        // One large weight, in a row that few samples have, sets the scale that the file has for all of them.
        let settings = try EstimateSettings(formats: [.float8_e4m3fn_scaled], rowShare: 0.1, seed: 1)
        let measured = Set(RowSample.rows(of: 100, share: 0.1, seed: 1, tensor: 0))
        let row = try #require((0..<100).first { !measured.contains($0) })
        values[row * 32] = 4096
        let model = try folder.model([("w", [100, 32], values)])
        let estimate = try #require(try TensorEstimator(of: model, settings: settings).estimate(0))
        let codec = try #require(ScaledCodec(.float8_e4m3fn_scaled, peak: 4096))
        var expected = 0.0
        for row in measured {
            let part = Array(values[row * 32..<row * 32 + 32])
            expected += try codec.squaredErrors(of: part.span, weights: nil).plain
        }
        let error = try #require(estimate.plain.errors[0]).value
        #expect(abs(error / (10 * expected) - 1) < 1e-9)
    }

    @Test("a format whose block does not divide the row has no error there")
    func doesNotFit() throws {
        let model = try folder.model([("w", [2, 48], drawnWeights(96, seed: 6))])
        let settings = try EstimateSettings(formats: [.q8_0, .bf16])
        let estimate = try #require(try TensorEstimator(of: model, settings: settings).estimate(0))
        #expect(estimate.plain.errors[0] == nil)
        #expect(estimate.plain.errors[1] != nil)
    }

    @Test("a convolution makes an element of its output of a whole filter", arguments: [9])
    func filters(seed: Int) throws {
        let values = drawnWeights(16 * 32, seed: seed)
        let model = try folder.model([
            ("matrix", [16, 32], values), ("filter", [16, 8, 2, 2], values),
            ("pointwise", [16, 32, 1, 1], values),
        ])
        let settings = try EstimateSettings(formats: [.float8_e4m3fn, .q8_0])
        let estimator = try TensorEstimator(of: model, settings: settings)
        let estimates = try (0..<3).map { try #require(try estimator.estimate($0)) }
        #expect(estimates.map(\.rowCount) == [16, 16, 16])
        #expect(Set(estimates.map { $0.plain.errors[0] }).count == 1)
        // Blocks of 32 do not divide the rows that a file stores.
        #expect(estimates.map { $0.plain.errors[1] == nil } == [false, true, true])
    }

    @Test("a weight that a format cannot hold makes its error infinite, and no other's")
    func overflow() throws {
        var values = [Float](repeating: 0.5, count: 128)
        values[70] = 1e6
        let model = try folder.model([("w", [4, 32], values)])
        let settings = try EstimateSettings(formats: [.float8_e4m3fn, .f16, .bf16])
        let estimate = try #require(try TensorEstimator(of: model, settings: settings).estimate(0))
        #expect(estimate.plain.errors.map { $0?.value.isInfinite } == [true, true, false])
        #expect(estimate.plain.signal.value.isFinite)
    }

    @Test("tensors larger than a piece give the same, whatever the cores do")
    func manyPieces() throws {
        let model = try folder.model([("w", [4_096, 64], drawnWeights(4_096 * 64, seed: 8))])
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        let first = try estimator.estimate(0)
        #expect(first != nil)
        #expect(try estimator.estimate(0) == first)
    }

    @Test("false from the progress ends the measurement without a result")
    func stops() throws {
        let model = try folder.model([("w", [4_096, 64], [Float](repeating: 0.5, count: 4_096 * 64))])
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        #expect(try estimator.estimate(0, progress: { _ in false }) == nil)
    }

    @Test("a model that is quantized already is not measured, whichever tensor is asked for")
    func quantizedAlready() throws {
        var file = SafetensorsBytes()
        file.add("plain.weight", [1, 32], [Float](repeating: 1, count: 32))
        file.add("fp8.weight", "F8_E4M3", [1, 32], [UInt8](repeating: 0x38, count: 32))
        file.add("fp8.weight_scale_inv", [1], [1])
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        let packed = PackedWeight(scheme: .scaledFloat8, tensor: "fp8.weight", format: .float8_e4m3fn)
        #expect(throws: EstimationError.quantizedAlready(packed)) { try estimator.check([0]) }
    }

    @Test(
        "weights that are not finite and types that are no source are errors that name the tensor"
    )
    func refusals() throws {
        var file = SafetensorsBytes()
        var values = [Float](repeating: 1, count: 64)
        values[40] = .nan
        file.add("bad", [2, 32], values)
        file.add("wide", "F64", [1, 1], [UInt8](repeating: 0, count: 8))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let estimator = try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        #expect(
            throws: EstimationError.weights(
                tensor: "bad",
                row: 1,
                problem: "the weight in column 8 is nan"
            )
        ) { try estimator.estimate(0) }
        #expect(throws: EstimationError.unreadableType(tensor: "wide", type: "F64")) {
            try estimator.check([1])
        }
        #expect(throws: EstimationError.unreadableType(tensor: "wide", type: "F64")) {
            try estimator.estimate(1)
        }
        #expect(throws: EstimationError.checkpoint(.noWeights(model: "flux1-dev"))) {
            try TensorEstimator(
                of: .builtIn(named: "flux1-dev"),
                settings: EstimateSettings(formats: [.q8_0])
            )
        }
    }

    @Test("a file that changed since its header was read is not measured")
    func changedFile() throws {
        let model = try folder.model([("w", [1, 32], [Float](repeating: 1, count: 32))])
        try folder.write([1, 2, 3], "m.safetensors")
        #expect(throws: EstimationError.checkpoint(.fileChanged(path: folder.path("m.safetensors")))) {
            try TensorEstimator(of: model, settings: EstimateSettings(formats: [.q8_0]))
        }
    }

    @Test("settings that make no sense are refused")
    func settings() throws {
        #expect(throws: EstimationError.noFormats) { try EstimateSettings(formats: []) }
        #expect(throws: EstimationError.formatTwice("Q8_0")) {
            try EstimateSettings(formats: [.q8_0, .q8_0])
        }
        let intermediate = try #require(QuantizationFormat(named: "Q8_K"))
        #expect(throws: EstimationError.noCodec(format: "Q8_K")) {
            try EstimateSettings(formats: [intermediate])
        }
        for share in [0, -1, 1.5, Double.nan] {
            #expect(throws: EstimationError.rowShareOutOfRange("\(share)")) {
                try EstimateSettings(formats: [.q8_0], rowShare: share)
            }
        }
    }
}
