public import BitAllocation

/// A plan from elsewhere that is held against the curve of best plans: one format for all, or a recipe.
public struct ComparedPlan: Hashable, Sendable {
    /// What kind of plan it is.
    public enum Kind: String, Hashable, Sendable {
        /// Every layer in one format.
        case uniform
        /// A recipe from a file.
        case recipe
    }

    /// What kind of plan it is.
    public let kind: Kind
    /// The format's name, or the recipe's.
    public let name: String
    /// The size of the whole file, in bytes.
    public let bytes: Int
    /// The combined impact.
    public let impact: Double
    /// Whether it keeps to the restrictions that the best plans keep to.
    public let isAdmissible: Bool
    /// The impact of the best plan of its size, where that was solved for; a complete curve has it too.
    public var bestImpact: Double?

    /// Creates a plan to compare.
    ///
    /// - Parameters:
    ///   - kind: What kind of plan it is.
    ///   - name: The format's name, or the recipe's.
    ///   - choices: The index of the chosen option in the problem's columns, per layer.
    ///   - problem: The problem that the best plans are for.
    public init(kind: Kind, name: String, choices: [Int], in problem: AllocationProblem) {
        self.kind = kind
        self.name = name
        bytes = problem.bytes(ofChoices: choices)
        impact = problem.impact(ofChoices: choices)
        isAdmissible = problem.isAdmissible(choices)
    }

    /// The uniform plans of a problem.
    public static func uniformPlans(of problem: AllocationProblem) -> [ComparedPlan] {
        problem.uniformPlans().map {
            ComparedPlan(kind: .uniform, name: $0.format, choices: $0.choices, in: problem)
        }
    }
}
