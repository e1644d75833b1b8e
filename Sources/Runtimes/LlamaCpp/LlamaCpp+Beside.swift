public import Checkpoints
import Tensors

extension LlamaCpp {
    /// The tokens that a model drafts at once, as `llama-server` starts without a word (`common_params_speculative` in
    /// `common.h`).
    static let draftedTokens = 3

    /// Whether a model can draft tokens: a language model that writes, whose network is known.
    static func canDraft(_ model: Model) -> Bool {
        guard !model.isTextEncoder, model.tensors.contains(where: { $0.name == "token_embd.weight" }),
            let network = (try? NetworkMetadata(model)).flatMap({ try? LlamaCppNetwork($0) })
        else { return false }
        return network.writesTokens
    }

    /// Whether what the program keeps for a model follows from the model: its file says what kind of network it is, and how large.
    public static func knowsNetwork(of model: Model) -> Bool {
        (try? NetworkMetadata(model)).flatMap { try? LlamaCppNetwork($0) } != nil
    }

    /// The arguments that load what shares the card.
    ///
    /// That is the first model that can draft, its cache in the planned model's formats, and the first projector of images. Other
    /// files the program does not load.
    ///
    /// - Parameters:
    ///   - companions: The files.
    ///   - settings: How llama.cpp is started.
    ///   - device: The card that a draft is on; nil where there is one.
    /// - Returns: The arguments.
    static func arguments(
        beside companions: [Companion],
        _ settings: LlamaCppSettings,
        on device: String? = nil
    ) -> [String] {
        var arguments: [String] = []
        if let draft = companions.first(where: { $0.model.map(canDraft) ?? false }) {
            arguments += ["--spec-type", "draft-simple", "-md", draft.path, "-ngld", "99"]
            if let device { arguments += ["-devd", device] }
            if settings.keys != .f16 { arguments += ["-ctkd", settings.keys.rawValue] }
            if settings.values != .f16 { arguments += ["-ctvd", settings.values.rawValue] }
        }
        if let projector = companions.first(where: { $0.model?.architecture == "clip" }) {
            arguments += ["--mmproj", projector.path]
        }
        return arguments
    }

    /// What another file takes of the same card: a model that drafts tokens its weights, cache and buffer, with the same
    /// settings; a projector of images its weights; an encoder, which drafts nothing, its weights and buffer.
    ///
    /// What a model that drafts keeps was not compared with a run, whatever its network.
    ///
    /// - Parameters:
    ///   - model: The other file's model.
    ///   - name: How it is shown.
    ///   - settings: How llama.cpp is started.
    /// - Returns: What it takes, the weights first.
    /// - Throws: ``RuntimeError``, as for the planned model, but for a network that is not known.
    public static func claims(
        beside model: Model,
        named name: String,
        _ settings: LlamaCppSettings
    ) throws(RuntimeError) -> [MemoryClaim] {
        func weights(without off: Set<String>) -> Int {
            model.tensors.reduce(0) { total, tensor in
                guard !off.contains(tensor.name) else { return total }
                return sum(total, tensor.storedByteCount)
            }
        }
        let runtime: LlamaCpp
        do throws(RuntimeError) {
            runtime = try LlamaCpp(model, settings)
        } catch .noNetwork, .unknownCache {
            let note =
                model.architecture == "clip"
                ? "a projector's weights; keep room for its buffer, which is not known" : "its weights"
            return [MemoryClaim(name, bytes: weights(without: []), note: note, certainty: .stated)]
        }
        let off = runtime.offCardTensors(of: model)
        let drafts = canDraft(model)
        let own = MemoryClaim(
            name,
            bytes: weights(without: off),
            note: drafts ? "its weights on the card" : "its weights on the card; it drafts no tokens",
            certainty: .computed
        )
        let kept = runtime.claims(for: model.tensors).filter { drafts || $0.name == bufferName }
        return [own]
            + kept.map {
                MemoryClaim("\($0.name) of \(name)", bytes: $0.bytes, note: $0.note, certainty: .stated)
            }
    }
}
