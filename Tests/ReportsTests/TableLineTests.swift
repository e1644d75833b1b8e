import BitAllocation
import Planning
import Reports
import Sensitivity
import Testing

@Suite("What a plan's summary says of its table")
struct TableLineTests {
    /// A table of losses of eight layers, the cells of each format from a function of its place.
    private func table(_ cell: (_ format: Int, _ layer: Double) -> Double) throws -> ImpactTable {
        let formats = ["Q2_K", "Q4_K", "Q6_K", "Q8_0"]
        return try ImpactTable(
            name: "t",
            formats: formats,
            layers: (0..<8).map { "l\($0)" },
            cells: (1...8).map { layer in
                formats.indices.map { .impact(cell($0, Double(layer))) }
            },
            meaning: ImpactMeaning(kind: .loss, unit: "KL divergence, nats per token", method: "measured")
        )
    }

    @Test("a loss is expected where cells fall as losses do, and of no table that is remarked as odd")
    func expectation() throws {
        func expected(_ cell: (Int, Double) -> Double) throws -> String? {
            TableLine(try table(cell), combination: .sum).expectation(of: 0.5)
        }
        let quarters = [1, 1.0 / 16, 1.0 / 256, 1.0 / 4096]
        #expect(try expected { $1 * quarters[$0] } == "KL divergence of 0.5 nats per token")
        // Losses of that size do not add up.
        let large = TableLine(try table { $1 * quarters[$0] }, combination: .sum).expectation(of: 3.99)
        #expect(large?.hasPrefix("KL divergence of 3.99 nats per token at least") == true, "\(large ?? "")")
        // They halve with every bit.
        let halves = [1, 0.27, 0.065, 0.017]
        #expect(try expected { $1 * halves[$0] } == nil)
        // A format that costs nothing.
        #expect(try expected { $0 == 0 ? 0 : $1 * quarters[$0] } == nil)
        #expect(try expected { _, _ in 0 } == nil)
        // Perplexities, and scores.
        #expect(try expected { 6.2 + 0.001 * $1 - 0.001 * Double($0) } == nil)
        #expect(try expected { 90 + Double($0) - 0.1 * $1 } == nil)
    }
}
