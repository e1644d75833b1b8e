/// What every input of a tensor counts when errors are added up.
public enum ErrorNorm: String, Hashable, Sendable, CaseIterable {
    /// Every input counts the same: `Σ_ij (w_ij − q_ij)²`.
    case unweighted
    /// An input counts as its mean square in the importance matrix: `Σ_ij E[x_j²]·(w_ij − q_ij)²`; what
    /// the matrix does not know counts as ``InputSource`` says.
    case weighted
}
