/// What an importance matrix does not know of the tensors that are measured with it.
public struct MatrixGaps: Hashable, Sendable {
    /// A tensor whose inputs the matrix knows nothing of.
    public struct Unweighted: Hashable, Sendable {
        /// Its name.
        public let tensor: String
        /// What its inputs count as where errors are weighted, or nil where that is not known.
        public let source: InputSource?
    }

    /// The tensors whose inputs it knows nothing of.
    public let unweighted: [Unweighted]
    /// The tensors with experts that no token of it reached: these inputs count as the mean of the other experts'.
    public let unseenExperts: [String]
    /// The tensors for which it has nothing but zeros, as if it had no entry.
    public let zeroEntries: [String]
    /// The number of tensors that were measured.
    public let tensorCount: Int

    /// Looks at measured tensors.
    ///
    /// - Parameters:
    ///   - tensors: The names of the tensors, in order.
    ///   - estimates: What was measured of them.
    ///   - zeroEntries: Those for which the matrix has nothing but zeros.
    init(tensors: [String], estimates: [String: TensorEstimate], zeroEntries: [String]) {
        tensorCount = tensors.count
        self.zeroEntries = zeroEntries
        unseenExperts = tensors.filter { estimates[$0]?.inputs == .otherExperts }
        unweighted = tensors.compactMap { name in
            guard let estimate = estimates[name], estimate.inputs != .otherExperts,
                !estimate.hasImportance || estimate.inputs != nil
            else { return nil }
            return Unweighted(tensor: name, source: estimate.inputs)
        }
    }
}
