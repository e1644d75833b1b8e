/// The regular expression that finds a loss in what a command writes.
///
/// Its first group is the number, its second, if there is one, the standard error. Of several matches the last counts,
/// because programs that print as they go print the whole at the end.
public struct LossExpression: Hashable, Sendable {
    /// The expression as it is written.
    public let text: String

    /// The line that `llama-perplexity --kl-divergence` ends with: `Mean    KLD:   0.001234 ±   0.000056`.
    public static let llamaPerplexity = LossExpression(
        checked: #"Mean\s+KLD:\s*([-+0-9.eE]+)\s*±\s*([-+0-9.eE]+)"#
    )

    private init(checked text: String) {
        self.text = text
    }

    /// Checks an expression.
    ///
    /// - Throws: ``CalibrationError/badExpression(_:problem:)`` if it is none, or has no group.
    public init(_ text: String) throws(CalibrationError) {
        let groups: Int
        do {
            _ = try Regex(text)
            // An alternative that matches nothing shows how many groups there are.
            groups = try Regex("(?:\(text))|").wholeMatch(in: "").map { $0.output.count - 1 } ?? 0
        } catch {
            throw .badExpression(text, problem: "it is not a regular expression")
        }
        guard groups >= 1 else { throw .badExpression(text, problem: "it has no group for the number") }
        self.text = text
    }

    /// The loss that a text has, or nil if it has none that is finite.
    ///
    /// - Parameter output: What a command wrote.
    /// - Returns: The last match's number and its standard error, which is nil where there is none or it is no finite number
    ///   from 0 up.
    public func loss(in output: String) -> (loss: Double, standardError: Double?)? {
        guard let regex = try? Regex(text).anchorsMatchLineEndings(),
            let match = output.matches(of: regex).last, match.output.count >= 2,
            let loss = match.output[1].substring.flatMap({ Double($0) }), loss.isFinite
        else { return nil }
        var standardError: Double?
        if match.output.count >= 3, let error = match.output[2].substring.flatMap({ Double($0) }),
            error.isFinite, error >= 0
        {
            standardError = error
        }
        return (loss, standardError)
    }
}
