import BitAllocation
import Tensors

extension FrontierReport {
    /// The curve as a drawing: size against impact, knees ringed, plans from elsewhere as named marks.
    ///
    /// The drawing stands on its own: no style sheet, font or image from elsewhere. Kinds of marks differ in shape as well
    /// as in colour.
    public func svg() -> String {
        let size = (width: 800.0, height: 480.0)
        let frame = (left: 70.0, top: 40.0, right: 30.0, bottom: 60.0)
        let points = curve.points
        let sizes = points.map(\.bytes) + compared.map(\.comparableBytes)
        let unit = SizeUnit(for: sizes)
        let horizontal = ChartScale(sizes.map { Double($0) / unit.bytes }, marks: 8)
        let vertical = ChartScale([0] + points.map(\.impact) + compared.map(\.impact), marks: 6)
        func place(_ bytes: Int, _ impact: Double) -> (x: Double, y: Double) {
            (
                frame.left + horizontal.place(Double(bytes) / unit.bytes)
                    * (size.width - frame.left - frame.right),
                size.height - frame.bottom - vertical.place(impact) * (size.height - frame.top - frame.bottom)
            )
        }
        func x(_ bytes: Int) -> String { Figures.coordinate(place(bytes, 0).x) }
        func y(_ impact: Double) -> String { Figures.coordinate(place(0, impact).y) }
        func gridX(_ value: Double) -> String {
            Figures.coordinate(frame.left + horizontal.place(value) * (size.width - frame.left - frame.right))
        }
        let bottom = Figures.coordinate(size.height - frame.bottom)
        let top = Figures.coordinate(frame.top)
        let title = "\(modelName.escapedForMarkup): impact against size of the best plans"
        let notes = notes.flatMap { Self.lines(of: $0, width: 110) }
        let height = 480 + 16 * notes.count
        var lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 \(height)" role="img" aria-labelledby="title" \
            font-family="sans-serif" font-size="12">
            """,
            "<title id=\"title\">\(title)</title>",
            "<rect width=\"800\" height=\"\(height)\" fill=\"#fff\"/>",
            "<text x=\"70\" y=\"24\" font-size=\"15\">\(title)</text>",
        ]
        for mark in horizontal.marks {
            lines.append("<path d=\"M\(gridX(mark)) \(top)V\(bottom)\" stroke=\"#ddd\"/>")
            lines.append(
                "<text x=\"\(gridX(mark))\" y=\"438\" text-anchor=\"middle\">\(horizontal.label(mark))</text>"
            )
        }
        for mark in vertical.marks {
            lines.append("<path d=\"M70 \(y(mark))H770\" stroke=\"#ddd\"/>")
            lines.append(
                "<text x=\"62\" y=\"\(y(mark))\" dy=\"4\" text-anchor=\"end\">\(vertical.label(mark))</text>"
            )
        }
        lines.append(
            "<text x=\"420\" y=\"466\" text-anchor=\"middle\">Size of the file in \(unit.name)</text>"
        )
        lines.append(
            "<text transform=\"translate(18 230) rotate(-90)\" text-anchor=\"middle\">Impact (\(combination.rawValue))</text>"
        )
        if let first = points.first {
            // Between two plans the best is the smaller one, so the curve is a staircase.
            var path = "M\(x(first.bytes)) \(y(first.impact))"
            for point in points.dropFirst() {
                path += "H\(x(point.bytes))V\(y(point.impact))"
            }
            lines.append("<path d=\"\(path)\" fill=\"none\" stroke=\"#0b5fa5\" stroke-width=\"2\"/>")
        }
        for index in curve.knees {
            let point = points[index]
            lines.append(
                """
                <circle cx="\(x(point.bytes))" cy="\(y(point.impact))" r="6" fill="none" stroke="#0b5fa5" stroke-width="2">\
                <title>knee: \(ByteSize(point.bytes).decimal), impact \(Figures.impact(point.impact))</title></circle>
                """
            )
        }
        let edges = LabelLayout.Box(
            left: frame.left,
            top: frame.top - 14,
            right: size.width,
            bottom: size.height - frame.bottom
        )
        var layout = LabelLayout(frame: edges, marks: compared.map { place($0.comparableBytes, $0.impact) })
        for plan in compared {
            let mark = place(plan.comparableBytes, plan.impact)
            let box = layout.place(plan.label, x: mark.x, y: mark.y)
            let (left, right) = (Figures.coordinate(box.left), Figures.coordinate(box.right))
            let baseline = Figures.coordinate(box.bottom - 3)
            let anchor = box.left > mark.x ? "x=\"\(left)\"" : "x=\"\(right)\" text-anchor=\"end\""
            let (px, py) = (x(plan.comparableBytes), y(plan.impact))
            let shape =
                switch plan.kind {
                case .uniform:
                    "<path d=\"M\(px) \(py)m-5 -5l10 10m0 -10l-10 10\" stroke=\"#b33c00\" stroke-width=\"2\"/>"
                case .mix: "<path d=\"M\(px) \(py)m0 -6l6 11h-12z\" fill=\"#8a6100\"/>"
                case .recipe: "<path d=\"M\(px) \(py)m0 -7l7 7l-7 7l-7 -7z\" fill=\"#7a3e9d\"/>"
                case .file: "<path d=\"M\(px) \(py)m-5 -5h10v10h-10z\" fill=\"#1d7a4f\"/>"
                }
            lines.append(
                "<g>\(shape)<text \(anchor) y=\"\(baseline)\">\(plan.label.escapedForMarkup)</text></g>"
            )
        }
        for (index, note) in notes.enumerated() {
            lines.append("<text x=\"70\" y=\"\(486 + 16 * index)\">\(note.escapedForMarkup)</text>")
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Which marks are not quite what their names say, or not allowed; for below the drawing.
    private var notes: [String] {
        ComparedPlan.remarks(on: compared) { $0.exceptions.map { "except \($0)" } }.map { "* \($0)" }
            + ComparedPlan.remarks(on: compared) { $0.breach.map { "not allowed, \($0)" } }
    }

    /// A text broken at spaces into lines of about so many characters; a longer word has a line of its own.
    private static func lines(of text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
