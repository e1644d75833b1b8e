public import Checkpoints
public import Tensors

/// A model on several devices as llama.cpp can split it.
///
/// Blocks are on devices in their order, the host first (``LayerSplit``), and their attention, keys, values and states with them;
/// the output is on the last card. The feed-forward networks, experts above all, may be moved from there tensor by tensor
/// (``TensorOverrides``); tensors that words are looked up in are always on the host.
///
/// What is read for a token is counted as every byte of the weights that are multiplied, of experts the share that a token
/// uses, a row of the tables of words, and the keys and values of half the context. Read from all devices one after the other,
/// at their bandwidths, it gives a speed that real runs stay below: of F16 weights 82 % of it were reached on one card, of Q8_0
/// 70 % (llama.cpp's pull request 4766), of mixtures of experts about 55 % (llmfit), and less below 4 bits.
public struct LlamaCppDevices: Sendable {
    /// The name of the claim for a matrix of the host's on a card.
    public static let fromHostName = "from the host"

    /// The devices in the order in which blocks go to them: the host, if it is one of them, then the cards.
    public private(set) var devices: [Device]
    /// The network and how it is started.
    public let runtime: LlamaCpp

    private let model: Model
    private let companions: [Companion]
    /// What each device gives to anything but weights, whatever the plan.
    private let standingClaims: [[MemoryClaim]]
    /// The share of its experts that a token uses, of each block.
    private let expertShares: [Double]
    private let hasOutput: Bool

    /// Works out what llama.cpp keeps where.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - devices: The devices; of the host one at most.
    ///   - request: How the program is started, and what is to stay free of every card; its own card plays no part.
    /// - Throws: ``RuntimeError/placesNothing(runtime:)``, ``RuntimeError/blocksNotKnown(model:)``, and what
    ///   ``CardRequest/memory(for:)`` throws.
    public init(_ model: Model, on devices: [Device], _ request: CardRequest) throws(RuntimeError) {
        let runtime = try request.runtime(for: model)
        guard runtime == .llamaCpp else { throw .placesNothing(runtime: runtime.rawValue) }
        do throws(RuntimeError) {
            self.runtime = try LlamaCpp(model, request.llamaSettings(for: model))
            let network = try NetworkMetadata(model)
            let experts = try network.number("expert_count") ?? 0
            let blocks = self.runtime.network.layers.count
            let used = try network.numbers("expert_used_count", count: blocks)
            expertShares = (0..<blocks).map { block in
                let own = used?[block] ?? 0
                return experts > 0 && own > 0 ? min(1, Double(own) / Double(experts)) : 1
            }
        } catch {
            switch error {
            case .noNetwork, .unknownCache, .missingValue, .nothingStated:
                throw .blocksNotKnown(model: model.name)
            default: throw error
            }
        }
        let devices = devices.filter(\.isHost) + devices.filter { !$0.isHost }
        var standingClaims: [[MemoryClaim]] = []
        for (index, device) in devices.enumerated() {
            var own = request
            own.bytes = device.bytes
            if index != devices.firstIndex(where: { !$0.isHost }) { own.companions = [] }
            let claims = try own.memory(for: model).claims
            standingClaims.append(
                device.isHost
                    ? claims.filter { $0.name == LlamaCpp.bufferName }
                    : claims.filter { ![LlamaCpp.cacheName, LlamaCpp.stateName].contains($0.name) }
            )
        }
        self.devices = devices
        self.standingClaims = standingClaims
        self.model = model
        companions = request.companions
        hasOutput = model.tensors.contains { $0.name == "output.weight" }
    }

    /// The blocks and the output, which are put on devices in their order.
    public var unitCount: Int { runtime.blockCount + 1 }

    /// Where a tensor may be.
    public func home(of tensor: String) -> TensorHome {
        if tensor == "token_embd.weight", !hasOutput { return .bound(unit: unitCount - 1) }
        if LlamaCpp.lookedUp.contains(tensor) { return .lookedUp }
        guard let block = LlamaCpp.block(of: tensor) else { return .bound(unit: unitCount - 1) }
        guard block < runtime.network.layers.count else {
            return tensor.hasPrefix("blk.") ? .notLoaded : .bound(unit: unitCount - 1)
        }
        return Self.isFeedForward(tensor) ? .movable(unit: block) : .bound(unit: block)
    }

    /// Whether a tensor is on the host, too: the table of words that is the output as well.
    public func isOnHostToo(_ tensor: String) -> Bool { tensor == "token_embd.weight" && !hasOutput }

    /// Whether a tensor is multiplied where it is, and may be on the host: a block's.
    public func mayBeComputedOnHost(_ tensor: String) -> Bool {
        switch home(of: tensor) {
        case .bound(let unit), .movable(let unit): unit < unitCount - 1
        case .lookedUp, .notLoaded: false
        }
    }

    /// The share of a tensor that is read for a token.
    public func readShare(of tensor: TensorInfo) -> Double {
        switch home(of: tensor.name) {
        case .lookedUp: 1 / Double(max(1, tensor.rowCount))
        case .notLoaded: 0
        case .bound(let unit), .movable(let unit):
            Self.isExpert(tensor.name) && expertShares.indices.contains(unit) ? expertShares[unit] : 1
        }
    }

    /// The bytes of the keys, values and states of one of the row.
    public func cacheBytes(ofUnit unit: Int) -> Int {
        guard runtime.network.layers.indices.contains(unit) else { return 0 }
        return sum(runtime.cache.cacheBytes[unit], runtime.cache.stateBytes[unit])
    }

    /// The bytes of the keys, values and states of one of the row that are read for a token, at half the context.
    public func readCacheBytes(ofUnit unit: Int) -> Double {
        guard runtime.network.layers.indices.contains(unit) else { return 0 }
        let sequences = max(1, runtime.settings.sequences)
        var tokens = runtime.settings.context / (runtime.settings.isUnified ? 1 : sequences) / 2
        if let window = runtime.network.layers[unit].window { tokens = min(tokens, window) }
        return Double(runtime.cache.rowBytes[unit]) * Double(tokens)
            + Double(runtime.cache.stateBytes[unit] / sequences)
    }

    /// What a device gives to anything but weights, keys, values and states.
    ///
    /// A batch of tokens takes the weights that are on the host to the first card, matrix by matrix.
    ///
    /// - Parameters:
    ///   - device: The device's place in ``devices``.
    ///   - largestHostMatrix: The bytes of the largest matrix that may be moved to the host.
    /// - Returns: The claims, in the order in which they are shown.
    public func claims(of device: Int, largestHostMatrix: Int) -> [MemoryClaim] {
        var claims = standingClaims[device]
        if device == devices.firstIndex(where: { !$0.isHost }), largestHostMatrix > 0 {
            let claim = MemoryClaim(
                Self.fromHostName,
                bytes: largestHostMatrix,
                note: "the largest matrix there, for a batch of tokens",
                certainty: .bound
            )
            claims.insert(claim, at: claims.firstIndex { $0.name == LlamaCpp.bufferName }.map { $0 + 1 } ?? 0)
        }
        return claims
    }

    /// What a placement puts on each device.
    ///
    /// - Parameters:
    ///   - places: The place in ``devices`` of each of the row.
    ///   - tensors: The place of each tensor that was moved, by its name.
    ///   - bytes: The bytes of a tensor.
    /// - Returns: The load of each device.
    public func loads(places: [Int], tensors: [String: Int], bytes: (TensorInfo) -> Int) -> [DeviceLoad] {
        var loads = [DeviceLoad](repeating: DeviceLoad(), count: devices.count)
        let host = devices.firstIndex(where: \.isHost)
        for tensor in model.tensors {
            let own = bytes(tensor)
            let read = Double(own) * readShare(of: tensor)
            switch home(of: tensor.name) {
            case .notLoaded: break
            case .lookedUp:
                if let host { loads[host].add(weights: own, read: read) }
            case .bound(let unit):
                loads[places[unit]].add(weights: own, read: read)
                if isOnHostToo(tensor.name), let host {
                    loads[host].add(weights: own, read: Double(own) / Double(max(1, tensor.rowCount)))
                }
            case .movable(let unit): loads[tensors[tensor.name] ?? places[unit]].add(weights: own, read: read)
            }
        }
        for (unit, place) in places.enumerated() {
            loads[place].cache = sum(loads[place].cache, cacheBytes(ofUnit: unit))
            loads[place].readBytes += readCacheBytes(ofUnit: unit)
        }
        return loads
    }

    /// The tokens per second that loads allow at most, or nil where the bandwidth of a device in use is not known.
    public func speed(of loads: [DeviceLoad]) -> Double? {
        var seconds = 0.0
        for (device, load) in zip(devices, loads) where load.readBytes > 0 {
            guard let bandwidth = device.bandwidth else { return nil }
            seconds += load.readBytes / bandwidth
        }
        return seconds > 0 ? 1 / seconds : nil
    }

    /// The same with bandwidths as hosts' memory and cards usually have in place of those that are not known.
    ///
    /// Only that cards are much faster than the host counts: it tells which of equally good plans to take, and no speed follows from it.
    public var withUsualBandwidths: LlamaCppDevices {
        var usual = self
        usual.devices = devices.map { device in
            Device(
                name: device.name,
                buffer: device.buffer,
                bytes: device.bytes,
                bandwidth: device.bandwidth ?? (device.isHost ? 50e9 : 500e9)
            )
        }
        return usual
    }

    /// The split that puts the row on places in ``devices``.
    public func split(_ places: [Int]) -> LayerSplit {
        let hasHost = devices.first?.isHost == true
        return LayerSplit(
            hostCount: hasHost ? places.count { $0 == 0 } : 0,
            cardCounts: ((hasHost ? 1 : 0)..<devices.count).map { place in places.count { $0 == place } }
        )
    }

    /// The command that starts the server with every tensor where it is to be.
    ///
    /// - Parameters:
    ///   - modelPath: The finished file.
    ///   - places: The place in ``devices`` of each of the row.
    ///   - tensors: The place of each tensor that may be moved, by its name.
    /// - Returns: The program and its arguments.
    /// - Throws: ``RuntimeError/unplaceable(tensor:)`` where no arguments do that, as the program reads them.
    public func command(
        modelPath: String,
        places: [Int],
        tensors: [String: Int]
    ) throws(RuntimeError) -> [String] {
        let cards = devices.filter { !$0.isHost }
        // Named, cards are split over in this order (`params.devices` in llama.cpp), and no others the machine may have.
        let named = cards.isEmpty ? [] : ["-dev", cards.map(\.buffer).joined(separator: ",")]
        let split = named + split(places).arguments
        let standing = LayerSplit.buffers(split, blockCount: runtime.blockCount)
        var moved: [String: String] = [:]
        for tensor in model.tensors {
            switch home(of: tensor.name) {
            case .bound(let unit):
                guard standing[unit] == devices[places[unit]].buffer else {
                    throw .unplaceable(tensor: tensor.name)
                }
            case .movable(let unit):
                let buffer = devices[tensors[tensor.name] ?? places[unit]].buffer
                if buffer != standing[unit] { moved[tensor.name] = buffer }
            case .lookedUp, .notLoaded: break
            }
        }
        // Without a rule, several cards would keep four copies of the inputs each, to work on several batches at once.
        let names = model.tensors.map(\.name)
        if cards.count > 1, moved.isEmpty, names.contains("output_norm.weight") {
            moved["output_norm.weight"] = standing[unitCount - 1]
        }
        let rules = try TensorOverrides(moved, tensors: names)
        return runtime.command(
            modelPath: modelPath,
            placement: split + (rules.argument.map { ["-ot", $0] } ?? [])
                + LlamaCpp.arguments(beside: companions, runtime.settings, on: cards.first?.buffer)
        )
    }

    /// Whether a tensor is a matrix of a block's feed-forward network: one of experts, shared experts, or of all tokens.
    private static func isFeedForward(_ name: String) -> Bool {
        guard let (matrix, ending) = feedForwardParts(of: name) else { return false }
        return ["ffn_up", "ffn_down", "ffn_gate", "ffn_gate_up"].contains(matrix)
            && ["", "_exps", "_chexps", "_shexp"].contains(ending)
    }

    /// Whether a tensor holds experts of which a token uses a few.
    private static func isExpert(_ name: String) -> Bool {
        guard let (_, ending) = feedForwardParts(of: name) else { return false }
        return ending == "_exps" || ending == "_chexps"
            || name.split(separator: ".").count == 5
    }

    /// `ffn_up` and `_exps` of `blk.3.ffn_up_exps.weight`; the number of a single expert may follow.
    private static func feedForwardParts(of name: String) -> (matrix: String, ending: String)? {
        let parts = name.split(separator: ".")
        guard parts.count == 4 || parts.count == 5 && Int(parts[3]) != nil, parts[0] == "blk",
            parts.last == "weight"
        else { return nil }
        for ending in ["_exps", "_chexps", "_shexp"] where parts[2].hasSuffix(ending) {
            return (String(parts[2].dropLast(ending.count)), ending)
        }
        return (String(parts[2]), "")
    }
}
