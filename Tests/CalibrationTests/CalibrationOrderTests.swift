import Calibration
import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import Calibration

@Suite("Order of calibrating")
struct CalibrationOrderTests {
    private func layers(blocks: Int, rowLength: Int = 64) throws -> [ModelLayer] {
        var tensors = [try TensorInfo(name: "token_embd.weight", shape: [500, rowLength])]
        for block in 0..<blocks {
            for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"] {
                tensors.append(try TensorInfo(name: "blk.\(block).\(name).weight", shape: [64, rowLength]))
            }
        }
        return try LayerGrouping.perTensor.grouped(tensors).layers
    }

    @Test(
        "every kind of layer comes before any comes twice, and every layer comes once",
        arguments: [1, 2, 7, 30]
    )
    func coversKinds(blocks: Int) throws {
        let layers = try layers(blocks: blocks)
        let cells = CalibrationOrder.cells(of: layers, formats: [.q4_0])
        #expect(Set(cells.map(\.layer)) == Set(layers.indices))
        #expect(cells.count == layers.count)
        #expect(Set(cells.prefix(7).map { layers[$0.layer].kind }).count == 7)
    }

    @Test("a list is spread: its beginning, its middle, its quarters, each element once", arguments: 0..<40)
    func spreads(count: Int) {
        let spread = CalibrationOrder.spread(Array(0..<count))
        #expect(spread.sorted() == Array(0..<count))
        if count == 8 { #expect(spread == [0, 4, 2, 6, 1, 5, 3, 7]) }
    }

    @Test("a layer that no format fits is measured in one that does, once")
    func fallsBack() throws {
        // 80 is a whole number of no block but that of single elements.
        let layers = try layers(blocks: 2, rowLength: 80)
        let cells = CalibrationOrder.cells(of: layers, formats: [.q4_0, .q8_0])
        #expect(cells.count == layers.count)
        #expect(cells.allSatisfy { $0.format == .float8_e4m3fn })
    }

    @Test("several formats come one after the other, and each fits its layer")
    func severalFormats() throws {
        let layers = try layers(blocks: 2)
        // Blocks of 256 do not divide rows of 64.
        let cells = CalibrationOrder.cells(of: layers, formats: [.q4_0, .q4_K, .q8_0])
        #expect(cells.map(\.format) == layers.map { _ in .q4_0 } + layers.map { _ in .q8_0 })
    }
}
