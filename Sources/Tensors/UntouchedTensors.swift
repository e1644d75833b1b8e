import Text

/// What a program leaves as it is, whatever it is told: a list of names and shapes.
///
/// It is the one place that says so. Groupings keep such tensors in every plan, estimates leave them out, and a converter is
/// never asked for them.
public struct UntouchedTensors: Hashable, Sendable {
    /// Whole names.
    public let names: Set<String>
    /// What names have in them.
    public let parts: [String]
    /// How names end.
    public let endings: [String]
    /// How the names of all else end, or nil where every other name is touched.
    public let requiredEnding: String?
    /// How many dimensions a tensor that is touched has.
    public let dimensions: ClosedRange<Int>
    /// Whether outer dimensions of one element count as dimensions; ggml does not count them.
    public let countsOuterOnes: Bool
    /// The least size of every dimension of a tensor that is touched.
    public let smallestDimension: Int
    /// The parts, as names are searched for them.
    private let searchedParts: ByteParts

    /// Creates a list.
    ///
    /// - Parameters:
    ///   - names: Whole names.
    ///   - parts: What names have in them.
    ///   - endings: How names end.
    ///   - requiredEnding: How the names of all else end, or nil.
    ///   - dimensions: How many dimensions a tensor that is touched has.
    ///   - countsOuterOnes: Whether outer dimensions of one element count.
    ///   - smallestDimension: The least size of every dimension of a tensor that is touched.
    public init(
        names: Set<String> = [],
        parts: [String] = [],
        endings: [String] = [],
        requiredEnding: String? = nil,
        dimensions: ClosedRange<Int> = 1...Int.max,
        countsOuterOnes: Bool = true,
        smallestDimension: Int = 1
    ) {
        self.names = names
        self.parts = parts
        searchedParts = ByteParts(parts)
        self.endings = endings
        self.requiredEnding = requiredEnding
        self.dimensions = dimensions
        self.countsOuterOnes = countsOuterOnes
        self.smallestDimension = smallestDimension
    }

    /// Whether the program leaves a tensor as it is.
    public func contains(_ tensor: TensorInfo) -> Bool {
        let name = tensor.name
        let shape = countsOuterOnes ? tensor.shape[...] : tensor.shape.drop { $0 == 1 }
        return !dimensions.contains(shape.count) || shape.contains { $0 < smallestDimension }
            || names.contains(name) || requiredEnding.map { !name.hasSuffix($0) } ?? false
            || endings.contains(where: name.hasSuffix) || name.hasBytes(ofAny: searchedParts)
    }
}
