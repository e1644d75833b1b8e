import BitAllocation
import Testing

@testable import Reports

@Suite struct FrontierReportTests {
    /// A report on a model of so many bytes, with a name of the given kind.
    private func report(bytes: Int) throws -> FrontierReport {
        let layers = (0..<6).map { layer in
            AllocationProblem.Layer(
                name: "l\(layer)",
                options: [
                    .init(format: "A", bytes: bytes, impact: Double(layer + 1)),
                    .init(format: "B", bytes: 2 * bytes, impact: 0),
                ]
            )
        }
        let problem = try AllocationProblem(layers: layers, budget: 0)
        let curve = try FrontierCurve(of: problem, allocator: Allocator())
        return FrontierReport(
            curve,
            count: nil,
            compared: ComparedPlan.uniformPlans(of: problem),
            modelName: "m",
            combination: .sum,
            parameters: 100
        )
    }

    @Test(
        "a chart keeps to the terminal's width, and there is none where it would not fit",
        arguments: 1...150
    )
    func keepsToTheWidth(width: Int) throws {
        let chart = try report(bytes: 1000).chart(width: width)
        #expect((chart != nil) == (width >= FrontierReport.leastChartWidth))
        for line in chart?.split(separator: "\n") ?? [] {
            #expect(line.count <= width)
        }
    }

    @Test(
        "the axis of a chart has a unit that suits the model, and marks that differ",
        arguments: [(10, "B"), (10_000, "kB"), (10_000_000, "MB"), (10_000_000_000, "GB")]
    )
    func suitsTheUnit(bytes: Int, unit: String) throws {
        let report = try report(bytes: bytes)
        let chart = try #require(report.chart(width: 100))
        #expect(chart.contains("           \(unit); * best plan"))
        let axis = try #require(chart.split(separator: "\n").dropLast().last).split(separator: " ")
        #expect(axis.count >= 3)
        #expect(Set(axis).count == axis.count)
        #expect(report.svg().contains("Size of the file in \(unit)<"))
    }

    @Test("marks far from zero differ in the digits that are written")
    func labelsNarrowRanges() {
        let scale = ChartScale([7_536.001, 7_536.004], marks: 5)
        let labels = scale.marks.map(scale.label)
        #expect(Set(labels).count == labels.count)
        #expect(ChartScale([0, 1], marks: 4).marks.map(ChartScale([0, 1], marks: 4).label).first == "0")
    }

    @Test("a small change keeps its digits")
    func keepsDigits() {
        #expect(Figures.change(2.4497999, from: 2.4498) == "-4.1e-06 %")
        #expect(Figures.change(1 - 1e-13, from: 1).hasPrefix("-1e-11"))
        #expect(Figures.change(1, from: 1) == "nothing")
        #expect(Figures.change(0.9, from: 1) == "-10 %")
    }
}
