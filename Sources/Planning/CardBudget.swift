public import BitAllocation
public import Recipes
public import Runtimes
import Tensors

/// A card's memory as a budget for a file.
///
/// What does not go to the card is added to what the card leaves: the file's header, and tensors that the runtime keeps on the
/// host. A layer of nothing but such tensors costs the card nothing in any format, so it takes the one of least impact that it
/// may, and the rest of the plan is as if it were not there. Where it is bound to others, by a tie, a limit on formats or a
/// second budget, the search decides about it, and its bytes are not counted. How large a file may be then depends on the plan:
/// see ``fileBytes(of:for:)``.
public struct CardBudget: Sendable {
    /// What the card leaves for the bytes that the task's budget counts: for the whole file where the layers that are not on the
    /// card are settled, or are in their smallest formats.
    public let fileBytes: Int
    /// What takes memory of the card.
    public let memory: CardMemory

    /// The option of each layer that is not on the card and takes the format of least impact, whatever the rest of the plan.
    public let settledOptions: [Int: Int]
    /// The layers that are not on the card and take the format of least impact, whatever the rest of the plan.
    public var settledLayers: Set<Int> { Set(settledOptions.keys) }

    private let headerBytes: Int

    /// Works out the budget, and restricts the task to it.
    ///
    /// - Parameters:
    ///   - memory: What takes memory of the card.
    ///   - task: The task with all its restrictions; its budget becomes the card's, and layers that are not on the card take
    ///     the format of least impact.
    /// - Throws: ``PlanningError/cardFull(card:claimed:)`` where nothing is left for weights, and
    ///   ``PlanningError/allocation(_:)``.
    public init(_ memory: CardMemory, for task: inout PlanningTask) throws(PlanningError) {
        self.memory = memory
        guard memory.bytesForWeights > 0 else {
            throw .cardFull(card: memory.bytes, claimed: memory.claimedBytes)
        }
        headerBytes = task.layout.headerBytes
        settledOptions = Self.settleOffCardLayers(memory, in: &task)
        var off = headerBytes
        for kept in task.model.kept where memory.offCardTensors.contains(kept.tensor.name) {
            off += task.layout.paddedByteCount(kept.bytes)
        }
        // Of a layer that is not settled the least goes into the budget, and what an option has beyond that is not counted.
        var uncounted = [Int](repeating: 0, count: task.problem.optionBytes.count)
        for layer in task.model.layers.indices {
            let options = task.problem.allowedOptions(ofLayer: layer)
            let bytes = options.map { Self.offCardBytes(ofLayer: layer, option: $0, memory, in: task) }
            let least = bytes.min() ?? 0
            off += least
            for (option, own) in zip(options, bytes) { uncounted[option] = own - least }
        }
        do throws(AllocationError) {
            try task.problem.leaveUncounted(uncounted)
        } catch {
            throw .allocation(error)
        }
        let (bytes, overflow) = memory.bytesForWeights.addingReportingOverflow(off)
        fileBytes = overflow ? .max : bytes
        task.problem.budget = fileBytes
    }

    /// Leaves layers that are not on the card the option of least impact alone, and of those the smallest.
    ///
    /// - Returns: The option of each of the layers.
    private static func settleOffCardLayers(
        _ memory: CardMemory,
        in task: inout PlanningTask
    ) -> [Int: Int] {
        let problem = task.problem
        guard problem.formatLimit == nil, problem.secondBudget == nil else { return [:] }
        let tied = Set(problem.ties.joined())
        var choices: [Int: Int] = [:]
        for (index, layer) in task.model.layers.enumerated() where !tied.contains(index) {
            guard layer.tensors.allSatisfy({ memory.offCardTensors.contains($0.name) }) else { continue }
            choices[index] = problem.allowedOptions(ofLayer: index).min {
                (problem.optionImpact[$0], problem.optionBytes[$0], $0)
                    < (problem.optionImpact[$1], problem.optionBytes[$1], $1)
            }
        }
        if !choices.isEmpty {
            task.problem.forbid { layer, option in choices[layer].map { $0 != option } ?? false }
        }
        return choices
    }

    private static func offCardBytes(
        ofLayer layer: Int,
        option: Int,
        _ memory: CardMemory,
        in task: PlanningTask
    ) -> Int {
        let tensors = task.model.layers[layer].tensors.filter { memory.offCardTensors.contains($0.name) }
        guard !tensors.isEmpty else { return 0 }
        let problem = task.problem
        guard tensors.count < task.model.layers[layer].tensors.count else {
            return problem.optionBytes[option]
        }
        // A size that only the table knows may be smaller by whatever its tensors' share is: none is counted.
        let format = QuantizationFormat(named: problem.formatNames[Int(problem.optionFormat[option])])
        return tensors.reduce(0) { total, tensor in
            total + (format?.byteCount(of: tensor).map(task.layout.paddedByteCount) ?? 0)
        }
    }

    /// Whether some planned layer has a tensor that is not on the card, so that plans compare by what they take of the card and
    /// not by the sizes of their files.
    public func movesLayers(of task: PlanningTask) -> Bool {
        task.model.layers.contains { layer in
            layer.tensors.contains { memory.offCardTensors.contains($0.name) }
        }
    }

    /// Whether every planned layer with a tensor that is not on the card is settled, so that the card's budget is the file's.
    func settlesAll(of task: PlanningTask) -> Bool {
        task.model.layers.indices.allSatisfy { layer in
            settledOptions[layer] != nil
                || !task.model.layers[layer].tensors.contains { memory.offCardTensors.contains($0.name) }
        }
    }

    /// The bytes of a choice's file that take no memory of the card: header, padding and tensors on the host.
    ///
    /// - Parameters:
    ///   - choices: The index of the chosen option, per layer.
    ///   - task: The task.
    /// - Returns: The bytes.
    public func offCardBytes(ofChoices choices: [Int], for task: PlanningTask) -> Int {
        var off = headerBytes
        for kept in task.model.kept where memory.offCardTensors.contains(kept.tensor.name) {
            off += task.layout.paddedByteCount(kept.bytes)
        }
        for layer in task.model.layers.indices {
            off += Self.offCardBytes(ofLayer: layer, option: choices[layer], memory, in: task)
        }
        return off
    }

    /// The most bytes that the file of a plan may have, given what of it is not on the card.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - task: The task, restricted to the card.
    /// - Returns: The bytes.
    public func fileBytes(of plan: AllocationPlan, for task: PlanningTask) -> Int {
        let (bytes, overflow) = fileBytes.addingReportingOverflow(
            task.problem.uncountedBytes(ofChoices: plan.choices)
        )
        return overflow ? .max : bytes
    }

    /// The bytes that a plan takes of the card.
    public func cardBytes(of plan: AllocationPlan, for task: PlanningTask) -> Int {
        plan.bytes - offCardBytes(ofChoices: plan.choices, for: task)
    }

    /// Whether a choice whose file has so many bytes fits the card.
    ///
    /// - Parameters:
    ///   - choices: The index of the chosen option, per layer.
    ///   - fileBytes: The bytes of the whole file.
    ///   - task: The task.
    /// - Returns: Whether what is not off the card fits what the card leaves for weights.
    public func fits(_ choices: [Int], fileBytes: Int, for task: PlanningTask) -> Bool {
        fileBytes - offCardBytes(ofChoices: choices, for: task) <= memory.bytesForWeights
    }

    /// The card as a recipe records it.
    ///
    /// - Parameters:
    ///   - request: What the memory was worked out from.
    ///   - settings: How llama.cpp is started, where it runs the model and its cache is known.
    ///   - most: The most bytes that the file may have; see ``fileBytes(of:for:)``.
    /// - Returns: The card, which leaves that for the file.
    public func recorded(
        _ request: CardRequest,
        _ settings: LlamaCppSettings?,
        fileBytes most: Int
    ) -> Recipe.Card {
        Recipe.Card(
            bytes: memory.bytes,
            runtime: memory.runtime.rawValue,
            cache: settings.map(Recipe.Card.Cache.init),
            resolution: memory.runtime.makesPictures ? request.image.description : nil,
            claims: memory.claims.map {
                Recipe.Card.Claim(name: $0.name, bytes: $0.bytes, basis: Recipe.Card.Basis($0.certainty))
            },
            offCard: most - memory.bytesForWeights
        )
    }
}

extension Recipe.Card.Basis {
    /// A certainty as a recipe writes it.
    init(_ certainty: Certainty) {
        switch certainty {
        case .computed: self = .computed
        case .bound: self = .bound
        case .stated: self = .stated
        case .assumed: self = .assumed
        case .given: self = .given
        }
    }
}
