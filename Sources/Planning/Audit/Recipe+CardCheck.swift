public import Checkpoints
public import Recipes
import Runtimes
import Tensors

extension Recipe {
    /// Adds up the recipe's card again, and works out from the model what of it follows from the model.
    ///
    /// What was assumed or given, and what other files take, is taken as the recipe says it.
    ///
    /// - Parameter model: The recipe's model.
    /// - Returns: What differs; none for a recipe without a card.
    public func cardDifferences(_ model: Model) -> [RecipeDifference] {
        guard let card else { return [] }
        var differences: [RecipeDifference] = []
        if case .bytes(let bytes) = limit, card.bytesForFile != bytes {
            let found = card.bytesForFile.map { "\($0)" } ?? "no size"
            differences.append(
                RecipeDifference(place: "the card", figure: "budget", planned: "\(bytes)", found: found)
            )
        }
        guard let request = Self.request(card),
            let memory = try? request.memory(for: model)
        else { return differences }
        for claim in memory.claims where claim.certainty != .assumed && claim.certainty != .given {
            let planned = card.claims.first { $0.name == claim.name }
            guard planned?.bytes != claim.bytes else { continue }
            differences.append(
                RecipeDifference(
                    place: "the card",
                    figure: claim.name,
                    planned: planned.map { "\($0.bytes)" } ?? "none",
                    found: "\(claim.bytes)"
                )
            )
        }
        return differences
    }

    /// What the card was asked for, or nil where it says nothing that can be worked out again.
    private static func request(_ card: Card) -> CardRequest? {
        guard let runtime = RuntimeName(rawValue: card.runtime), let cache = card.cache,
            let keys = CacheFormat(rawValue: cache.keys), let values = CacheFormat(rawValue: cache.values)
        else { return nil }
        var request = CardRequest(bytes: card.bytes)
        request.runtime = runtime
        request.context = cache.context
        request.sequences = cache.sequences
        request.keys = keys
        request.values = values
        request.hasDraft = card.claims.contains(where: \.isOfDraft)
        return request
    }
}

extension Recipe.Card.Claim {
    /// Whether it is the cache of a model that drafts tokens, beside the planned one.
    var isOfDraft: Bool { name.hasPrefix("\(LlamaCpp.cacheName) of ") }
}
