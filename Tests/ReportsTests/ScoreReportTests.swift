import Planning
import BitAllocation
import Reports
import TestSupport
import Testing

@Suite struct ScoreReportTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    private func row(
        _ name: String,
        _ kind: ComparedPlan.Kind,
        best: Double?,
        isKnown: Bool = true,
        remarks: [String] = []
    ) -> ScoreReport.Row {
        ScoreReport.Row(
            name: name,
            kind: kind,
            bytes: 148_456,
            formats: "4 Q4_0",
            plan: isKnown ? small.smallest(kind, name, best: best) : nil,
            remarks: remarks
        )
    }

    @Test("files stand with their sizes and impacts beside the best of that size, remarks below them")
    func whole() throws {
        // 148,456 bytes of 262,400 parameters are 4.526 bits per weight.
        let report = ScoreReport(
            [
                row("own.gguf", .file, best: 20),
                row(
                    "models/other-Q4_K_M\u{1B}.gguf",
                    .file,
                    best: nil,
                    isKnown: false,
                    remarks: [
                        "the table has no column for Q6_K, which 61 layers have",
                        "the file has 1 tensor more than the model",
                    ]
                ),
                row("plan.json", .recipe, best: 30),
            ],
            parameters: SmallTask.parameters,
            word: "loss"
        )
        try ExpectedText.expect(
            report.text(style: .eighty) + "\n== The table\n\n" + report.table().inEveryForm(),
            in: "ReportsTests/Expected/ScoreReport.txt"
        )
        expectFits(report.text(style: .eighty))
    }

    @Test("without remarks nothing is below the table, and without files it is its headings")
    func few() {
        let report = ScoreReport([row("a", .file, best: 30)], parameters: 1, word: "loss")
        #expect(report.text(style: .plain).split(separator: "\n").count == 3)
        #expect(ScoreReport([], parameters: 0, word: "loss").table().rows.isEmpty)
    }

    @Test("what the restrictions do not allow is a remark")
    func breach() throws {
        var problem = small.problem
        problem.formatLimit = 1
        let plan = ComparedPlan(kind: .file, name: "a", choices: small.best.choices, in: problem)
        let report = ScoreReport(
            [.init(name: "a", kind: .file, bytes: 1, formats: "", plan: plan, remarks: ["x"])],
            parameters: 1,
            word: "loss"
        )
        #expect(
            report.text(style: .plain).hasSuffix(
                "\na: x; not allowed by the restrictions: 2 formats, at most 1\n"
            )
        )
    }
}
