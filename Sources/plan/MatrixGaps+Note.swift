import Estimation
import Planning
import Text

extension MatrixGaps {
    /// Says which tensors an importance matrix knew nothing of, and what was taken in its place.
    func note() {
        if !unweighted.isEmpty {
            let shown = unweighted.map { "\($0.tensor) (\($0.source?.words ?? "not known"))" }
            Console.note(
                """
                the importance matrix knows nothing of \(unweighted.count) of \(tensorCount) tensors; where errors are \
                weighted, their inputs count as: \(shown.listed(atMost: 5, quoted: false))
                """
            )
        }
        if !unseenExperts.isEmpty {
            Console.note(
                """
                no token of the importance matrix reached some of the experts of \(KeptLayers.list(unseenExperts)); their inputs count, where \
                errors are weighted, as the mean of the other experts', and are 1 to the encoders, as in llama-quantize
                """
            )
        }
        if !zeroEntries.isEmpty {
            Console.note(
                """
                the importance matrix has nothing but zeros for \(zeroEntries.count.of("tensor")), as if it \
                had no entry: \(zeroEntries.listed(atMost: 5, quoted: false))
                """
            )
        }
    }
}

extension InputSource {
    /// What inputs count as, in a few words.
    fileprivate var words: String {
        switch self {
        case .otherExperts: "those of its other experts"
        case .otherBlocks: "those of its kind in other blocks"
        case .sharedInput: "those of a tensor with the same input"
        case .lastNorm: "the output of the last norm"
        case .lookup: "1, as it is looked up"
        case .unknown: "not known"
        }
    }
}
