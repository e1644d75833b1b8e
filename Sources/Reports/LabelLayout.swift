/// Where the names of marks stand in a drawing so that they cover neither each other nor another mark.
struct LabelLayout {
    /// A rectangle in the drawing's units; y grows downwards.
    struct Box {
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double

        /// Whether two rectangles share any area.
        func overlaps(_ other: Box) -> Bool {
            left < other.right && other.left < right && top < other.bottom && other.top < bottom
        }

        /// Whether another rectangle lies wholly inside.
        func contains(_ other: Box) -> Bool {
            left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom
        }
    }

    /// The height of a line of text.
    private static let lineHeight = 14.0
    /// The width of a character; of most sans-serif letters at a size of 12 it is the most.
    private static let characterWidth = 7.5
    /// From the middle of a mark to its name.
    private static let gap = 9.0
    /// How many lines up or down a name may be moved.
    private static let lineLimit = 12

    private let frame: Box
    private var taken: [Box]

    /// Creates a layout within a frame, with marks at these places that no name may cover.
    init(frame: Box, marks: [(x: Double, y: Double)]) {
        self.frame = frame
        taken = marks.map { Box(left: $0.x - 6, top: $0.y - 6, right: $0.x + 6, bottom: $0.y + 6) }
    }

    /// Finds the nearest free place for the name of a mark, and takes it.
    ///
    /// - Parameters:
    ///   - text: The name.
    ///   - x: The mark's place from left to right.
    ///   - y: The mark's place downwards.
    /// - Returns: The box of the name; beside the mark, where there is no free place.
    mutating func place(_ text: String, x: Double, y: Double) -> Box {
        let width = Double(text.count) * Self.characterWidth
        var first: Box?
        for line in 0..<Self.lineLimit {
            let shift = Double(line) * Self.lineHeight
            for left in [x + Self.gap, x - Self.gap - width] {
                for top in [y - Self.lineHeight - 2 - shift, y + 2 + shift] {
                    let box = Box(left: left, top: top, right: left + width, bottom: top + Self.lineHeight)
                    if first == nil { first = box }
                    if frame.contains(box), !taken.contains(where: box.overlaps) {
                        taken.append(box)
                        return box
                    }
                }
            }
        }
        let box = first ?? Box(left: x, top: y, right: x + width, bottom: y)
        taken.append(box)
        return box
    }
}
