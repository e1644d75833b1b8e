/// A limit on a second cost that adds over the layers, such as the time that a format takes to decode.
public struct SecondBudget: Hashable, Sendable {
    /// The cost of every option: finite and not negative.
    public let cost: [Double]
    /// The most that the chosen options may cost together.
    public let limit: Double

    /// Creates a second budget.
    public init(cost: [Double], limit: Double) {
        self.cost = cost
        self.limit = limit
    }

    /// The cost of a choice of one option per layer.
    public func cost(ofChoices choices: [Int]) -> Double {
        choices.reduce(0) { $0 + cost[$1] }
    }

    /// Whether a choice keeps to the limit, up to the rounding of the sum.
    public func admits(_ choices: [Int]) -> Bool {
        cost(ofChoices: choices) <= limit * (1 + 1e-12)
    }
}

extension AllocationProblem {
    /// Sets or lifts the second budget.
    ///
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for costs or a limit that are negative or not finite, or a number of
    ///   costs that is not that of the options.
    public mutating func setSecondBudget(_ second: SecondBudget?) throws(AllocationError) {
        if let second {
            guard second.cost.count == optionBytes.count else {
                throw .invalidProblem("there is not one second cost per option")
            }
            guard second.limit.isFinite, second.limit >= 0, second.cost.allSatisfy({ $0.isFinite && $0 >= 0 })
            else {
                throw .invalidProblem("a second cost or its limit is negative or not a finite number")
            }
        }
        secondBudget = second
    }
}
