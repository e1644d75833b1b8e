/// How much text a given time is enough for.
///
/// A run takes a time that does not depend on the text, to load the model, and one that grows with it. Both are known
/// after two runs with different amounts.
public struct TextBudget: Hashable, Sendable {
    /// The seconds of a run without any text.
    public let loading: Double
    /// The seconds that each chunk adds.
    public let perChunk: Double

    /// The fewest chunks: below that a loss says little.
    public static let fewest = 2
    /// The most chunks: 32 of 256 tokens are more than four times what ranked layers as well as any amount did.
    public static let most = 32
    /// The share of the time that is planned for, as the last runs may take longer than the first.
    private static let share = 0.9

    /// Learns from two runs.
    ///
    /// - Parameters:
    ///   - few: The chunks and the seconds of the one.
    ///   - many: Those of the other, which had more chunks.
    public init(few: (chunks: Int, seconds: Double), many: (chunks: Int, seconds: Double)) {
        let slope = (many.seconds - few.seconds) / Double(max(1, many.chunks - few.chunks))
        // Noise may turn two short runs round.
        perChunk = max(slope, many.seconds / Double(max(1, many.chunks)) / 100)
        loading = max(0, few.seconds - perChunk * Double(few.chunks))
    }

    /// The number of chunks with which so many runs end in time.
    ///
    /// - Parameters:
    ///   - seconds: The time.
    ///   - runs: The number of runs.
    /// - Returns: From ``fewest`` to ``most``.
    public func chunks(seconds: Double, runs: Int) -> Int {
        let each = Self.share * seconds / Double(max(1, runs))
        let chunks = perChunk > 0 ? (each - loading) / perChunk : Double(Self.most)
        return Int(min(Double(Self.most), max(Double(Self.fewest), chunks)))
    }

    /// How many runs with so many chunks end in a time.
    public func runs(seconds: Double, chunks: Int) -> Int {
        let each = loading + perChunk * Double(chunks)
        return each > 0 ? Int(min(1e9, max(0, seconds / each))) : .max
    }
}
