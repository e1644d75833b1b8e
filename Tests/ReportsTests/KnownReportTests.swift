import BitAllocation
import Planning
import Recipes
import Runtimes
import Testing
import Text

@testable import Reports

/// Which files are known as curves and pages of this program.
@Suite struct KnownReportTests {
    private let small: SmallTask

    init() throws { small = try SmallTask() }

    private func file(_ text: String) throws -> InspectedFile {
        try #require(InspectedFile(bytes: Array(text.utf8)))
    }

    /// A curve in every format, of a model whose name has what Markdown would read.
    private func curves() throws -> [(format: OutputFormat, size: String, speed: String)] {
        let report = FrontierReport(
            try FrontierCurve(of: small.problem, allocator: Allocator()),
            count: 3,
            compared: ComparedPlan.uniformPlans(of: small.problem),
            modelName: "small*: #1",
            combination: .sum,
            parameters: SmallTask.parameters,
            table: small.table
        )
        let frontier = SpeedFrontier(
            [],
            on: [Device(name: "cpu", buffer: "CPU", bytes: 64 << 30, bandwidth: 5e10)],
            modelName: "small*: #1",
            parameters: SmallTask.parameters,
            combination: .sum,
            table: small.table
        )
        return [
            (.text, report.text(), frontier.text()),
            (.json, try report.jsonValue.text(), try frontier.jsonValue.text()),
            (.csv, report.csv(), frontier.pointTable().csv()),
            (.markdown, report.text(markdown: true), frontier.text(markdown: true)),
        ]
    }

    @Test("a curve is known in the format that it was written in, each kind by itself")
    func curvesAreKnown() throws {
        for (format, size, speed) in try curves() {
            #expect(try FrontierReport.isCurve(file(size), as: format), "\(format)")
            #expect(try SpeedFrontier.isCurve(file(speed), as: format), "\(format)")
            #expect(try !FrontierReport.isCurve(file(speed), as: format), "\(format)")
            #expect(try !SpeedFrontier.isCurve(file(size), as: format), "\(format)")
            for other in ["dear diary", "{}", "name,size\na,1\n", "Today the best plan was to sleep.\n"] {
                #expect(try !FrontierReport.isCurve(file(other), as: format))
                #expect(try !SpeedFrontier.isCurve(file(other), as: format))
            }
        }
    }

    @Test("a drawing is known by its title")
    func drawing() throws {
        let report = FrontierReport(
            try FrontierCurve(of: small.problem, allocator: Allocator()),
            count: nil,
            compared: [],
            modelName: "small<1>",
            combination: .sum,
            parameters: SmallTask.parameters
        )
        #expect(try FrontierReport.isDrawing(file(report.svg())))
        #expect(try !FrontierReport.isDrawing(file("<svg ><title>mine</title></svg>")))
    }

    @Test("a page is known by its title")
    func page() throws {
        let recipe = Recipe(
            generator: .init(version: "0.0.0", arguments: []),
            model: .init(name: "small", parameters: SmallTask.parameters, digest: ""),
            impacts: .init(name: "small", digest: ""),
            converter: nil,
            limit: .bytes(214_000),
            size: .init(
                bytes: 213_992,
                bitsPerWeight: 6.5,
                tensorData: 212_992,
                headerAndAlignment: 1_000,
                exact: .file
            ),
            impact: .init(total: 11, combine: .sum),
            proof: .init(solver: .glpk, status: .optimal, objective: .impact, bound: 11, gap: 0),
            layers: [],
            kept: []
        )
        let page = try #require(
            ReportPage(
                task: small.task,
                plans: [small.best],
                coverage: .complete,
                knees: [],
                compared: [],
                start: 0,
                converters: [],
                contexts: [],
                recipe: recipe,
                table: small.table,
                modelArguments: []
            )
        )
        #expect(try ReportPage.isPage(file(page.html())))
        #expect(try !ReportPage.isPage(file("<!doctype html>\n<title>mine</title>\n")))
    }
}
