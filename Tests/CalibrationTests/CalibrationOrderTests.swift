import Calibration
import Checkpoints
import TestSupport
import Tensors
import Testing

@testable import Calibration

@Suite("Order of calibrating")
struct CalibrationOrderTests {
    private func model(blocks: Int, rowLength: Int = 64, isLanguageModel: Bool = false) throws -> LayeredModel
    {
        var tensors = [try TensorInfo(name: "token_embd.weight", shape: [500, rowLength])]
        for block in 0..<blocks {
            for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"] {
                tensors.append(try TensorInfo(name: "blk.\(block).\(name).weight", shape: [64, rowLength]))
            }
        }
        if isLanguageModel { tensors.append(try TensorInfo(name: "output_norm.weight", shape: [rowLength])) }
        return try LayerGrouping.perTensor.grouped(tensors)
    }

    @Test(
        "every kind of layer comes before any comes twice, and every layer comes once",
        arguments: [1, 2, 7, 30]
    )
    func coversKinds(blocks: Int) throws {
        let model = try model(blocks: blocks)
        let layers = model.layers
        let cells = CalibrationOrder.cells(of: model, formats: [.q4_0])
        #expect(Set(cells.map(\.layer)) == Set(layers.indices))
        #expect(cells.count == layers.count)
        #expect(Set(cells.prefix(7).map { layers[$0.layer].kind }).count == 7)
    }

    @Test(
        "a list is spread: its middle, its quarters, its beginning at the end, each element once",
        arguments: 0..<40
    )
    func spreads(count: Int) {
        let spread = CalibrationOrder.spread(Array(0..<count))
        #expect(spread.sorted() == Array(0..<count))
        if count == 8 { #expect(spread == [4, 2, 6, 1, 5, 3, 7, 0]) }
    }

    @Test(
        "in a language model the output comes first, then the last down projection, then middle blocks, the first block last",
        arguments: [2, 7, 30]
    )
    func costliestFirst(blocks: Int) throws {
        let model = try model(blocks: blocks, isLanguageModel: true)
        let names = CalibrationOrder.order(of: model).map { model.layers[$0].name }
        #expect(names.count == model.layers.count && Set(names).count == names.count)
        #expect(names[..<2] == ["token_embd.weight", "blk.\(blocks - 1).ffn_down.weight"])
        let firstTurn = names[2..<8]
        #expect(Set(firstTurn.map { $0.split(separator: ".")[2] }).count == 6)
        if blocks == 30 {
            #expect(firstTurn.allSatisfy { $0.hasPrefix("blk.16.") }, "\(firstTurn)")
            #expect(names.suffix(6).allSatisfy { $0.hasPrefix("blk.0.") }, "\(names.suffix(6))")
        }
    }

    @Test("a layer that no format fits is measured in one that does, once")
    func fallsBack() throws {
        // 80 is a whole number of no block but that of single elements.
        let model = try model(blocks: 2, rowLength: 80)
        let cells = CalibrationOrder.cells(of: model, formats: [.q4_0, .q8_0])
        #expect(cells.count == model.layers.count)
        #expect(cells.allSatisfy { $0.format == .float8_e4m3fn })
    }

    @Test("several formats come one after the other, and each fits its layer")
    func severalFormats() throws {
        let model = try model(blocks: 2)
        // Blocks of 256 do not divide rows of 64.
        let cells = CalibrationOrder.cells(of: model, formats: [.q4_0, .q4_K, .q8_0])
        #expect(cells.map(\.format) == model.layers.map { _ in .q4_0 } + model.layers.map { _ in .q8_0 })
    }
}
