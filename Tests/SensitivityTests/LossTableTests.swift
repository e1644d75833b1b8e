import Sensitivity
import TestSupport
import Testing

@Suite("Files of losses")
struct LossTableTests {
    private func read(_ text: String) throws(SensitivityError) -> LossTable {
        try LossTable(text: text, path: "l.csv")
    }

    @Test("losses are read with and without standard errors, comments and blank lines")
    func reads() throws {
        let table = try read(
            """
            # unit: KL divergence, nats per token
            # a remark without a key
            Layer,Format,Loss,StandardError
            blk.0.attn_q.weight,Q4_0,0.25,0.125

            "a,b",torch.float8_e4m3fn,-1e-3,
            c,Q8_0,,
            """
        )
        #expect(table.unit == "KL divergence, nats per token")
        #expect(
            table.losses == [
                MeasuredLoss(layer: "blk.0.attn_q.weight", format: "Q4_0", loss: 0.25, standardError: 0.125),
                MeasuredLoss(layer: "a,b", format: "float8_e4m3fn", loss: -1e-3),
            ]
        )
        let short = try read("layer,format,loss\r\na,Q4_0,0\r\na,Q8_0,-0\r\n")
        #expect(short.unit == nil && short.losses.map(\.loss) == [0, 0])
        #expect(short.losses.allSatisfy { $0.loss.sign == .plus })
    }

    @Test(
        "what is wrong is said with its line and a remedy",
        arguments: [
            ("", "l.csv:1: the table has no layer"),
            ("# unit: x\n", "l.csv:1: the table has no layer"),
            (
                "layer,format,impact\na,Q4_0,1\n",
                "l.csv:1: the header \"layer,format,impact\" is not that of losses"
            ),
            ("# unit: a\n# unit: b\nlayer,format,loss\n", "l.csv:2: the key \"unit\" is there twice"),
            ("layer,format,loss\na,Q4_0\n", "l.csv:2: the row has 2 cells where 3 belong"),
            ("layer,format,loss\n,Q4_0,1\n", "l.csv:2: the row has no layer"),
            ("layer,format,loss\na,,1\n", "l.csv:2: the format has no name"),
            ("layer,format,loss\na,Q4K,1\n", "l.csv:2: the format \"Q4K\""),
            (
                "layer,format,loss\na,Q4_0,nan\n",
                "l.csv:2: the loss \"nan\" is no number that can be kept: write"
            ),
            (
                "layer,format,loss\na,Q4_0,inf\n",
                "l.csv:2: the loss \"inf\" is no number that can be kept: write"
            ),
            (
                "layer,format,loss\na,Q4_0,0x10\n",
                "l.csv:2: the loss \"0x10\" is no number that can be kept: write"
            ),
            (
                "layer,format,loss\na,Q4_0,1e999\n",
                "l.csv:2: the loss \"1e999\" is no number that can be kept: write"
            ),
            (
                "layer,format,loss\na,Q4_0,-1e999\n",
                "l.csv:2: the loss \"-1e999\" is no number that can be kept"
            ),
            (
                "layer,format,loss\na,Q4_0,1e-999\n",
                "l.csv:2: the loss \"1e-999\" is no number that can be kept"
            ),
            (
                "layer,format,loss,standardError\na,Q4_0,1,nan\n",
                "l.csv:2: the standard error \"nan\" is no number that can be kept: write a decimal number from 0 up"
            ),
            ("layer,format,loss,standardError\na,Q4_0,1,-1\n", "l.csv:2: the cell \"-1\" is negative"),
            (
                "layer,format,loss\n\na,Q4_0,1\na,Q4_0,2\n",
                "l.csv:4: \"a\" has \"Q4_0\" twice, first on line 3"
            ),
            ("layer,format,loss\na,Q4_0,\"1\n", "l.csv:2: a quote is not closed"),
        ]
    )
    func refuses(text: String, message: String) throws {
        let error = try #require(throws: SensitivityError.self) { try read(text) }
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    @Test("no advice is given that is for impacts alone", arguments: ["nan", "inf", "1e999", "low", "-inf"])
    func ownAdvice(cell: String) throws {
        let error = try #require(throws: SensitivityError.self) {
            try read("layer,format,loss\na,Q4_0,\(cell)\n")
        }
        #expect(!error.description.contains("forbid") && !error.description.contains("inf or"), "\(error)")
        #expect(error.description.contains("leave its line out"), "\(error)")
        // What is advised works.
        #expect(try read("layer,format,loss\nb,Q4_0,1\n").losses.count == 1)
        let costs = try #require(throws: SensitivityError.self) {
            try FormatCosts.read(text: "format,cost\nQ4_0,\(cell)\n", name: "c.csv")
        }
        #expect(!costs.description.contains("forbid") && !costs.description.contains("inf or"), "\(costs)")
        let errors = try #require(throws: SensitivityError.self) {
            try ImpactTableReader.read(
                text: "layer,format,impact,standardError\na,Q4_0,1,\(cell)\n",
                name: "t"
            )
        }
        #expect(!errors.description.contains("forbid") && !errors.description.contains("inf or"), "\(errors)")
    }

    @Test("the case of a format's letters does not matter")
    func formatLetters() throws {
        let table = try read("layer,format,loss\na,q4_0,0.5\nb,Q4_0,1\nc,torch.bfloat16,0\n")
        #expect(table.losses.map(\.format) == ["Q4_0", "Q4_0", "BF16"])
        let twice = TableProblem.lossTwice(layer: "a", format: "Q4_0", firstLine: 2)
        #expect(throws: SensitivityError.badTable(file: "l.csv", line: 3, problem: twice)) {
            try read("layer,format,loss\na,Q4_0,1\na,q4_0,1\n")
        }
    }

    @Test("every bad line is said at once")
    func saysAll() throws {
        let error = try #require(throws: SensitivityError.self) {
            try read("layer,format,loss\na,Q4_0,x\nb,Q4_0,1\nc,Q4_0\n")
        }
        #expect(error.description.split(separator: "\n").map { $0.prefix(8) } == ["l.csv:2:", "l.csv:4:"])
    }

    @Test("a line that a loss is written as is read back", arguments: 0..<20)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let losses = (0..<20).map { index in
            MeasuredLoss(
                layer: index.isMultiple(of: 3) ? "a, \"\(index)\"" : "blk.\(index)",
                format: "Q4_0",
                loss: .random(in: -1...1, using: &random),
                standardError: Bool.random(using: &random) ? .random(in: 0...1, using: &random) : nil
            )
        }
        let text = "layer,format,loss,standardError\n" + losses.map(\.csvLine).joined()
        #expect(try read(text).losses == losses)
    }
}
