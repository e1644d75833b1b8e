import Testing

@testable import Sensitivity

@Suite("costs of formats")
struct FormatCostsTests {
    private func problem(_ text: String) -> (line: Int, text: String)? {
        do throws(SensitivityError) {
            _ = try FormatCosts.read(text: text, name: "c.csv")
            return nil
        } catch {
            guard case .badTable("c.csv", let line, let problem) = error else { return nil }
            return (line, problem.description)
        }
    }

    @Test("every format has its cost, whatever the blanks and the letters of the header")
    func right() throws {
        let costs = try FormatCosts.read(text: "Format, Cost\nBF16,1\nQ8_0,1.25\nQ4_1,0\n", name: "c.csv")
        #expect(costs.costs == ["BF16": 1, "Q8_0": 1.25, "Q4_1": 0])
    }

    @Test("the case of a format's letters does not matter, and each has one cost")
    func letters() throws {
        let costs = try FormatCosts.read(text: "format,cost\nbf16,1\nq8_0,1.25\nown,2\n", name: "c.csv")
        #expect(costs.costs == ["BF16": 1, "Q8_0": 1.25, "own": 2])
        #expect(costs.cost(of: "q8_0") == 1.25 && costs.cost(of: "own") == 2)
        #expect(costs.cost(of: "Q4_0") == nil)
        #expect(problem("format,cost\nQ8_0,1\nq8_0,1\n")?.line == 3)
    }

    @Test(
        "what is no cost is refused by a sentence whose remedy is taken",
        arguments: [
            ("Q8_0,x", "the cost is \"x\": give 0 or a finite number above it, such as 1.25"),
            ("Q8_0,inf", "the cost is \"inf\": give 0 or a finite number above it, such as 1.25"),
            ("Q8_0,nan", "the cost is \"nan\": give 0 or a finite number above it, such as 1.25"),
            ("Q8_0,1e999", "the cost is \"1e999\": give 0 or a finite number above it, such as 1.25"),
            ("Q8_0,", "the line has no cost: give 0 or a finite number above it, such as 1.25"),
            ("Q8_0,-1", "the cell \"-1\" is negative: give a number from 0 up"),
            ("Q8_0,\"1,5\"", "the cell \"1,5\" has a comma in place of the point: write 1.5"),
        ]
    )
    func noCost(line: String, sentence: String) {
        let problem = problem("format,cost\nBF16,1\n" + line + "\n")
        #expect(problem?.line == 3)
        #expect(problem?.text == sentence)
    }

    @Test(
        "another header is refused by what costs are, and another separator by its name",
        arguments: [
            (
                "a,b\nBF16,1\n",
                "the first line is \"a,b\": give 'format,cost', and then a format and its cost per line"
            ),
            ("", "the file is empty: give 'format,cost', and then a format and its cost per line"),
            (
                "format;cost\nBF16;1\n",
                "the cells are kept apart by semicolons: save the table with commas between cells and points in numbers"
            ),
            (
                "format\tcost\nBF16\t1\n",
                "the cells are kept apart by tabs: save the table with commas between cells and points in numbers"
            ),
            ("format,cost\n", "there is no cost: give a format and its cost per line"),
        ]
    )
    func header(text: String, sentence: String) {
        #expect(problem(text)?.text == sentence)
    }

    @Test("losses with another separator are refused by its name too")
    func otherLosses() {
        let separated = TableProblem.otherSeparator("semicolons")
        #expect(throws: SensitivityError.badTable(file: "l.csv", line: 1, problem: separated)) {
            try MeasuredLosses.read(text: "recipe;loss\nr.json;1\n", file: "l.csv")
        }
        #expect(throws: SensitivityError.badTable(file: "l.csv", line: 2, problem: separated)) {
            try LossTable(text: "# unit: nats\nlayer;format;loss\n", path: "l.csv")
        }
    }

    @Test("a loss that is no number is not told to be nothing or infinite")
    func unreadableLoss() {
        for text in ["x", "inf"] {
            let unreadable = TableProblem.unusableNumber(text, of: .recipeLoss)
            #expect(throws: SensitivityError.badTable(file: "l.csv", line: 2, problem: unreadable)) {
                try MeasuredLosses.read(text: "recipe,loss\nr.json,\(text)\n", file: "l.csv")
            }
            #expect(!unreadable.description.contains("nothing"))
        }
    }
}
