public import Text

extension FrontierReport {
    /// Whether a file holds a curve of size as it is written in a format.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - format: The format.
    /// - Returns: Whether it does.
    public static func isCurve(_ file: InspectedFile, as format: OutputFormat) -> Bool {
        switch format {
        case .csv: file.firstLine?.hasPrefix("kind,name,bytes,impact,") ?? false
        case .json: file.outline()?.has(["combine", "complete", "points", "compared"]) ?? false
        case .text, .markdown: file.firstLine.map(isHeading) ?? false
        }
    }

    /// Whether a line begins as ``heading`` does.
    private static func isHeading(_ line: Substring) -> Bool {
        let heading =
            /.*: [0-9,]+ best plans?, (every one there is|the only one there is|each at a budget of its own).*/
        return line.wholeMatch(of: heading) != nil
    }
}

extension SpeedFrontier {
    /// Whether a file holds a curve of speed as it is written in a format.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - format: The format.
    /// - Returns: Whether it does.
    public static func isCurve(_ file: InspectedFile, as format: OutputFormat) -> Bool {
        switch format {
        case .csv: file.firstLine?.hasPrefix("minSpeed,speed,bytes,") ?? false
        case .json: file.outline()?.has(["combine", "devices", "speeds"]) ?? false
        case .text, .markdown: file.firstLine?.contains(": the least impact at each") ?? false
        }
    }
}
