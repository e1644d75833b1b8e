import Sensitivity
import Testing

@Suite("all bad cells of a table at once")
struct BadCellTests {
    private func lines(_ text: String) -> [Int] {
        let options = ImpactImportOptions(lowFormat: "Q4_0", highFormat: "Q8_0")
        do {
            _ = try ImpactTableReader.read(text: text, name: "t", options: options)
            return []
        } catch .badCells(_, let defects) {
            return defects.map(\.line)
        } catch .badTable(_, let line, _) {
            return [line]
        } catch {
            return [-1]
        }
    }

    @Test(
        "every shape names each negative, NaN and unreadable cell with its line",
        arguments: [
            ("layer,Q4_0,Q8_0\na,-1,nan\nb,1,2\nc,x,1e999\n", [2, 2, 4, 4]),
            ("layer,format,impact\na,Q4_0,-1\nb,Q4_0,1\nc,Q4_0,nan\nb,Q4_0,2\n", [2, 4, 5]),
            ("|layer|Q4_0|\n|-|-|\n|a|-1|\n|b|nan|\n|a|2|\n", [3, 4, 5]),
            (
                "[{\"layer\": \"a\", \"format\": \"Q4_0\", \"impact\": -1},\n"
                    + "{\"layer\": \"b\", \"format\": \"Q4_0\", \"impact\": NaN}]", [1, 2]
            ),
            ("{\"layers\": {\"a\": {\"Q4_0\": -1,\n\"Q8_0\": NaN}}}", [1, 2]),
            ("a:\n  Q4_0: -1\n  Q8_0: .nan\nb:\n  Q4_0: 1\n  Q8_0: x\n", [2, 3, 6]),
            ("QTYPE,a,b\nq4_0,nan,1%\nq8_0,x,2%\n", [2, 3]),
            ("[[\"a\", NaN],\n[\"b\", 1],\n[\"c\", Infinity]]", [1, 3]),
            (
                "{\"measurement\": {\"a\": [{\"accuracy\": -1, \"total_bits\": 8}],\n"
                    + "\"b\": [{\"accuracy\": 1, \"total_bits\": 0}]}}", [1, 2]
            ),
        ]
    )
    func shapes(text: String, expected: [Int]) {
        #expect(lines(text) == expected)
    }

    @Test("both values of a repeated cell are named, and a third spelling of a format is no trap")
    func repetitions() {
        let twice = "layer,format,impact\na,Q4_1,1\na,Q4_1,2\n"
        #expect(
            throws: SensitivityError.badTable(
                file: "t",
                line: 3,
                problem: .cellTwice(
                    layer: "a",
                    format: "Q4_1",
                    firstLine: 2,
                    first: .impact(1),
                    second: .impact(2)
                )
            )
        ) { try ImpactTableReader.read(text: twice, name: "t") }
        #expect(lines("layer,format,impact\na,Q4_1,1\nb,q4_1,1\nc,q4_1,1\n") == [3, 4])
    }

    @Test("of very many bad cells the first ten are named, so that a terminal shows them")
    func many() {
        let text = "layer,Q4_1\n" + (0..<150).map { "l\($0),-1\n" }.joined()
        do {
            _ = try ImpactTableReader.read(text: text, name: "t")
            Issue.record("the table is read")
        } catch {
            #expect(error.description.split(separator: "\n").count == 11)
            #expect(error.description.hasSuffix("t: and 140 more such cells"))
        }
    }
}
