import Sensitivity
import Testing

@Suite("the built-in tables")
struct BuiltInTableTests {
    @Test("the built-in page is the document in the sources")
    func builtInIsDocument() throws {
        let page = try SensitivityAnalysisPage(markdown: SeedDocument.text(), name: "flux1-dev-table3")
        #expect(try ImpactTable.fluxDevTable3 == page.impacts)
        let reading = try ImpactTableReader.read(path: SeedDocument.path)
        #expect(reading.shape == .seedMarkdown)
        #expect(reading.table.name == "sensitivity-analysis")
        #expect(try reading.table.digest == ImpactTable.fluxDevTable3.digest)
        let profile = try SensitivityProfile.fluxDev
        for stream in Stream.allCases {
            #expect(profile.layers(of: stream) == page.profile.layers(of: stream))
            for layer in profile.layers(of: stream) {
                #expect(
                    try profile.sensitivity(before: layer, stream: stream)
                        == page.profile.sensitivity(before: layer, stream: stream)
                )
                #expect(
                    try profile.meanSquare(ofLayer: layer, stream: stream)
                        == page.profile.meanSquare(ofLayer: layer, stream: stream)
                )
            }
        }
    }

    @Test("Table 3 has the layers and formats of the page")
    func shapeOfTable3() throws {
        let table = try ImpactTable.fluxDevTable3
        #expect(table.name == "flux1-dev-table3")
        #expect(table.formats == ["Q4_1", "float8_e4m3fn", "Q5_1", "Q8_0"])
        #expect(table.layers.count == 76)
        #expect(table.layers.prefix(3) == ["layer00.img", "layer00.txt", "layer01.img"])
        #expect(table.layers[37] == "layer18.txt")
        #expect(table.layers[38] == "layer19.x")
        #expect(table.layers.last == "layer56.x")
        #expect(table.cells.allSatisfy { $0.count == 4 })
    }

    @Test(
        "cells of Table 3 are those of the page to the last digit",
        arguments: [
            ("layer00.img", "Q4_1", 0.463829066281221), ("layer00.img", "Q8_0", 0.13835983568969407),
            ("layer00.txt", "float8_e4m3fn", 0.14428271194373815),
            ("layer05.txt", "Q5_1", 0.052070092324693056),
            ("layer17.txt", "Q4_1", 0.09786228116272917), ("layer18.img", "Q4_1", 0.05826942559120341),
            ("layer18.img", "Q5_1", 0.041675650518199624), ("layer18.txt", "Q5_1", 0.13628296836026862),
            ("layer19.x", "Q4_1", 0.02066333636521075), ("layer24.x", "Q8_0", 0.0012299533886014607),
            ("layer54.x", "Q8_0", 0.0023918554210854), ("layer56.x", "Q4_1", 0.0037164122890847398),
            ("layer56.x", "float8_e4m3fn", 0.0035033042747124954),
            ("layer56.x", "Q8_0", 0.001784599109630832),
        ]
    )
    func literalCells(layer: String, format: String, impact: Double) throws {
        #expect(try ImpactTable.fluxDevTable3.impact(layer: layer, format: format) == impact)
    }

    @Test("cells that are inf or blank are forbidden, each for its reason")
    func forbiddenCells() throws {
        let table = try ImpactTable.fluxDevTable3
        #expect(table.cell(layer: "layer18.img", format: "float8_e4m3fn") == .forbidden(.infinite))
        #expect(table.cell(layer: "layer18.img", format: "Q8_0") == .forbidden(.blank))
        #expect(table.cell(layer: "layer18.txt", format: "torch.float8_e4m3fn") == .forbidden(.infinite))
        #expect(table.cell(layer: "layer18.txt", format: "Q8_0") == .forbidden(.infinite))
        #expect(table.cells.joined().filter { $0.impact == nil }.count == 4)
        #expect(table.cell(layer: "layer57.x", format: "Q8_0") == nil)
        #expect(table.cell(layer: "layer56.x", format: "Q6_K") == nil)
        #expect(table.index(ofLayer: "layer56.x") == 75)
        #expect(table.index(ofFormat: "torch.float8_e4m3fn") == 1)
    }

    @Test("an independent reading of Table 3 gives the same bits in all 76 × 4 cells")
    func independentTable3() throws {
        let table = try ImpactTable.fluxDevTable3
        let row = /^\|(layer\d\d\.(?:img|txt|x))\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/
        var count = 0
        for line in try SeedDocument.text().split(separator: "\n") {
            guard let match = try row.wholeMatch(in: line) else { continue }
            let (_, layer, q4, float8, q5, q8) = match.output
            #expect(table.layers[count] == String(layer))
            for (column, cell) in [q4, float8, q5, q8].enumerated() {
                let expected: ImpactCell
                switch cell {
                case "inf": expected = .forbidden(.infinite)
                case "": expected = .forbidden(.blank)
                default: expected = .impact(try #require(Double(String(cell))))
                }
                #expect(table.cells[count][column] == expected)
                #expect(table.cells[count][column].impact?.bitPattern == expected.impact?.bitPattern)
            }
            count += 1
        }
        #expect(count == 76)
    }

    @Test("an independent reading of Table 1 gives the same bits")
    func independentTable1() throws {
        let profile = try SensitivityProfile.fluxDev
        let measurement = /([0-9.]+) \+\/- +([0-9.]+)/
        let number = /^\| *(\d+) \|/
        var count = 0
        for line in try SeedDocument.text().split(separator: "\n") where line.contains("+/-") {
            let layer = try #require(try number.firstMatch(in: line).flatMap { Int($0.output.1) })
            let found = line.matches(of: measurement)
            let streams: [Stream] = layer < 19 ? [.img, .txt] : [.x]
            #expect(found.count == streams.count)
            for (stream, match) in zip(streams, found) {
                let value = try profile.sensitivity(before: layer, stream: stream)
                #expect(value.mean.bitPattern == Double(String(match.output.1))?.bitPattern)
                #expect(value.spread.bitPattern == Double(String(match.output.2))?.bitPattern)
                count += 1
            }
        }
        #expect(count == 19 * 2 + 38)
    }

    @Test("an independent reading of Table 2 gives the same bits")
    func independentTable2() throws {
        let profile = try SensitivityProfile.fluxDev
        let row = /^\|(\d+)\|([0-9.]*)\|([0-9.]*)\|([0-9.]*)\|$/
        var count = 0
        for line in try SeedDocument.text().split(separator: "\n") {
            guard let match = try row.wholeMatch(in: line) else { continue }
            let layer = try #require(Int(match.output.1))
            let cells = [(Stream.img, match.output.2), (.txt, match.output.3), (.x, match.output.4)]
            for (stream, cell) in cells where !cell.isEmpty {
                let value = try profile.meanSquare(ofLayer: layer, stream: stream)
                #expect(value.bitPattern == Double(String(cell))?.bitPattern)
                count += 1
            }
        }
        #expect(count == 19 * 2 + 38)
    }

    @Test("Tables 1 and 2 have the values of the page")
    func literalProfile() throws {
        let profile = try SensitivityProfile.fluxDev
        #expect(profile.name == "flux1-dev")
        #expect(profile.layerCount == 57)
        #expect(profile.joinLayer == 19)
        #expect(
            try profile.sensitivity(before: 0, stream: .img) == Measurement(mean: 33.0890, spread: 3.7874)
        )
        #expect(
            try profile.sensitivity(before: 18, stream: .txt) == Measurement(mean: 26.4334, spread: 3.4645)
        )
        #expect(try profile.sensitivity(before: 56, stream: .x) == Measurement(mean: 0.8588, spread: 0.0386))
        #expect(try profile.meanSquare(ofLayer: 0, stream: .img) == 0.2379185267857143)
        #expect(try profile.meanSquare(ofLayer: 18, stream: .txt) == 1907.4285714285713)
        #expect(try profile.meanSquare(ofLayer: 56, stream: .x) == 42934.857142857145)
    }

    @Test("the digest of the built-in table is what it always was")
    func digest() throws {
        #expect(try ImpactTable.fluxDevTable3.digest == "fnv1a64:cd3eb2481c0cee84")
    }
}
