/// What is wrong with a line of a CSV text.
package struct CSVDefect: Error, Hashable {
    /// The kinds of defects.
    package enum Problem: Hashable, Sendable {
        /// A quote is not closed in its line, or stands where no cell begins.
        case unbalancedQuote
        /// There is a control character, or one that ends a line elsewhere.
        case controlCharacter(UInt32)
        /// The line has more cells than a line may have.
        case tooManyCells(limit: Int)
    }

    /// The number of the line, from 1.
    package let line: Int
    /// What is wrong with it.
    package let problem: Problem
}
