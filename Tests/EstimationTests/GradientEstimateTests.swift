import Checkpoints
import Quantization
import Sensitivity
import Tensors
import TestSupport
import Testing
import Text

@testable import Estimation

@Suite("Losses by squared gradients")
struct GradientEstimateTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func numbers(_ count: Int, seed: Int) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: 0...3, using: &random) }
    }

    /// `½ · Σ_ij r_i·c_j·(w_ij − q_ij)² / Σ_j c_j` of one matrix, by the bytes that the encoder writes.
    private func loss(
        _ values: [Float],
        rows: [Float],
        columns: [Float],
        format: QuantizationFormat,
        importance: [Float]? = nil
    ) throws -> Double {
        let codec = try #require(RowCodec(format))
        let total = columns.reduce(0.0) { $0 + Double($1) }
        var sum = 0.0
        for (number, factor) in rows.enumerated() {
            let row = Array(values[number * columns.count..<(number + 1) * columns.count])
            let bytes =
                try importance.map { try codec.encode(row.span, importance: $0.span) }
                ?? codec.encode(row.span, importance: nil)
            let cast = try codec.decode(bytes.span, count: row.count)
            for column in row.indices {
                let error = Double(row[column]) - Double(cast[column])
                sum += Double(factor) * Double(columns[column]) * error * error
            }
        }
        return sum / total / 2
    }

    private func isClose(_ one: Double, _ other: Double) -> Bool { abs(one - other) <= 1e-9 * other }

    @Test(
        "a loss weighs every squared error by its row and its column, each expert's by its own",
        arguments: 1...3
    )
    func formula(seed: Int) throws {
        let (plain, stacked) = (
            drawnWeights(5 * 256, seed: seed),
            drawnWeights(2 * 3 * 256, seed: seed + 9)
        )
        let model = try folder.model([("a", [5, 256], plain), ("b", [2, 3, 256], stacked)])
        var file = GradientsBytes()
        let (rows, columns) = (numbers(5, seed: seed), numbers(256, seed: seed + 1))
        let (expertRows, expertColumns) = (numbers(6, seed: seed + 2), numbers(512, seed: seed + 3))
        file.add("a", rows: rows, columns: columns)
        file.add("b", rows: expertRows, columns: expertColumns, experts: 2)
        let gradients = try SquaredGradients(path: try folder.write(file.bytes, "g.gguf"))
        for importance in [EncoderImportance.none, .ones, .matrix(gradients.columns)] {
            let estimator = try TensorEstimator(
                of: model,
                settings: EstimateSettings(formats: [.q8_0, .q4_K]),
                importance: importance,
                gradients: gradients
            )
            try estimator.check([0, 1])
            func given(_ columns: [Float]) -> [Float]? {
                switch importance {
                case .none: nil
                case .ones: [Float](repeating: 1, count: 256)
                case .matrix: columns
                }
            }
            let (first, second) = (
                try #require(try estimator.estimate(0)), try #require(try estimator.estimate(1))
            )
            for (index, format) in [QuantizationFormat.q8_0, .q4_K].enumerated() {
                let expected = try loss(
                    plain,
                    rows: rows,
                    columns: columns,
                    format: format,
                    importance: given(columns)
                )
                #expect(isClose(try #require(first.losses?.errors[index]).value, expected))
                let experts = try (0..<2).map { expert in
                    let columns = Array(expertColumns[expert * 256..<(expert + 1) * 256])
                    return try loss(
                        Array(stacked[expert * 768..<(expert + 1) * 768]),
                        rows: Array(expertRows[expert * 3..<(expert + 1) * 3]),
                        columns: columns,
                        format: format,
                        importance: given(columns)
                    )
                }
                #expect(isClose(try #require(second.losses?.errors[index]).value, experts[0] + experts[1]))
            }
            #expect(first.weighted == nil)
            if case .none = importance { #expect(!first.hasImportance) } else { #expect(first.hasImportance) }
        }
    }

    @Test("losses make a table of losses in the gradients' unit, which add up over a layer's tensors")
    func table() throws {
        func estimate(_ name: String, _ loss: Double) -> TensorEstimate {
            let one = EstimatedSum(value: 1, standardError: 0)
            let errors = [EstimatedSum(value: loss, standardError: loss / 10)]
            return TensorEstimate(
                tensor: name,
                rowCount: 1,
                measuredRows: 1,
                plain: OutputErrors(signal: one, errors: [one]),
                losses: OutputErrors(signal: one, errors: errors)
            )
        }
        let tensors = try ["a", "b"].map { try TensorInfo(name: $0, shape: [1, 32]) }
        let model = try LayerGrouping.perTensor.grouped(tensors)
        let reference = GradientReference(
            name: "some/folder/g.gguf",
            digest: "fnv1a64:00",
            unit: "KL divergence, nats per token",
            sequenceCount: 4
        )
        let impacts = try EstimatedImpacts(
            ["a": estimate("a", 0.25), "b": estimate("b", 0.5)],
            formats: ["Q8_0"],
            model: model,
            scale: .gradients(reference)
        )
        #expect(impacts.cells.map { $0[0]?.impact.value } == [0.25, 0.5])
        #expect(impacts.cells.map { $0[0]?.impact.standardError } == [0.025, 0.05])
        #expect(impacts.meaning.kind == .loss)
        #expect(impacts.meaning.gradients?.name == "g.gguf")
        #expect(
            impacts.meaning.expectation(of: 0.0459, written: "0.0459")
                == "KL divergence of 0.0459 nats per token, ±30 %"
        )
        let table = try impacts.table(named: "t")
        let read = try ImpactTableReader.read(text: table.csv(), name: "t").table
        #expect(read.meaning == table.meaning)
    }

    @Test("a tensor without gradients has no losses, and gradients of no planned tensor are refused")
    func missing() throws {
        let values = drawnWeights(64, seed: 1)
        let model = try folder.model([("a", [2, 32], values), ("b", [2, 32], values)])
        var file = GradientsBytes()
        file.add("a", rows: [1, 2], columns: [Float](repeating: 1, count: 32))
        let path = try folder.write(file.bytes, "g.gguf")
        let settings = try EstimateSettings(formats: [.q8_0])
        let estimator = try TensorEstimator(
            of: model,
            settings: settings,
            gradients: try SquaredGradients(path: path)
        )
        try estimator.check([0, 1])
        #expect(try estimator.estimate(0)?.losses != nil)
        #expect(try estimator.estimate(1)?.losses == nil)
        #expect(throws: EstimationError.noGradients(path: path, total: 1)) { try estimator.check([1]) }
        let other = try folder.model([("c", [2, 32], values)])
        #expect(throws: EstimationError.gradientsOfOtherModel(path: path)) {
            try TensorEstimator(of: other, settings: settings, gradients: try SquaredGradients(path: path))
        }
    }

    @Test("a line with losses is read as it was written")
    func record() throws {
        let sum = EstimatedSum(value: 0.5, standardError: 0.25)
        let errors = OutputErrors(signal: sum, errors: [sum, nil])
        for hasImportance in [true, false] {
            let estimate = TensorEstimate(
                tensor: "a",
                rowCount: 4,
                measuredRows: 2,
                plain: errors,
                losses: errors,
                hasImportance: hasImportance
            )
            let line = try estimate.json(formats: ["Q8_0", "Q4_0"]).line()
            let record = try #require(EstimateRecord(line: line))
            #expect(TensorEstimate(record, formats: ["Q8_0", "Q4_0"]) == estimate)
        }
    }
}
