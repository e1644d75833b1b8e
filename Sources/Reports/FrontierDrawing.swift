import BitAllocation
import Tensors

/// A curve of best plans as SVG, in parts from the background to the front.
struct FrontierDrawing {
    private let report: FrontierReport
    private let axes: FrontierAxes
    private let notes: [String]

    private static let (width, height) = (800, 480)
    /// The edges of the field that the curve is in.
    private static let (left, right, top, bottom) = (70, 770, 40, 420)
    private static let lineHeight = 16
    /// How the title of every drawing ends, after the model's name.
    static let titleEnd = ": impact against size of the best plans"

    /// Prepares the drawing of a report's curve.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - notes: What is to be said below the drawing, a line each.
    init(_ report: FrontierReport, notes: [String]) {
        self.report = report
        self.notes = notes
        axes = FrontierAxes(report, sizeMarks: 8, impactMarks: 6)
    }

    /// The whole file.
    var text: String {
        let lines = head + grid + axisTitles + staircase + knees + compared + footer + ["</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Places

    private func x(_ share: Double) -> Double {
        Double(Self.left) + share * Double(Self.right - Self.left)
    }

    private func y(_ impact: Double) -> Double {
        Double(Self.bottom) - axes.impacts.place(impact) * Double(Self.bottom - Self.top)
    }

    private func x(ofBytes bytes: Int) -> String { Figures.coordinate(x(axes.place(ofBytes: bytes))) }

    private func y(ofImpact impact: Double) -> String { Figures.coordinate(y(impact)) }

    // MARK: Parts

    private var head: [String] {
        let height = Self.height + Self.lineHeight * notes.count
        let title = report.modelName.escapedForMarkup + Self.titleEnd
        return [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="title" \
            font-family="sans-serif" font-size="12">
            """,
            "<title id=\"title\">\(title)</title>",
            "<rect width=\"\(Self.width)\" height=\"\(height)\" fill=\"#fff\"/>",
            "<text x=\"\(Self.left)\" y=\"24\" font-size=\"15\">\(title)</text>",
        ]
    }

    /// A line and a label for each mark of the axes.
    private var grid: [String] {
        let (top, bottom) = (Figures.coordinate(Double(Self.top)), Figures.coordinate(Double(Self.bottom)))
        let upright = axes.sizes.marks.flatMap { mark in
            let x = Figures.coordinate(x(axes.sizes.place(mark)))
            let label = axes.sizes.label(mark)
            return [
                "<path d=\"M\(x) \(top)V\(bottom)\" stroke=\"#ddd\"/>",
                "<text x=\"\(x)\" y=\"\(Self.bottom + 18)\" text-anchor=\"middle\">\(label)</text>",
            ]
        }
        let level = axes.impacts.marks.flatMap { mark in
            let (y, label) = (y(ofImpact: mark), axes.impacts.label(mark))
            return [
                "<path d=\"M\(Self.left) \(y)H\(Self.right)\" stroke=\"#ddd\"/>",
                "<text x=\"\(Self.left - 8)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(label)</text>",
            ]
        }
        return upright + level
    }

    private var axisTitles: [String] {
        let middle = (x: (Self.left + Self.right) / 2, y: (Self.top + Self.bottom) / 2)
        return [
            """
            <text x="\(middle.x)" y="\(Self.bottom + 46)" text-anchor="middle">Size of the file in \(axes.unit.name)</text>
            """,
            """
            <text transform="translate(18 \(middle.y)) rotate(-90)" text-anchor="middle">Impact (\(report.combination.rawValue))</text>
            """,
        ]
    }

    /// The curve: between two plans the best is the smaller one, so it is a staircase.
    private var staircase: [String] {
        let points = report.curve.points
        guard let first = points.first else { return [] }
        var path = "M\(x(ofBytes: first.bytes)) \(y(ofImpact: first.impact))"
        for point in points.dropFirst() {
            path += "H\(x(ofBytes: point.bytes))V\(y(ofImpact: point.impact))"
        }
        return ["<path d=\"\(path)\" fill=\"none\" stroke=\"#0b5fa5\" stroke-width=\"2\"/>"]
    }

    private var knees: [String] {
        report.curve.knees.map { index in
            let point = report.curve.points[index]
            let (x, y) = (x(ofBytes: point.bytes), y(ofImpact: point.impact))
            return """
                <circle cx="\(x)" cy="\(y)" r="6" fill="none" stroke="#0b5fa5" stroke-width="2">\
                <title>knee: \(ByteSize(point.bytes).decimal), impact \(Figures.impact(point.impact))</title></circle>
                """
        }
    }

    /// The plans from elsewhere, each with its name where there is room for it.
    private var compared: [String] {
        let places = report.compared.map {
            (x: x(axes.place(ofBytes: $0.comparableBytes)), y: y($0.impact))
        }
        let edges = LabelLayout.Box(
            left: Double(Self.left),
            top: Double(Self.top - 14),
            right: Double(Self.width),
            bottom: Double(Self.bottom)
        )
        var layout = LabelLayout(frame: edges, marks: places)
        return zip(report.compared, places).map { plan, place in
            let box = layout.place(plan.label, x: place.x, y: place.y)
            let (left, right) = (Figures.coordinate(box.left), Figures.coordinate(box.right))
            let baseline = Figures.coordinate(box.bottom - 3)
            let anchor = box.left > place.x ? "x=\"\(left)\"" : "x=\"\(right)\" text-anchor=\"end\""
            let shape = plan.kind.shape(Figures.coordinate(place.x), Figures.coordinate(place.y))
            return "<g>\(shape)<text \(anchor) y=\"\(baseline)\">\(plan.label.escapedForMarkup)</text></g>"
        }
    }

    private var footer: [String] {
        notes.enumerated().map { index, note in
            let y = Self.height + 6 + Self.lineHeight * index
            return "<text x=\"\(Self.left)\" y=\"\(y)\">\(note.escapedForMarkup)</text>"
        }
    }
}

extension ComparedPlan.Kind {
    /// The mark of a plan; kinds differ in shape as well as in colour.
    fileprivate func shape(_ x: String, _ y: String) -> String {
        switch self {
        case .uniform:
            "<path d=\"M\(x) \(y)m-5 -5l10 10m0 -10l-10 10\" stroke=\"#b33c00\" stroke-width=\"2\"/>"
        case .mix: "<path d=\"M\(x) \(y)m0 -6l6 11h-12z\" fill=\"#8a6100\"/>"
        case .recipe: "<path d=\"M\(x) \(y)m0 -7l7 7l-7 7l-7 -7z\" fill=\"#7a3e9d\"/>"
        case .file: "<path d=\"M\(x) \(y)m-5 -5h10v10h-10z\" fill=\"#1d7a4f\"/>"
        }
    }
}
