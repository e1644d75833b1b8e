import Testing

@testable import Text

@Suite("Words that were mistyped")
struct SpellingTests {
    @Test(
        "the distance is the number of letters that are put in, taken out, changed or swapped",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("quantise", "quantize", 1), ("qantize", "quantize", 1),
            ("frontire", "frontier", 1), ("calibrat", "calibrate", 1), ("kitten", "sitting", 3),
            ("ab", "ba", 1),
        ]
    )
    func distances(first: String, second: String, distance: Int) {
        #expect(Spelling.distance(first, second) == distance)
        #expect(Spelling.distance(second, first) == distance)
    }

    @Test("only a word that was likely meant is named")
    func nearest() {
        let words = ["solve", "diff", "score", "compare"]
        #expect(Spelling.nearest(to: "Slove", in: words) == "solve")
        #expect(Spelling.nearest(to: "dif", in: words) == "diff")
        #expect(Spelling.nearest(to: "foo", in: words) == nil)
        #expect(Spelling.nearest(to: "9GB", in: words) == nil)
        #expect(Spelling.nearest(to: "solve", in: []) == nil)
    }
}
