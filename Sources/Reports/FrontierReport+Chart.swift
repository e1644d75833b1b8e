import BitAllocation

extension FrontierReport {
    /// The narrowest terminal that a chart is drawn for, in characters.
    public static let leastChartWidth = 66

    /// The curve drawn with plain characters, or `nil` where the terminal is too narrow.
    ///
    /// `*` is a best plan, `K` a knee, `x` one format for all, `m` a mix of llama.cpp's, `o` a recipe,
    /// `f` a finished file.
    public func chart(width: Int, height: Int = 18) -> String? {
        guard width >= Self.leastChartWidth, !curve.points.isEmpty else { return nil }
        return FrontierTextChart(self, columns: min(width, 120) - 12, rows: height).text(width: width)
    }
}
