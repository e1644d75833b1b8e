/// What a runtime keeps on a card besides the weights that are planned.
public struct CardMemory: Hashable, Sendable {
    /// The card's memory, in bytes.
    public let bytes: Int
    /// The program that runs the model.
    public let runtime: RuntimeName
    /// The name of that program as the user has it.
    public let programName: String
    /// What takes memory, in the order in which it is shown.
    public let claims: [MemoryClaim]
    /// The names of the tensors of the planned file that do not take memory of the card.
    public let offCardTensors: Set<String>

    /// Creates a sum; without another name, the program goes by its own.
    public init(
        bytes: Int,
        runtime: RuntimeName,
        programName: String? = nil,
        claims: [MemoryClaim],
        offCardTensors: Set<String> = []
    ) {
        self.bytes = bytes
        self.runtime = runtime
        self.programName = programName ?? runtime.rawValue
        self.claims = claims
        self.offCardTensors = offCardTensors
    }

    /// The bytes of all claims together, at most `Int.max`.
    public var claimedBytes: Int {
        claims.reduce(0) { sum, claim in
            let (total, overflow) = sum.addingReportingOverflow(claim.bytes)
            return overflow ? .max : total
        }
    }

    /// What is left for weights on the card, in bytes; negative where the claims alone are too large.
    public var bytesForWeights: Int {
        bytes.subtractingReportingOverflow(claimedBytes).partialValue
    }
}
