public import Tensors

/// One of several parts of a model's tensors, for a machine of its own.
public struct WorkPart: Hashable, Sendable, CustomStringConvertible {
    /// The part's number, from 1.
    public let number: Int

    /// How many parts there are.
    public let count: Int

    /// The most parts.
    public static let maximumCount = 4_096

    /// Reads a part such as `3/16`.
    ///
    /// - Throws: ``EstimationError/unreadablePart(_:)`` unless there are two whole numbers, the first from 1 to the second,
    ///   which is at most ``maximumCount``.
    public init(parsing text: String) throws(EstimationError) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let count = numbers[1],
            (1...Self.maximumCount).contains(count), (1...count).contains(number)
        else { throw .unreadablePart(text) }
        self.number = number
        self.count = count
    }

    private init(_ number: Int, of count: Int) {
        self.number = number
        self.count = count
    }

    /// The other parts of the same model.
    public var others: some Sequence<WorkPart> {
        (1...count).lazy.filter { $0 != number }.map { WorkPart($0, of: count) }
    }

    /// The part as it is written, such as `3/16`.
    public var description: String { "\(number)/\(count)" }

    /// The tensors of the part, so that the parts have about the same number of elements and together every tensor once.
    ///
    /// The largest tensors are dealt first, each to the part that has least (Graham, Bounds on multiprocessing timing
    /// anomalies, 1969: the fullest part is at most a third above the best possible).
    ///
    /// - Parameters:
    ///   - indices: The positions of all tensors that are to be measured.
    ///   - tensors: The model's tensors.
    /// - Returns: The positions of the part's, in the model's order.
    public func share(of indices: [Int], in tensors: [TensorInfo]) -> [Int] {
        let largestFirst = indices.sorted {
            (tensors[$1].elementCount, $0) < (tensors[$0].elementCount, $1)
        }
        var loads = [Int](repeating: 0, count: count)
        var share: [Int] = []
        for index in largestFirst {
            guard let lightest = loads.indices.min(by: { (loads[$0], $0) < (loads[$1], $1) }) else { break }
            // A model has at most 2^56 elements in all.
            loads[lightest] += tensors[index].elementCount
            if lightest == number - 1 { share.append(index) }
        }
        return share.sorted()
    }
}
