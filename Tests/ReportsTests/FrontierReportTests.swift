import BitAllocation
import TestSupport
import Testing

@testable import Reports

@Suite struct FrontierReportTests {
    /// A report on a model of so many bytes, with a name of the given kind.
    private func report(bytes: Int, comparing kinds: [ComparedPlan.Kind] = []) throws -> FrontierReport {
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
            compared: ComparedPlan.uniformPlans(of: problem)
                + kinds.map {
                    ComparedPlan(kind: $0, name: "c", choices: [0, 0, 0, 1, 1, 1], in: problem)
                },
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
        let chart = try report(bytes: 1000, comparing: [.mix, .recipe, .file]).chart(width: width)
        #expect((chart != nil) == (width >= FrontierReport.leastChartWidth))
        for line in chart?.split(separator: "\n") ?? [] {
            #expect(line.count <= width)
        }
        #expect(chart?.contains("f file") != false)
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

    @Test("names of marks cover neither each other nor a mark, and stay in the frame", arguments: 0..<30)
    func keepsNamesApart(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        // Ten formats of nearly one size and impact.
        let marks = (0..<10).map { _ in
            (
                x: Double.random(in: 100...160, using: &generator),
                y: Double.random(in: 200...230, using: &generator)
            )
        }
        let frame = LabelLayout.Box(left: 70, top: 30, right: 800, bottom: 420)
        var layout = LabelLayout(frame: frame, marks: marks)
        var boxes: [LabelLayout.Box] = []
        for mark in marks {
            let box = layout.place("Q4_K*", x: mark.x, y: mark.y)
            #expect(frame.contains(box))
            #expect(!boxes.contains(where: box.overlaps))
            for other in marks {
                #expect(
                    !box.overlaps(.init(left: other.x, top: other.y, right: other.x + 1, bottom: other.y + 1))
                )
            }
            boxes.append(box)
        }
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
