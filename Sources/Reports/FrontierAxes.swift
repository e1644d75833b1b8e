import BitAllocation

/// The axes of a drawing of a curve: sizes from left to right, impacts from the bottom to the top.
struct FrontierAxes {
    /// The unit of the sizes.
    let unit: SizeUnit
    /// Sizes, in that unit.
    let sizes: ChartScale
    /// Impacts, from 0.
    let impacts: ChartScale

    /// Axes that have room for a curve and the plans beside it, with about so many marks.
    init(_ report: FrontierReport, sizeMarks: Int, impactMarks: Int) {
        let (points, compared) = (report.curve.points, report.compared)
        let bytes = points.map(\.bytes) + compared.map(\.comparableBytes)
        let unit = SizeUnit(for: bytes)
        self.unit = unit
        sizes = ChartScale(bytes.map { Double($0) / unit.bytes }, marks: sizeMarks)
        impacts = ChartScale([0] + points.map(\.impact) + compared.map(\.impact), marks: impactMarks)
    }

    /// Where a size stands, from 0 at the left to 1 at the right.
    func place(ofBytes bytes: Int) -> Double { sizes.place(Double(bytes) / unit.bytes) }
}
