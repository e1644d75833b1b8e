import Tensors

/// What a mix of `llama-quantize` makes of one tensor after the other.
///
/// The rules follow `llama_tensor_get_type_impl` in llama.cpp's `src/llama-quant.cpp`. They count the tensors of a role that they
/// have met, so tensors have to come in the order of ``LlamaTensorPlace/isBefore(_:)``.
struct LlamaMixRules {
    let mix: LlamaMix
    let network: LlamaNetwork
    let hasImportanceMatrix: Bool
    /// Whether the network reads words and writes them by one tensor.
    let isTied: Bool
    /// How many tensors with the weights of values the model has.
    let valueCount: Int

    private var valuesMet = 0
    private var downsMet = 0
    private var upsMet = 0
    private var gatesMet = 0

    init(mix: LlamaMix, network: LlamaNetwork, hasImportanceMatrix: Bool, isTied: Bool, valueCount: Int) {
        self.mix = mix
        self.network = network
        self.hasImportanceMatrix = hasImportanceMatrix
        self.isTied = isTied
        self.valueCount = valueCount
    }

    /// The format of the next tensor, which may not fit its rows; nil where the program gives up.
    mutating func format(of tensor: TensorInfo, at place: LlamaTensorPlace) -> QuantizationFormat? {
        if place.role == .output || isTied && place.role == .tokenEmbedding {
            return outputFormat(of: tensor)
        }
        if mix == .mxfp4_moe { return Self.isStack(tensor, place.role, network) ? .mxfp4 : .q8_0 }
        if place.role == .tokenEmbedding { return embeddingFormat }
        if isTiny { return tinyFormat(at: place.role) }
        switch place.role {
        case .value, .queryKeyValue, .keyValue:
            defer { valuesMet += 1 }
            return valueFormat
        case .key: return keyFormat
        case .query: return queryFormat
        case .attentionOutput: return attentionOutputFormat
        case .down: return counted(\.downsMet, place) { $0.downFormat(inBlock: $1) }
        case .up: return counted(\.upsMet, place) { $0.widenFormat(inBlock: $1) }
        case .gate: return counted(\.gatesMet, place) { $0.widenFormat(inBlock: $1) }
        case .tokenEmbedding, .output, .other: return mix.baseFormat
        }
    }

    // MARK: What the network is like

    private var blocks: Int { network.blockCount }
    private var isFalcon: Bool { network.architecture == "falcon" }
    private var hasEightExperts: Bool { network.expertCount == 8 }
    /// Whether so many heads share their keys and values that these are small.
    private var sharesValues: Bool { network.queriesPerKey >= 4 }

    /// Whether the mix is one of those around two bits, which have rules of their own.
    private var isTiny: Bool {
        [.iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq2_m].contains(mix)
    }

    /// The first and the last eighth of the blocks, and every third one between.
    private static func isChosen(_ index: Int, of count: Int) -> Bool {
        index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2
    }

    /// Whether a tensor holds several experts' matrices.
    private static func isStack(
        _ tensor: TensorInfo,
        _ role: LlamaTensorPlace.Role,
        _ network: LlamaNetwork
    ) -> Bool {
        guard tensor.dimensionCount >= 3, tensor.rowFirstShape[2] > 1 else { return false }
        // In this architecture attention has matrices of three dimensions too.
        return network.architecture != "bailingmoe3" || [.up, .gate, .down].contains(role)
    }

    /// Calls a rule with a tensor's block: of a network with experts the one in its name, else the number of such tensors met.
    private mutating func counted(
        _ met: WritableKeyPath<Self, Int>,
        _ place: LlamaTensorPlace,
        _ rule: (Self, Int) -> QuantizationFormat
    ) -> QuantizationFormat? {
        defer { self[keyPath: met] += 1 }
        guard network.expertCount > 1 else { return rule(self, self[keyPath: met]) }
        guard let block = place.block, block < blocks else { return nil }
        return rule(self, block)
    }

    // MARK: Words in and out

    private func outputFormat(of tensor: TensorInfo) -> QuantizationFormat {
        if mix == .mxfp4_moe || isFalcon || !mix.baseFormat.fits(tensor) { return .q8_0 }
        if isTiny || mix == .iq3_xxs { return .q5_K }
        return mix.baseFormat == .q8_0 ? .q8_0 : .q6_K
    }

    private var embeddingFormat: QuantizationFormat {
        switch mix {
        case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs: .q2_K
        case .iq2_s, .iq2_m, .iq3_xxs: .iq3_s
        case .tq1_0, .tq2_0, .q2_0: .q4_K
        default: mix.baseFormat
        }
    }

    // MARK: Around two bits

    private mutating func tinyFormat(at role: LlamaTensorPlace.Role) -> QuantizationFormat {
        let isLarger = mix == .iq2_s || mix == .iq2_m
        let better: QuantizationFormat = isLarger ? .iq3_s : .q2_K
        switch role {
        case .value, .queryKeyValue, .keyValue:
            return sharesValues || network.expertCount >= 4 ? .q4_K : better
        case .key where hasEightExperts:
            return .q4_K
        case .down:
            defer { downsMet += 1 }
            return downsMet < blocks / 8 ? better : mix.baseFormat
        case .attentionOutput:
            if hasEightExperts { return .q5_K }
            return isLarger ? .iq3_s : mix == .iq1_s || mix == .iq1_m ? .iq2_xxs : mix.baseFormat
        default:
            return mix.baseFormat
        }
    }

    // MARK: Attention

    private var valueFormat: QuantizationFormat {
        if hasEightExperts { return .q8_0 }
        let format = valueFormatOfSmallNetworks
        return network.hasSeventyBillionParameters && (format == .q3_K || format == .q4_K) ? .q5_K : format
    }

    private var valueFormatOfSmallNetworks: QuantizationFormat {
        switch mix {
        case .q2_K: sharesValues ? .q4_K : .q3_K
        case .q2_K_S: sharesValues ? .q4_K : mix.baseFormat
        case .iq3_xxs: sharesValues ? .q4_K : hasImportanceMatrix ? .iq3_xxs : .iq3_s
        case .iq3_xs, .iq3_s: sharesValues ? .q4_K : mix.baseFormat
        case .iq3_m: .q4_K
        case .q3_K_M: valuesMet < 2 ? .q5_K : .q4_K
        case .q3_K_L: .q5_K
        case .iq4_nl, .iq4_xs: sharesValues ? .q5_K : mix.baseFormat
        case .q4_K_M, .q5_K_M: Self.isChosen(valuesMet, of: valueCount) ? .q6_K : mix.baseFormat
        case .q4_K_S: valuesMet < 4 ? .q5_K : mix.baseFormat
        default: mix.baseFormat
        }
    }

    private var keyFormat: QuantizationFormat {
        hasEightExperts ? .q8_0 : queryFormat
    }

    private var queryFormat: QuantizationFormat {
        switch mix {
        case .iq3_xs: .iq3_xxs
        case .iq3_xxs: .iq2_s
        default: mix.baseFormat
        }
    }

    private var attentionOutputFormat: QuantizationFormat {
        if isFalcon { return mix == .q3_K_L ? .q4_K : mix.baseFormat }
        if hasEightExperts {
            let raised: [LlamaMix] = [
                .q2_K, .iq3_xxs, .iq3_xs, .iq3_s, .iq3_m, .q3_K_S, .q3_K_M, .iq4_xs, .iq4_nl, .q4_K_S,
                .q4_K_M,
            ]
            return raised.contains(mix) ? .q5_K : mix.baseFormat
        }
        switch mix {
        case .q2_K: return .q3_K
        case .iq3_xxs: return .iq3_s
        case .iq3_m, .q3_K_M: return .q4_K
        case .q3_K_L: return .q5_K
        default: return mix.baseFormat
        }
    }

    // MARK: Feed-forward

    private func downFormat(inBlock block: Int) -> QuantizationFormat {
        let isEarly = block < blocks / 8
        let isFirst = block < blocks / 16
        let isChosen = Self.isChosen(block, of: blocks)
        switch mix {
        case .q2_K:
            return .q3_K
        case .q2_K_S where isEarly:
            return .q4_K
        case .iq3_xxs where !hasImportanceMatrix:
            return isEarly ? .q4_K : .q3_K
        case .q3_K_M:
            return isFirst ? .q5_K : !isFalcon || isChosen ? .q4_K : .q3_K
        case .iq3_m where isEarly || hasEightExperts && isChosen:
            return .q4_K
        case .q3_K_L:
            return isFalcon ? .q4_K : .q5_K
        case .q4_K_M where isFalcon:
            return isFirst ? .q6_K : isChosen ? .q5_K : .q4_K
        case .q4_K_M where isChosen, .q5_K_M where isChosen:
            return .q6_K
        case .iq4_nl where isEarly && !hasImportanceMatrix, .iq4_xs where isEarly && !hasImportanceMatrix:
            return .q5_K
        case .q4_K_S where isEarly && !isFalcon:
            return .q5_K
        case .q4_0 where isEarly && hasImportanceMatrix:
            return .q4_1
        case .q5_0 where isEarly && hasImportanceMatrix:
            return .q5_1
        default:
            return mix.baseFormat
        }
    }

    /// The format of the matrices that lead into the wide layer.
    private func widenFormat(inBlock block: Int) -> QuantizationFormat {
        mix == .iq3_xs && block >= blocks / 8 && block < 7 * blocks / 8 ? .iq3_xxs : mix.baseFormat
    }
}
