/// What the cells of an impact table are, which decides how the impacts of layers combine.
///
/// The error that casting a layer makes is a vector. Where a cell is its length, independent errors add in squares; where it
/// is what the end of the model loses by it, which grows as the square of that length, losses of layers add.
public enum ImpactKind: String, Hashable, Sendable, CaseIterable {
    /// The size of an error: a root mean square, absolute or as a share of something.
    case amplitude
    /// What the end of the model loses: a Kullback-Leibler divergence, a mean square error of the end, 1 − cos, or the
    /// change of a perplexity.
    case loss
    /// The table does not say.
    case unknown
}
