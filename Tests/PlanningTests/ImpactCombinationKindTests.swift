import BitAllocation
import Planning
import Sensitivity
import Testing

@Suite("The rule that follows from a table's kind")
struct ImpactCombinationKindTests {
    private func table(_ kind: ImpactKind) throws -> ImpactTable {
        try ImpactTable(
            name: "t",
            formats: ["Q4_0"],
            layers: ["a"],
            cells: [[.impact(1)]],
            meaning: ImpactMeaning(kind: kind)
        )
    }

    @Test("amplitudes add in squares, losses and cells of unknown kind as they are")
    func kinds() throws {
        #expect(try table(.amplitude).defaultCombination == .rss)
        #expect(try table(.loss).defaultCombination == .sum)
        #expect(try table(.unknown).defaultCombination == .sum)
    }

    @Test("Table 3 is added as its author adds it, in whatever shape it comes")
    func tableThree() throws {
        let builtIn = try ImpactTable.fluxDevTable3
        #expect(builtIn.meaning.kind == .amplitude)
        #expect(builtIn.defaultCombination == .sum)
        let again = try ImpactTableReader.read(text: builtIn.csv(), name: "again").table
        #expect(again.defaultCombination == .sum)
        #expect(try builtIn.replacingImpacts(name: "twice") { 2 * $2 }.defaultCombination == .rss)
    }
}
