import Reports
import TestSupport
import Testing

@Suite("Layer ranges")
struct LayerRangesTests {
    private static let cases: [([String], String)] = [
        ([], ""),
        (["final_layer.linear"], "final_layer.linear"),
        (["layer05.txt"], "layer05.txt"),
        (
            [
                "layer00.img", "layer02.txt", "layer03.txt", "layer04.txt", "layer05.txt", "layer19.x",
                "layer20.x",
            ],
            "layer00.img, layer02-05.txt, layer19-20.x"
        ),
        (["layer00.img", "layer03.img", "layer04.img", "layer05.img"], "layer00,03-05.img"),
        // Two streams that alternate.
        (
            ["layer00.img", "layer00.txt", "layer01.img", "layer01.txt", "layer02.img"],
            "layer00-02.img, layer00-01.txt"
        ),
        // Names sorted as texts, and a name given twice.
        (["b.0", "b.1", "b.10", "b.11", "b.2", "b.9", "b.1", "out"], "b.0-2,9-11, out"),
        // Padding stays as it was.
        (["a08", "a09", "a10", "a9", "a11"], "a08-11,9"),
        (["a08", "a10", "a11"], "a08,10-11"),
        (["a098", "a099", "a100"], "a098-100"),
        (["a98", "a99", "a100"], "a98-100"),
        (["a99999999999999999999", "a100000000000000000000"], "a99999999999999999999-100000000000000000000"),
        // Several numbers in a name.
        (["blk.0.ffn1", "blk.0.ffn2", "blk.1.ffn1", "blk.1.ffn2"], "blk.0-1.ffn1, blk.0-1.ffn2"),
        (["s.3.linear1", "s.3.linear2"], "s.3.linear1-2"),
        (["s.3.linear1", "s.4.linear2"], "s.3.linear1, s.4.linear2"),
        (["v2.0.x", "v2.1.x", "v2.2.x"], "v2.0-2.x"),
        (["7", "8"], "7-8"),
        (["a\u{1B}1", "a\u{1B}2"], "a\\u{1b}1-2"),
    ]

    @Test("names are joined over one number", arguments: cases)
    func items(names: [String], expected: String) {
        #expect(LayerRanges(names).description == expected)
    }

    @Test("every block of a model is one item per tensor")
    func wholeModel() {
        let names = (0..<32).flatMap { ["blk.\($0).attn_q.weight", "blk.\($0).ffn_down.weight"] }
        #expect(LayerRanges(names).items == ["blk.0-31.attn_q.weight", "blk.0-31.ffn_down.weight"])
    }

    @Test("lines break between items, and within an item that is longer than a line")
    func lines() {
        let names = ["img_in"] + (0..<8).map { "layer\(3 * $0 + 10).x" } + ["out"]
        #expect(LayerRanges(names).lines(width: 80) == ["img_in, layer10,13,16,19,22,25,28,31.x, out"])
        #expect(
            LayerRanges(names).lines(width: 20) == [
                "img_in,", "layer10,13,16,19.x,", "layer22,25,28,31.x,", "out",
            ]
        )
        #expect(LayerRanges(names).lines(width: 1).count == 10)
        #expect(LayerRanges([]).lines(width: 20) == [])
    }

    @Test("the text, expanded again, names the same layers", arguments: 0..<80)
    func roundTrip(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let names = randomNames(using: &generator)
        let ranges = LayerRanges(names)
        #expect(expanded(ranges.description) == Set(names))
        #expect(ranges.items.count <= Set(names).count)

        let width = Int.random(in: 10...120, using: &generator)
        let lines = ranges.lines(width: width)
        #expect(expanded(lines.joined(separator: " ")) == Set(names))
        for line in lines where line.count > width {
            // Only a single name or run is longer: there is no comma but the one at the end.
            #expect(!line.dropLast().contains(","))
        }
    }

    private func randomNames(using generator: inout SeededGenerator) -> [String] {
        let shapes: [(String, String)] = [
            ("layer%.img", "2"), ("layer%.txt", "2"), ("blk.%.attn_q.weight", "0"), ("b.%.ffn%.w", "0"),
            ("%", "0"),
            ("x%y%z", "3"), ("out", "0"), ("final", "0"), ("v2.%", "0"), ("é%語", "0"),
        ]
        return (0..<Int.random(in: 1...80, using: &generator)).compactMap { _ in
            guard let (shape, padding) = shapes.randomElement(using: &generator) else { return nil }
            var name = ""
            for character in shape {
                if character == "%" {
                    let digits = String(
                        Int.random(in: 0...(Bool.random(using: &generator) ? 12 : 130), using: &generator)
                    )
                    name += String(repeating: "0", count: max(0, (Int(padding) ?? 0) - digits.count)) + digits
                } else {
                    name.append(character)
                }
            }
            return name
        }
    }

    /// The names an output stands for, found by its documented rules alone.
    private func expanded(_ text: String) -> Set<String> {
        var names: Set<String> = []
        for item in text.split(separator: ", ").map({ $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
        ) {
            // The numbers are the one stretch of digits, commas and hyphens that holds a comma or a hyphen.
            let stretches = item.matches(of: /[0-9]+(?:[,-][0-9]+)+/)
            guard let stretch = stretches.first else {
                names.insert(item)
                continue
            }
            #expect(stretches.count == 1)
            for run in stretch.output.split(separator: ",") {
                let ends = run.split(separator: "-")
                guard let first = ends.first, let last = ends.last, let low = Int(first), let high = Int(last)
                else {
                    Issue.record("no run: \(run)")
                    continue
                }
                for number in low...max(low, high) {
                    let digits = String(number)
                    let length = first.hasPrefix("0") ? first.count : 0
                    let padded = String(repeating: "0", count: max(0, length - digits.count)) + digits
                    names.insert(
                        item[..<stretch.range.lowerBound] + padded + item[stretch.range.upperBound...]
                    )
                }
            }
        }
        return names
    }
}
