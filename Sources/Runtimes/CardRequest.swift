public import Checkpoints
import Tensors
import Text

/// A card and what is to run on it.
public struct CardRequest: Hashable, Sendable {
    /// The card's memory, in bytes.
    public var bytes: Int
    /// The program; without it, the one that runs such a model.
    public var runtime: RuntimeName?
    /// The tokens of all sequences together; without it, what the network was trained for.
    public var context: Int?
    /// The sequences that are worked on at once.
    public var sequences = 1
    /// The format of the cached keys.
    public var keys = CacheFormat.f16
    /// The format of the cached values.
    public var values = CacheFormat.f16
    /// The tokens that are worked on at once.
    public var microBatch = LlamaCppSettings.standingMicroBatch
    /// Whether layers with a sliding window cache the whole context.
    public var keepsWholeWindows = false
    /// Whether the sequences share one cache rather than having a part each.
    public var isUnified = false
    /// The picture that is made.
    public var image = ImageSize.standing
    /// Files that share the card.
    public var companions: [Companion] = []
    /// Whether a model that drafts tokens is among the files that share the card, though they are not named.
    public var hasDraft = false
    /// Whether text encoders of a model that makes pictures are among the files that share the card, though they are not named.
    public var hasEncoders = false
    /// Whether the VAE of a model that makes pictures is among the files that share the card, though it is not named.
    public var hasDecoder = false
    /// What else is to stay free, in bytes; where the runtime's cache is not known, it stands for that.
    public var reserve: Int?
    /// What the driver takes before anything is loaded, in bytes; without it, what is assumed of the runtime.
    public var driver: Int?
    /// What the runtime leaves free, in bytes; without it, what is assumed of the runtime.
    public var margin: Int?

    /// Which settings were given, be it as they are without a word.
    public var given: GivenSettings = []
    /// The name of the program as it was given, where that is not its own.
    public var programName: String?

    /// The name of the claim for what the driver takes.
    public static let driverName = "overhead"
    /// The name of the claim for what the runtime leaves free.
    public static let marginName = "margin"
    /// The name of the claim for what is to stay free.
    public static let reserveName = "reserve"

    /// The names of all claims for a model that makes pictures, but for those of other files.
    public static let ownNames: Set<String> = [
        ComfyUIGGUF.samplingName, ComfyUIGGUF.expandedName, StableDiffusionRuntime.encodersName,
        StableDiffusionRuntime.decoderName, LlamaCpp.bufferName, driverName, marginName, reserveName,
    ]

    /// Creates a request for a card of so many bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// The program that runs a model.
    ///
    /// - Throws: ``RuntimeError/wrongRuntime(model:runtime:others:)`` for a language model on a program that makes pictures,
    ///   and the other way round.
    public func runtime(for model: Model) throws(RuntimeError) -> RuntimeName {
        guard let runtime else { return Self.isPicture(model) ? .comfyUIGGUF : .llamaCpp }
        try Self.check(runtime, runs: model)
        return runtime
    }

    /// Refuses a model that a program does not run.
    ///
    /// - Throws: ``RuntimeError/wrongRuntime(model:runtime:others:)``, as ``runtime(for:)`` does.
    package static func check(_ runtime: RuntimeName, runs model: Model) throws(RuntimeError) {
        let isPicture = isPicture(model)
        let isWrong = runtime.makesPictures ? !isPicture && isLanguage(model) : isPicture
        guard !isWrong else {
            let others = RuntimeName.allCases.filter { $0.makesPictures == isPicture }
            throw .wrongRuntime(model: model.name, runtime: runtime.rawValue, others: others.map(\.rawValue))
        }
    }

    /// Refuses settings that have no part in what a program keeps.
    ///
    /// - Throws: ``RuntimeError/settingWithoutPart(name:runtime:)``.
    private func checkSettings(for runtime: RuntimeName) throws(RuntimeError) {
        let isText = keys != .f16 || values != .f16
        let settings: [(name: String, isGiven: Bool, isOfPictures: Bool)] = [
            ("a context", context != nil, false),
            ("a format of the cache", given.contains(.cache) || isText, false),
            ("a number of sequences", given.contains(.sequences) || sequences != 1, false),
            (
                "a number of tokens at once",
                given.contains(.microBatch) || microBatch != LlamaCppSettings.standingMicroBatch, false
            ),
            ("a cache of whole windows", keepsWholeWindows, false),
            ("one cache for all sequences", isUnified, false),
            ("the size of a picture", given.contains(.image) || image != .standing, true),
        ]
        if let wrong = settings.first(where: { $0.isGiven && $0.isOfPictures != runtime.makesPictures }) {
            throw .settingWithoutPart(name: wrong.name, runtime: runtime.rawValue)
        }
    }

    /// What of the card is taken beside the model's planned weights.
    ///
    /// - Throws: ``RuntimeError``, where the cache is not known and nothing is said to stay free for it, and where a setting has
    ///   no part in what the program keeps.
    public func memory(for model: Model) throws(RuntimeError) -> CardMemory {
        let runtime = try runtime(for: model)
        try checkSettings(for: runtime)
        return switch runtime {
        case .llamaCpp: try llamaMemory(for: model)
        case .comfyUIGGUF:
            memory(
                ComfyUIGGUF(
                    image: image,
                    network: PictureNetwork(model),
                    largestMatrix: model.tensors.reduce(0) {
                        $1.dimensionCount > 1 ? max($0, $1.elementCount) : $0
                    }
                ).claims
                    + companions.map {
                        MemoryClaim($0.name, bytes: 0, note: ComfyUIGGUF.besideNote, certainty: .assumed)
                    },
                of: .comfyUIGGUF,
                driver: (ComfyUIGGUF.standingContext, "CUDA and PyTorch, and slack: a judgement"),
                margin: (ComfyUIGGUF.standingMargin, "what ComfyUI leaves to others on Linux")
            )
        case .stableDiffusionCpp:
            memory(
                diffusion(PictureNetwork(model)).claims
                    + companions.map {
                        MemoryClaim(
                            $0.name,
                            bytes: $0.bytes,
                            note: "it stays on the card, too",
                            certainty: .assumed
                        )
                    },
                of: .stableDiffusionCpp,
                driver: (StableDiffusionRuntime.standingContext, "CUDA, and slack: a judgement"),
                margin: (
                    StableDiffusionRuntime.standingMargin, "builds and backends differ: a judgement"
                )
            )
        }
    }

    /// How llama.cpp is started.
    ///
    /// - Throws: ``RuntimeError/settingOutOfRange(name:value:range:)``, and ``RuntimeError/noContext(model:)`` where neither the
    ///   request nor the model says how long the context is.
    public func llamaSettings(for model: Model) throws(RuntimeError) -> LlamaCppSettings {
        var length = context
        if length == nil { length = try NetworkMetadata(model).trainedContext }
        guard let length else {
            throw .noContext(model: model.name)
        }
        let network = (try? NetworkMetadata(model)).flatMap { try? LlamaCppNetwork($0) }
        var settings = try LlamaCppSettings(
            context: length,
            sequences: sequences,
            keys: keys,
            values: values,
            isUnified: isUnified,
            keepsWholeWindows: keepsWholeWindows,
            microBatch: microBatch,
            // No more are worked on at once than are taken up.
            batch: max(LlamaCppSettings.standingBatch, microBatch),
            // Values that are not in f16 need it wherever it is computed.
            hasFlashAttention: values != .f16 || network?.unreadHead == nil
        )
        // Of every sequence the drafted tokens are scored, too.
        if hasDraft || companions.contains(where: { $0.model.map(LlamaCpp.canDraft) ?? false }) {
            settings.scoredTokens = product(sequences, 1 + LlamaCpp.draftedTokens)
        }
        return settings
    }

    /// What is unusual about what is to run, as sentences.
    ///
    /// - Parameter model: The model.
    /// - Returns: The sentences, their numbers grouped; none where everything is as the model was made for.
    public func notes(for model: Model) -> [String] {
        guard let context, let trained = try? NetworkMetadata(model).trainedContext else { return [] }
        let own = isUnified ? context : context / max(1, sequences)
        // Hardly anybody wants so few, and a number is easily one of thousands.
        if context < 512 {
            return [
                "the cache is for a context of \(context.of("token")) only; \(context)k is \(context) times 1,024"
            ]
        }
        guard own > trained else { return [] }
        let each = sequences > 1 && !isUnified ? " of each sequence" : ""
        return [
            "a context\(each) of \(ByteSize(own).grouped) tokens is longer than the \(ByteSize(trained).grouped) that \(model.name) was trained for"
        ]
    }

    /// The command that runs a finished file as it was counted, or nil where the program has none.
    ///
    /// - Throws: ``RuntimeError``, as ``memory(for:)``.
    public func command(for model: Model, modelPath: String) throws(RuntimeError) -> [String]? {
        switch try runtime(for: model) {
        case .llamaCpp:
            do throws(RuntimeError) {
                let settings = try llamaSettings(for: model)
                return try LlamaCpp(model, settings).command(modelPath: modelPath)
                    + LlamaCpp.arguments(beside: companions, settings)
            } catch .noNetwork, .unknownCache {
                return nil
            }
        case .comfyUIGGUF: return nil
        case .stableDiffusionCpp: return diffusion(PictureNetwork(model)).command(modelPath: modelPath)
        }
    }

    private func diffusion(_ network: PictureNetwork) -> StableDiffusionRuntime {
        func isBeside(_ isIt: (Model) -> Bool) -> Bool {
            companions.contains { $0.model.map(isIt) ?? false }
        }
        return StableDiffusionRuntime(
            image: image,
            network: network,
            hasEncodersOnCard: hasEncoders || isBeside(Self.isTextEncoder),
            hasDecoderBeside: hasDecoder || isBeside(Self.isDecoder)
        )
    }

    /// Whether a model is a text encoder of one that makes pictures: it has a table of words, by one of the names it goes by.
    private static func isTextEncoder(_ model: Model) -> Bool {
        let tables = ["token_embd.weight", "token_embedding.weight", "embed_tokens.weight", "shared.weight"]
        return model.tensors.contains { tensor in tables.contains { tensor.name.hasSuffix($0) } }
    }

    /// Whether a model is the VAE of one that makes pictures: it has the first convolution of a decoder.
    private static func isDecoder(_ model: Model) -> Bool {
        let first = ["decoder.conv_in.weight", "decoder.conv1.weight"]
        return model.tensors.contains { tensor in first.contains { tensor.name.hasSuffix($0) } }
    }

    private func llamaMemory(for model: Model) throws(RuntimeError) -> CardMemory {
        var own: [MemoryClaim] = []
        var off: Set<String> = []
        var settings: LlamaCppSettings?
        do throws(RuntimeError) {
            let counted = try llamaSettings(for: model)
            let runtime = try LlamaCpp(model, counted)
            own = runtime.claims(for: model.tensors)
            off = runtime.offCardTensors(of: model)
            settings = counted
        } catch {
            // What the user states stands for what is not known, but for nothing that the runtime refuses.
            switch error {
            case .noNetwork, .unknownCache, .missingValue, .nothingStated, .noContext:
                guard reserve != nil else { throw error }
            default: throw error
            }
        }
        var beside: [MemoryClaim] = []
        for companion in companions {
            guard let model = companion.model, let settings else {
                beside.append(
                    MemoryClaim(
                        companion.name,
                        bytes: companion.bytes,
                        note: "the whole file",
                        certainty: .stated
                    )
                )
                continue
            }
            beside += try LlamaCpp.claims(beside: model, named: companion.name, settings)
        }
        return memory(
            own + beside,
            of: .llamaCpp,
            driver: (LlamaCpp.standingContext, "what CUDA takes before anything is loaded"),
            margin: (LlamaCpp.standingMargin, "what llama.cpp's -fit wants free"),
            offCardTensors: off,
            reserveNote: own.isEmpty
                ? "as given; it stands for the cache and the buffer of any context" : "as given"
        )
    }

    /// Refuses to compare lengths of context where what is stated to stay free stands for the cache of any.
    ///
    /// - Parameter model: The model.
    /// - Throws: ``RuntimeError/contextsAlike(model:)``.
    public func checkComparesContexts(of model: Model) throws(RuntimeError) {
        guard try runtime(for: model) == .llamaCpp, reserve != nil, !LlamaCpp.knowsNetwork(of: model) else {
            return
        }
        throw .contextsAlike(model: model.name)
    }

    private func memory(
        _ claims: [MemoryClaim],
        of runtime: RuntimeName,
        driver standingDriver: (bytes: Int, note: String),
        margin standingMargin: (bytes: Int, note: String)?,
        offCardTensors: Set<String> = [],
        reserveNote: String = "as given"
    ) -> CardMemory {
        var claims = claims
        func add(
            _ name: String,
            _ given: Int?,
            _ standing: (bytes: Int, note: String)?,
            note: String = "as given"
        ) {
            if let given {
                claims.append(MemoryClaim(name, bytes: given, note: note, certainty: .given))
            } else if let standing {
                claims.append(
                    MemoryClaim(name, bytes: standing.bytes, note: standing.note, certainty: .assumed)
                )
            }
        }
        add(Self.driverName, driver, standingDriver)
        add(Self.marginName, margin, standingMargin)
        add(Self.reserveName, reserve, nil, note: reserveNote)
        return CardMemory(
            bytes: bytes,
            runtime: runtime,
            programName: programName,
            claims: claims,
            offCardTensors: offCardTensors
        )
    }

    /// Whether a model is a language model, which has a table of words.
    private static func isLanguage(_ model: Model) -> Bool {
        model.tensors.contains { $0.name == "token_embd.weight" }
    }

    /// Whether a model makes pictures: a diffusion transformer, by what its publishers or diffusers call its blocks, or a U-Net.
    private static func isPicture(_ model: Model) -> Bool {
        let parts = [
            "double_blocks.", "joint_blocks.", "transformer_blocks.", "input_blocks.", "noise_refiner.",
            // HiDream, AuraFlow, U-Nets in diffusers.
            "double_stream_blocks.", "double_layers.", "down_blocks.",
            // Wan, as its publishers and diffusers have it, and Cosmos.
            "blocks.0.self_attn.", "blocks.0.cross_attn", "blocks.0.attn1.", "blocks.0.adaln_modulation",
        ]
        return model.tensors.contains { tensor in parts.contains { tensor.name.contains($0) } }
    }
}
