/// The best plan that a search over a core has met, and what a better one has to keep to.
struct CoreIncumbent {
    /// The cost that is to be beaten, above the base plan.
    private(set) var cost: Double
    /// The most bytes above the base plan that a plan may have.
    private(set) var slack: Int
    /// The node of the best plan, or `nil` where none was met.
    private(set) var node: Int32?
    private let tolerance: Double
    private let isLightest: Bool
    /// The bytes by which plans differ at the least.
    private let unit: Int

    /// Begins with the base plan, where that is better than what is to be beaten.
    ///
    /// - Parameters:
    ///   - goal: What is searched for.
    ///   - slack: The bytes that the base plan leaves of the budget.
    ///   - unit: The bytes by which plans differ at the least.
    init(_ goal: CoreSearch.Goal, slack: Int, unit: Int) {
        switch goal {
        case .cheapest(let incumbent, let own): (cost, tolerance, isLightest) = (incumbent, own, false)
        // Every plan up to the limit will do, so the limit stays what is to be beaten.
        case .lightest(let limit): (cost, tolerance, isLightest) = (limit.nextUp, 0, true)
        }
        self.slack = slack
        self.unit = unit
        if cost > 0 { adopt(weight: 0, cost: 0, node: -1) }
    }

    /// Limits from here on lead to nothing that is searched for.
    var threshold: Double { cost - tolerance }

    /// Takes a plan that keeps to the budget and is better.
    @inline(__always)
    mutating func meet(weight: Int, cost: Double, node: Int32) {
        if weight <= slack, cost < self.cost { adopt(weight: weight, cost: cost, node: node) }
    }

    @inline(__always)
    private mutating func adopt(weight: Int, cost: Double, node: Int32) {
        self.node = node
        if isLightest { slack = weight - unit } else { self.cost = cost }
    }
}
