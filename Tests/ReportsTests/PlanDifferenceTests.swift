import Reports
import TestSupport
import Testing

@Suite struct PlanDifferenceTests {
    private func layer(_ name: String, _ format: String, _ bytes: Int, _ impact: Double)
        -> PlanDifference.Layer
    {
        PlanDifference.Layer(name: name, format: format, bytes: bytes, impact: impact)
    }

    private func plan(_ formats: [String]) -> [PlanDifference.Layer] {
        let bytes = ["Q4_0": 36_864, "Q8_0": 69_632, "BF16": 131_072]
        let impacts = ["Q4_0": 2, "Q8_0": 0.5, "BF16": 0]
        return formats.enumerated().map { index, format in
            layer("blk.\(index).attn_q.weight", format, bytes[format] ?? 0, impacts[format] ?? 0)
        }
    }

    @Test("layers that take another format have a row each, and a line per kind of change")
    func whole() throws {
        let difference = try #require(
            PlanDifference(
                from: plan(["Q4_0", "Q4_0", "Q8_0", "BF16", "Q8_0", "Q8_0"]),
                to: plan(["Q8_0", "Q8_0", "Q8_0", "Q4_0", "BF16", "Q4_0"])
            )
        )
        try ExpectedText.expect(
            try difference.table().inEveryForm() + "\n== Lines\n\n\(difference.summary)\n"
                + difference.lines(width: 80).map { $0 + "\n" }.joined(),
            in: "ReportsTests/Expected/PlanDifference.txt"
        )
        expectFits(difference.table().text(style: .eighty))
    }

    @Test("how many layers change is said in the singular and the plural")
    func counts() throws {
        func summary(_ first: [String], _ second: [String]) -> String? {
            PlanDifference(from: plan(first), to: plan(second))?.summary
        }
        #expect(summary(["Q4_0", "Q8_0"], ["Q4_0", "Q8_0"]) == "none of 2 layers changes")
        #expect(summary(["Q4_0", "Q8_0"], ["Q8_0", "Q8_0"]) == "1 of 2 layers changes, up")
        #expect(summary(["BF16", "Q8_0"], ["Q8_0", "Q8_0"]) == "1 of 2 layers changes, down")
        #expect(summary(["BF16", "Q4_0"], ["Q8_0", "Q8_0"]) == "2 of 2 layers change, 1 up and 1 down")
        #expect(summary(["Q4_0"], ["Q8_0"]) == "the one layer changes, up")
        #expect(summary(["Q4_0"], ["Q4_0"]) == "the one layer does not change")
    }

    @Test("of formats of one size the better is up, and of such of unknown size the larger")
    func directions() {
        func isUp(_ from: PlanDifference.Layer, _ to: PlanDifference.Layer) -> Bool? {
            PlanDifference(from: [from], to: [to])?.changes.first?.isUp
        }
        #expect(isUp(layer("a", "float8_e4m3fn", 8, 2), layer("a", "float8_e5m2", 8, 3)) == false)
        #expect(isUp(layer("a", "float8_e5m2", 8, 3), layer("a", "float8_e4m3fn", 8, 2)) == true)
        #expect(isUp(layer("a", "own-3", 3, 1), layer("a", "own-4", 4, 1)) == true)
        // A format of more bits is up though rows that are padded hide it.
        #expect(isUp(layer("a", "Q4_0", 64, 1), layer("a", "Q8_0", 64, 2)) == true)
    }

    @Test("plans whose layers differ have no difference")
    func otherLayers() {
        #expect(PlanDifference(from: plan(["Q4_0"]), to: plan(["Q4_0", "Q4_0"])) == nil)
        #expect(PlanDifference(from: [layer("a", "Q4_0", 1, 1)], to: [layer("b", "Q4_0", 1, 1)]) == nil)
        let twice = [layer("a", "Q4_0", 1, 1), layer("a", "Q8_0", 1, 1)]
        #expect(PlanDifference(from: twice, to: twice) == nil)
    }

    @Test("sizes whose difference is beyond 64 bits do not trap")
    func hugeSizes() {
        let difference = PlanDifference(
            from: [layer("a", "Q4_0", .min, 1)],
            to: [layer("a", "Q8_0", .max, 1)]
        )
        #expect(difference?.table().rows.count == 1)
    }

    @Test("names of layers are broken at the terminal's width")
    func narrow() throws {
        let difference = try #require(
            PlanDifference(
                from: plan((0..<40).map { _ in "Q4_0" }),
                to: plan((0..<40).map { $0.isMultiple(of: 2) ? "Q8_0" : "Q4_0" })
            )
        )
        let lines = difference.lines(width: 60)
        #expect(lines.count > 1)
        expectFits(lines.joined(separator: "\n"), 60)
    }
}
