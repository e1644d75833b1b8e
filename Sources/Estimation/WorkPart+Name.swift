extension WorkPart {
    /// How the name of something ends that belongs to a part of a model, or to the whole: `-losses-03-of-16.csv`, `-losses.csv`.
    ///
    /// - Parameters:
    ///   - word: What it is, such as `losses`.
    ///   - part: The part, or nil for the whole.
    ///   - type: The type of the file; nil for a folder.
    /// - Returns: The end of the name.
    public static func nameEnding(_ word: String, of part: WorkPart?, type: String? = nil) -> String {
        let number = part.map { "-\($0.paddedNumber)-of-\($0.count)" } ?? ""
        return "-\(word)\(number)" + (type.map { ".\($0)" } ?? "")
    }

    /// The number with as many digits as the last part's.
    private var paddedNumber: String {
        String(repeating: "0", count: "\(count)".count - "\(number)".count) + "\(number)"
    }
}
