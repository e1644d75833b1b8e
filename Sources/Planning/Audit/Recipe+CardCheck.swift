public import Checkpoints
public import Recipes
import Runtimes
import Tensors

extension Recipe {
    /// Adds up the recipe's card again, and works out from the model what of it follows from the model.
    ///
    /// What was assumed or given, and what other files take, is taken as the recipe says it. Settings that no program that runs the
    /// model can have are differences.
    ///
    /// - Parameter model: The recipe's model.
    /// - Returns: What differs; none for a recipe without a card.
    public func cardDifferences(_ model: Model) -> [RecipeDifference] {
        guard let card else { return [] }
        var differences: [RecipeDifference] = []
        func add(_ figure: String, _ planned: String, _ found: String) {
            differences.append(
                RecipeDifference(place: "the card", figure: figure, planned: planned, found: found)
            )
        }
        if case .bytes(let bytes) = limit, card.bytesForFile != bytes {
            add("budget", "\(bytes)", card.bytesForFile.map { "\($0)" } ?? "no size")
        }
        let claims: [MemoryClaim]
        switch Self.claims(card, model) {
        case .success(let found): claims = found
        case .failure(let fault):
            add(fault.figure, fault.planned, fault.found)
            return differences
        }
        for claim in claims where claim.certainty != .assumed && claim.certainty != .given {
            let planned = card.claims.first { $0.name == claim.name }
            guard planned?.bytes != claim.bytes else { continue }
            add(claim.name, planned.map { "\($0.bytes)" } ?? "none", "\(claim.bytes)")
        }
        return differences
    }

    /// A setting of a card that cannot be.
    private struct CardFault: Error {
        var figure: String
        var planned: String
        var found: String
    }

    /// What takes memory of the card, worked out from its settings and the model.
    private static func claims(_ card: Card, _ model: Model) -> Result<[MemoryClaim], CardFault> {
        func fault(_ figure: String, _ planned: String, _ found: String) -> Result<[MemoryClaim], CardFault> {
            .failure(CardFault(figure: figure, planned: planned, found: found))
        }
        guard let runtime = RuntimeName(rawValue: card.runtime) else {
            let known = RuntimeName.allCases.map(\.rawValue).joined(separator: ", ")
            return fault("runtime", card.runtime, "one of \(known)")
        }
        var request = CardRequest(bytes: card.bytes)
        request.runtime = runtime
        request.hasDraft = card.claims.contains(where: \.isOfDraft)
        // What was to stay free stands for a cache that is not known.
        request.reserve = card.claims.first { $0.name == CardRequest.reserveName }?.bytes
        let settings = card.cache.map(\.summary)
        let hasCache = runtime == .llamaCpp && LlamaCpp.knowsNetwork(of: model)
        if let cache = card.cache {
            guard hasCache else { return fault("cache", cache.summary, "none") }
            guard let keys = CacheFormat(rawValue: cache.keys),
                let values = CacheFormat(rawValue: cache.values)
            else {
                return fault("cache", cache.summary, "formats of \(CacheFormat.names)")
            }
            (request.context, request.sequences) = (cache.context, cache.sequences)
            (request.keys, request.values) = (keys, values)
        } else if hasCache {
            return fault("cache", "none", "one for the model's network")
        }
        if runtime.makesPictures {
            guard let image = card.resolution.flatMap(ImageSize.init(described:)) else {
                return fault("resolution", card.resolution ?? "none", "the size of a picture")
            }
            request.image = image
        } else if let resolution = card.resolution {
            return fault("resolution", resolution, "none")
        }
        guard let memory = try? request.memory(for: model) else {
            let planned = [card.runtime, settings].compactMap(\.self).joined(separator: ", ")
            return fault("runtime", planned, "not one that runs the model so")
        }
        return .success(memory.claims)
    }
}

extension Recipe.Card.Cache {
    /// The settings in one text.
    fileprivate var summary: String {
        "\(context) tokens in \(sequences) sequences, keys in \(keys), values in \(values)"
    }
}

extension Recipe.Card.Claim {
    /// Whether it is the cache of a model that drafts tokens, beside the planned one.
    var isOfDraft: Bool { name.hasPrefix("\(LlamaCpp.cacheName) of ") }
}
