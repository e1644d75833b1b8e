import Foundation
import Sensitivity
import TestSupport
import Testing

struct TableOddityTests {
    private static let bits = ["Q2_K": 2.625, "Q4_K": 4.5, "Q6_K": 6.5625, "Q8_0": 8.5, "BF16": 16]

    /// A table of eight layers, the cells of each format from a function of its bits and of a number that differs by layer.
    private func table(
        _ formats: [String] = ["Q2_K", "Q4_K", "Q6_K", "Q8_0"],
        seed: Int = 1,
        _ cell: (Double, Double) -> Double
    ) throws -> ImpactTable {
        var numbers = SeededGenerator(seed: seed)
        let cells = (0..<8).map { _ in
            let own = Double.random(in: 1...3, using: &numbers)
            return formats.map { ImpactCell.impact(cell(Self.bits[$0] ?? 0, own)) }
        }
        return try ImpactTable(name: "t", formats: formats, layers: (0..<8).map { "l\($0)" }, cells: cells)
    }

    private func oddities(_ table: ImpactTable, _ kind: ImpactKind = .unknown) -> [TableOddity] {
        table.oddities(bitsPerWeight: { Self.bits[$0] }, combinedAs: kind)
    }

    @Test("cells that are nearly equal whatever the format are taken for perplexities", arguments: 1...3)
    func perplexities(seed: Int) throws {
        let found = oddities(
            try table(["Q2_K", "Q4_K"], seed: seed) { bits, own in 3.18 + own / 1000 + 0.005 / bits }
        )
        guard case .nearlyEqual(let low, let high) = found.first else {
            Issue.record("\(found)")
            return
        }
        #expect(low > 3.17 && high < 3.2 && found.count == 1)
        #expect(found[0].description.contains("perplexities"))
        // Two formats of the same bits have nearly the same errors.
        #expect(oddities(try table(["Q4_K", "Q4_0"], seed: seed) { _, own in own + 5 }).isEmpty)
    }

    @Test(
        "cells of one format that are nearly equal are noticed, but for errors, which may be",
        arguments: 1...3
    )
    func oneFormat(seed: Int) throws {
        let scores = try table(["Q4_K"], seed: seed) { _, own in 90 + own }
        for kind in ImpactKind.allCases {
            let found = oddities(scores.with(meaning: ImpactMeaning(kind: kind)))
            guard kind != .amplitude else {
                #expect(found.isEmpty)
                continue
            }
            guard case .nearlyEqual = found.first else {
                Issue.record("\(kind): \(found)")
                continue
            }
        }
    }

    @Test("cells that grow with the bits are taken for scores of which more is better", arguments: 1...3)
    func scores(seed: Int) throws {
        let found = oddities(try table(seed: seed) { bits, own in 100 - 120 * exp2(-bits / 2) - own / 10 })
        #expect(found == [.inverted(pairs: 24, of: 24)])
    }

    @Test("a column of zeros makes its format free, but for 16 bits")
    func zeros() throws {
        let found = oddities(
            try table(["Q2_K", "Q4_K", "Q8_0", "BF16"]) { bits, own in
                bits == 4.5 || bits == 16 ? 0 : own / bits
            }
        )
        #expect(found == [.free(format: "Q4_K")])
    }

    @Test("cells that halve per bit want rss, cells that fall to a quarter want a sum", arguments: 1...3)
    func decay(seed: Int) throws {
        let amplitudes = try table(seed: seed) { bits, own in own * exp2(-bits) }
        let losses = try table(seed: seed) { bits, own in own * exp2(-2 * bits) }
        #expect(oddities(amplitudes, .amplitude).isEmpty && oddities(losses, .loss).isEmpty)
        #expect(oddities(amplitudes).isEmpty && oddities(losses).isEmpty)
        guard case .decay(let one, .amplitude) = oddities(amplitudes, .loss).first,
            case .decay(let two, .loss) = oddities(losses, .amplitude).first
        else {
            Issue.record("no decay was found")
            return
        }
        #expect(abs(one - 1) < 1e-9 && abs(two - 2) < 1e-9)
    }

    @Test(
        "a column that is no format hides nothing of what is odd, nor is it odd itself",
        arguments: 1...3
    )
    func otherColumns(seed: Int) throws {
        for (cell, others) in [
            ({ (bits: Double, own: Double) in 6.2 + own / 1000 + 0.005 / bits }, 4.5),
            ({ (bits: Double, own: Double) in 0.99 + own / 10_000 + 0.0001 * bits }, 4.5),
        ] {
            let plain = try table(["Q2_K", "Q4_K", "Q8_0"], seed: seed, cell)
            let wide = try ImpactTable(
                name: "t",
                formats: ["bpw"] + plain.formats,
                layers: plain.layers,
                cells: plain.cells.map { [.impact(others)] + $0 }
            )
            #expect(oddities(wide) == oddities(plain))
            guard case .nearlyEqual = oddities(wide).first else {
                Issue.record("\(oddities(wide))")
                continue
            }
        }
    }

    @Test("floats, whose errors do not follow from their bits, say nothing of the kind of the cells")
    func floats() throws {
        let bits = ["Q4_0": 4.5, "Q8_0": 8.5, "float8_e4m3fn": 8, "MLX_MXFP4": 4.25]
        let names = ["Q4_0", "Q8_0", "float8_e4m3fn", "MLX_MXFP4"]
        let table = try ImpactTable(
            name: "t",
            formats: names,
            layers: (0..<8).map { "l\($0)" },
            cells: (0..<8).map { layer in
                let own = 1 + Double(layer)
                return [1, 1.0 / 256, 1.0 / 16, 1.4].map { .impact(own * $0) }
            }
        )
        #expect(table.oddities(bitsPerWeight: { bits[$0] }, combinedAs: .loss).isEmpty)
    }

    @Test("cells below zero are counted, and a format of nothing else is named")
    func belowZero() throws {
        let text =
            "QTYPE,a,b,c,d\nq2_K,0.4,0.5,0.4,0.3\nq4_K,0.02,-0.001,0.03,0\nq8_0,-0.002,-0.001,0,-0.003\n"
        let table = try ImpactTableReader.read(text: text, name: "t").table
        let found = table.oddities(bitsPerWeight: { Self.bits[$0] })
        #expect(found == [.belowZero(cells: 4, of: 12, formats: ["Q8_0"])])
        #expect(found[0].description.contains("4 of 12 cells are below zero"))
        #expect(found[0].description.contains("all that are not 0 in Q8_0"))
    }

    @Test("what the built-in table's author measured is not odd")
    func builtIn() throws {
        #expect(try oddities(.fluxDevTable3).isEmpty)
    }

    @Test("another beginning, or other letters, by which every layer fits are found")
    func names() throws {
        let layers = ["model.layers.0.a", "model.layers.0.b"]
        func table(_ names: [String]) throws -> ImpactTable {
            try ImpactTable(
                name: "t",
                formats: ["Q8_0"],
                layers: names,
                cells: names.map { _ in [.impact(1)] }
            )
        }
        let short = try table(["layers.0.a", "layers.0.b"])
        #expect(short.nameChange(toFit: layers)?.description == "=model.")
        let long = try table(layers.map { "diffusion_model." + $0 })
        #expect(long.nameChange(toFit: layers)?.description == "diffusion_model.=")
        #expect(try table(["layers.0.a", "x"]).nameChange(toFit: layers) == nil)
        let capitals = try table(layers.map { $0.uppercased() })
        #expect(capitals.lettersFitting(layers)?["MODEL.LAYERS.0.A"] == "model.layers.0.a")
        #expect(capitals.lettersFitting(layers + ["Model.layers.0.a"]) == nil)
        #expect(capitals.nameChangeIgnoringCase(toFit: layers) == nil)
        let both = try table(layers.map { "X." + $0.uppercased() })
        #expect(both.nameChange(toFit: layers) == nil && both.lettersFitting(layers) == nil)
        #expect(both.nameChangeIgnoringCase(toFit: layers)?.description == "X.=")
        let shortCapitals = try table(short.layers.map { $0.uppercased() })
        #expect(shortCapitals.nameChangeIgnoringCase(toFit: layers)?.description == "=model.")
        let renamed = try short.renamingLayers { "model." + $0 }
        #expect(renamed.layers == layers && renamed.impact(layer: layers[1], format: "Q8_0") == 1)
        #expect(
            sentence { try short.renamingLayers { _ in "one" } }
                == #"table "t": the layer "one" is there twice: delete one of the two"#
        )
    }

    @Test(
        "a table that another program saved is told by its own sentence",
        arguments: [
            ("layer;Q4_0\na;1,5\n", "semicolons"), ("layer\tQ4_0\na\t1\n", "tabs"),
            ("layer,Q4_0\na,\"0,46\"\n", "write 0.46"),
        ]
    )
    func otherSeparators(text: String, words: String) throws {
        let error = try #require(throws: SensitivityError.self) {
            try ImpactTableReader.read(text: text, name: "t")
        }
        #expect(error.description.contains(words))
    }

    @Test("a column of bits per weight beside groups of tensors is no layer")
    func bitsPerWeight() throws {
        let text = "QTYPE,bpw,group0\nq6_K,6.5679,0.0076\nq4_K,4.5058,0.0292\n"
        let table = try ImpactTableReader.read(text: text, name: "t").table
        #expect(table.layers == ["group0"] && table.impact(layer: "group0", format: "Q4_K") == 0.0292)
    }
}
