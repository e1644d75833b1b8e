import Sensitivity
import Testing

@Suite("impact tables made in code")
struct ImpactTableTests {
    private func table(
        formats: [String] = ["Q4_1"],
        layers: [String] = ["a"],
        cells: [[ImpactCell]] = [[.impact(1)]]
    ) throws(SensitivityError) -> ImpactTable {
        try ImpactTable(name: "t", formats: formats, layers: layers, cells: cells)
    }

    private func unusable(_ problem: TableProblem) -> SensitivityError {
        .unusableTable(name: "t", problem: problem)
    }

    @Test("a format is named canonically, without the name of the library it comes from")
    func canonicalFormats() throws {
        #expect(ImpactTable.canonicalFormat("torch.float8_e4m3fn") == "float8_e4m3fn")
        #expect(ImpactTable.canonicalFormat("Q8_0") == "Q8_0")
        #expect(ImpactTable.canonicalFormat("torch.") == "torch.")
        #expect(try table(formats: ["torch.float8_e4m3fn"]).formats == ["float8_e4m3fn"])
    }

    @Test(
        "names that could not be written and read again are errors",
        arguments: [" a", "a ", "a\nb", "a\u{0}", "\u{2028}", "\u{301}a", "\u{a0}a"]
    )
    func unusableNames(name: String) throws {
        #expect(throws: unusable(.unusableName(name))) { try table(layers: [name]) }
        #expect(throws: unusable(.unusableName(name))) { try table(formats: [name]) }
    }

    @Test("words of the header cannot name a format", arguments: ["layer", "Format", "IMPACT"])
    func headerWords(name: String) throws {
        #expect(throws: unusable(.unusableName(name))) { try table(formats: [name]) }
        #expect(try table(layers: [name]).layers == [name])
    }

    @Test("tables whose parts do not fit together are errors")
    func misfits() throws {
        #expect(throws: unusable(.namelessLayer)) { try table(layers: [""]) }
        #expect(throws: unusable(.namelessFormat)) { try table(formats: [""]) }
        #expect(throws: unusable(.noLayers)) { try table(layers: [], cells: []) }
        #expect(throws: unusable(.noFormats)) { try table(formats: [], cells: [[]]) }
        #expect(throws: unusable(.rowCount(found: 0, expected: 1))) { try table(cells: []) }
        #expect(throws: unusable(.cellCount(found: 2, expected: 1))) {
            try table(cells: [[.impact(1), .impact(1)]])
        }
        #expect(throws: unusable(.layerTwice("a", firstLine: nil))) {
            try table(layers: ["a", "a"], cells: [[.impact(1)], [.impact(1)]])
        }
        #expect(throws: unusable(.formatTwice("q4_1", earlier: "Q4_1"))) {
            try table(formats: ["Q4_1", "q4_1"])
        }
        let many = (0...256).map { "F\($0)" }
        #expect(throws: unusable(.tooLarge(layers: 1, formats: 257))) { try table(formats: many) }
    }

    @Test("impacts that are negative or not finite are errors")
    func badImpacts() throws {
        #expect(throws: unusable(.notANumber("nan"))) { try table(cells: [[.impact(.nan)]]) }
        #expect(throws: unusable(.negative("-1.0"))) { try table(cells: [[.impact(-1)]]) }
        #expect(throws: unusable(.negative("-inf"))) { try table(cells: [[.impact(-.infinity)]]) }
        #expect(throws: unusable(.outOfRange("inf"))) { try table(cells: [[.impact(.infinity)]]) }
    }

    @Test("an impact of -0 is an impact of 0")
    func negativeZero() throws {
        let table = try table(cells: [[.impact(-0.0)]])
        #expect(table.cells[0][0].impact?.bitPattern == 0)
    }

    @Test("the digest names its algorithm and changes with every part of the content, not with the name")
    func digest() throws {
        let digests = try [
            table(),
            table(formats: ["Q5_1"]),
            table(layers: ["b"]),
            table(cells: [[.impact(1.0.nextUp)]]),
            table(cells: [[.impact(0)]]),
            table(cells: [[.forbidden(.infinite)]]),
            table(cells: [[.forbidden(.blank)]]),
            table(formats: ["Q4_1", "F"], cells: [[.impact(1), .impact(2)]]),
            table(formats: ["Q4_1", "F"], cells: [[.impact(2), .impact(1)]]),
            table(layers: ["a", "bc"], cells: [[.impact(1)], [.impact(1)]]),
            table(layers: ["ab", "c"], cells: [[.impact(1)], [.impact(1)]]),
        ].map(\.digest)
        #expect(Set(digests).count == digests.count)
        #expect(digests.allSatisfy { $0.wholeMatch(of: /fnv1a64:[0-9a-f]{16}/) != nil })
        let renamed = try ImpactTable(name: "u", formats: ["Q4_1"], layers: ["a"], cells: [[.impact(1)]])
        #expect(renamed.digest == digests[0])
    }
}
