public import Checkpoints
public import Recipes
import Runtimes
import Tensors

extension Recipe {
    /// Adds up the recipe's card again, and works out from the model what of it follows from the model.
    ///
    /// What was given, and what other files take, is taken as the recipe says it. What was assumed is what the program assumes for
    /// the settings, unless it was given. Settings that no program that runs the model can have are differences.
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
        let memory: CardMemory
        switch Self.memory(card, model) {
        case .success(let found): memory = found
        case .failure(let fault):
            add(fault.figure, fault.planned, fault.found)
            return differences
        }
        for difference in ClaimCheck(card.claims, memory.claims, of: memory.runtime).differences {
            add(difference.figure, difference.planned, difference.found)
        }
        let off = offCardBytes(memory.offCardTensors, model)
        if !off.contains(card.offCard) {
            add("off the card", "\(card.offCard)", "from \(off.lowerBound) to \(off.upperBound)")
        }
        return differences
    }

    /// What of the file may take no memory of the card: the tensors on the host in their formats, and at most all of the header and
    /// the padding.
    private func offCardBytes(_ names: Set<String>, _ model: Model) -> ClosedRange<Int> {
        var bytes = 0
        func add(_ more: Int) {
            let (sum, overflow) = bytes.addingReportingOverflow(max(0, more))
            bytes = overflow ? .max : sum
        }
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        for layer in layers {
            let own = layer.tensors.filter(names.contains)
            if own.count == layer.tensors.count {
                add(layer.bytes)
            } else if let format = QuantizationFormat(named: layer.format) {
                for name in own { add(tensors[name].flatMap { format.byteCount(of: $0) } ?? 0) }
            }
        }
        for kept in kept where names.contains(kept.tensor) { add(kept.bytes) }
        let least = bytes
        add(size.headerAndAlignment)
        return least...bytes
    }

    /// A setting of a card that cannot be.
    private struct CardFault: Error {
        var figure: String
        var planned: String
        var found: String
    }

    /// What takes memory of the card, worked out from its settings and the model.
    private static func memory(_ card: Card, _ model: Model) -> Result<CardMemory, CardFault> {
        func fault(_ figure: String, _ planned: String, _ found: String) -> Result<CardMemory, CardFault> {
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
        // Another file that is not named here may stand in the place of what stable-diffusion.cpp loads without a word.
        let names = Set(card.claims.map(\.name))
        if runtime == .stableDiffusionCpp, !names.isSubset(of: CardRequest.ownNames) {
            request.hasEncoders = !names.contains(StableDiffusionRuntime.encodersName)
            request.hasDecoder = !names.contains(StableDiffusionRuntime.decoderName)
        }
        let settings = card.cache.map(\.summary)
        let hasCache = runtime == .llamaCpp && LlamaCpp.knowsNetwork(of: model)
        if let cache = card.cache {
            guard hasCache else { return fault("cache", cache.summary, "none") }
            guard let asked = cache.set(in: request) else {
                return fault("cache", cache.summary, "formats of \(CacheFormat.names)")
            }
            request = asked
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
        return .success(memory)
    }
}

extension Recipe.Card.Claim {
    /// Whether it is what a model that drafts tokens, beside the planned one, keeps of the tokens it has seen.
    var isOfDraft: Bool {
        [LlamaCpp.cacheName, LlamaCpp.stateName].contains { name.hasPrefix("\($0) of ") }
    }
}
