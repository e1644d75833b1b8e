import Text
public import BitAllocation
public import Planning
import Tensors

/// A plan from elsewhere that is held against the curve of best plans: one format for all, a mix that a converter makes by
/// itself, a recipe, or a finished file.
public struct ComparedPlan: Hashable, Sendable {
    /// What kind of plan it is.
    public enum Kind: String, Hashable, Sendable {
        /// Every layer in one format.
        case uniform
        /// A mix of formats that llama.cpp's llama-quantize makes by itself.
        case mix
        /// A recipe from a file.
        case recipe
        /// A finished file.
        case file

        /// What a person reads.
        var text: String {
            switch self {
            case .uniform: "one format"
            case .mix: "llama.cpp's mix"
            case .recipe: "recipe"
            case .file: "file"
            }
        }
    }

    /// What kind of plan it is.
    public let kind: Kind
    /// The format's name, the mix's, or that of the file.
    public let name: String
    /// The size of the whole file, in bytes.
    public let bytes: Int
    /// The size of the file if its kept tensors were as the best plans keep them, in bytes: what decides which best plan is
    /// of its size.
    public let comparableBytes: Int
    /// The combined impact.
    public let impact: Double
    /// Of one format for all, the layers that may not take it and what they take instead: `layer18.img in BF16`.
    public let exceptions: String?
    /// What it does that the restrictions of the best plans do not allow, or `nil`: `2 formats, at most 1`.
    public let breach: String?
    /// The impact of the best plan of its size, where that was solved for; a complete curve has it too.
    public var bestImpact: Double?
    /// A lower limit on that impact that was proven; the impact itself where it is proven to be the least.
    public var bestBound: Double?

    /// Creates a plan to compare.
    ///
    /// - Parameters:
    ///   - kind: What kind of plan it is.
    ///   - name: The format's name, the mix's, or that of the file.
    ///   - choices: The index of the chosen option in the problem's columns, per layer.
    ///   - exceptions: Of one format for all, the layers that may not take it.
    ///   - problem: The problem that the best plans are for.
    public init(
        kind: Kind,
        name: String,
        choices: [Int],
        exceptions: [Int] = [],
        in problem: AllocationProblem
    ) {
        self.kind = kind
        self.name = name
        bytes = problem.bytes(ofChoices: choices)
        comparableBytes = bytes
        impact = problem.impact(ofChoices: choices)
        self.exceptions = Self.text(ofExceptions: exceptions, choices: choices, in: problem)
        breach = Self.breachText(of: choices, in: problem)
    }

    /// Creates a plan to compare of formats that somebody else chose, or returns `nil` where the table does not say what
    /// they cost.
    ///
    /// - Parameters:
    ///   - kind: What kind of plan it is.
    ///   - name: The mix's name, or that of the file.
    ///   - formats: The formats, measured on the problem's task.
    ///   - bytes: The size of the file, or `nil` for the one that the task computes.
    ///   - problem: The problem that the best plans are for.
    public init?(
        kind: Kind,
        name: String,
        formats: AssignedFormats,
        bytes: Int? = nil,
        in problem: AllocationProblem
    ) {
        guard let impact = formats.impact else { return nil }
        self.kind = kind
        self.name = name
        self.bytes = bytes ?? formats.bytes
        comparableBytes = formats.comparableBytes
        self.impact = impact
        exceptions = nil
        breach =
            formats.choices.map { Self.breachText(of: $0, in: problem) }
            ?? "\(formats.untaken.joined(separator: ", ")) may not be taken"
    }

    /// Takes the best plan of its size, where one was found.
    public mutating func setBest(_ plan: AllocationPlan?) {
        bestImpact = plan?.impact
        bestBound = plan.map { $0.status == .optimal ? $0.impact : min($0.bound, $0.impact) }
    }

    /// How far it is from the best of its size: `1.44 times the loss at this size`, or `nil` where that is not known.
    ///
    /// - Parameter word: What impacts are on the table: `loss`, or `error`.
    /// - Returns: The clause.
    public func verdict(_ word: String) -> String? {
        guard let bestImpact else { return nil }
        guard bestImpact > 0 else {
            return impact > 0 ? "no \(word) is needed at this size" : "as good as the best of this size"
        }
        let ratio = impact / bestImpact
        // Two digits after the point may hide what the search has left open.
        let isOpen = (bestBound ?? bestImpact) < bestImpact * 0.995
        return "\(isOpen ? "at least " : "")\(Figures.ratio(ratio)) times the \(word) at this size"
    }

    private static func breachText(of choices: [Int], in problem: AllocationProblem) -> String? {
        let breaches = problem.breaches(of: choices).map { text(of: $0, in: problem) }
        return breaches.isEmpty ? nil : breaches.joined(separator: "; ")
    }

    /// Whether it keeps to the restrictions that the best plans keep to.
    public var isAdmissible: Bool { breach == nil }

    private static func text(
        ofExceptions layers: [Int],
        choices: [Int],
        in problem: AllocationProblem
    ) -> String? {
        guard !layers.isEmpty else { return nil }
        var order: [String] = []
        var names: [String: [String]] = [:]
        for layer in layers {
            let format = problem.formatNames[Int(problem.optionFormat[choices[layer]])]
            if names[format] == nil { order.append(format) }
            names[format, default: []].append(problem.layerNames[layer])
        }
        return order.map { "\(LayerRanges(names[$0] ?? []).brief) in \($0)" }.joined(separator: "; ")
    }

    private static func text(of breach: RestrictionBreach, in problem: AllocationProblem) -> String {
        func names(_ layers: [Int]) -> LayerRanges { LayerRanges(layers.map { problem.layerNames[$0] }) }
        return switch breach {
        case .option(let layers): "\(names(layers))"
        case .tie(let layers): "\(names(layers)) are tied"
        case .formatLimit(let taken, let limit): "\(taken) formats, at most \(limit)"
        case .secondBudget: "over the second budget"
        }
    }

    /// The name for a drawing: with `*` where there are exceptions, and said where it is not allowed.
    var label: String {
        name + (exceptions == nil ? "" : "*") + (isAdmissible ? "" : " (not allowed)")
    }

    /// What is said of plans, with the names of those of which the same is said: `Q8_0, BF16: l1 in F32`.
    static func remarks(on plans: [ComparedPlan], _ text: (ComparedPlan) -> String?) -> [String] {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for plan in plans {
            guard let text = text(plan) else { continue }
            if names[text] == nil { order.append(text) }
            names[text, default: []].append(plan.name.visible)
        }
        return order.map { "\((names[$0] ?? []).joined(separator: ", ")): \($0)" }
    }

    /// The uniform plans of a problem.
    public static func uniformPlans(of problem: AllocationProblem) -> [ComparedPlan] {
        problem.uniformPlans().map {
            ComparedPlan(
                kind: .uniform,
                name: $0.format,
                choices: $0.choices,
                exceptions: $0.exceptions,
                in: problem
            )
        }
    }
}
