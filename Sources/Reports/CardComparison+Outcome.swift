import BitAllocation
public import Planning
public import Runtimes

extension CardComparison.Row {
    /// Creates a row of what became of a task on the card.
    ///
    /// A runtime that makes pictures keeps nothing that a length or a format would change, so its row has neither, unless nothing is
    /// left for weights: then the row says of what.
    ///
    /// - Parameters:
    ///   - context: The length of the context as it was asked for.
    ///   - cache: The format of the cache as it was asked for.
    ///   - outcome: What became of it.
    public init(context: String, cache: String, _ outcome: CardOutcome) {
        let isPicture = outcome.memory.runtime.makesPictures && outcome.fileBytes != nil
        self.init(
            context: isPicture ? "" : context,
            cache: isPicture ? "" : cache,
            cacheBytes: outcome.cacheBytes,
            budget: outcome.fileBytes,
            plan: outcome.plan.map { .init(bytes: $0.bytes, impact: $0.impact, gap: $0.gap) }
        )
    }

    /// Creates a row of formats of the cache that the runtime refuses for the model; nil for an error of any other kind, which others may
    /// have as well.
    ///
    /// - Parameters:
    ///   - context: The length of the context as it was asked for.
    ///   - cache: The format of the cache as it was asked for.
    ///   - error: What the runtime says.
    public init?(context: String, cache: String, refusedBy error: RuntimeError) {
        let reason: String
        switch error {
        case .cacheFormatsDiffer(let keys, let values, _):
            reason = "keys in \(keys), values in \(values)"
        case .cacheBlockDoesNotDivide(_, _, let block, let length):
            reason = "\(block) does not divide \(length)"
        default:
            return nil
        }
        self.init(
            context: context,
            cache: cache,
            cacheBytes: nil,
            budget: nil,
            plan: nil,
            refusal: "refused: \(reason)"
        )
    }
}
