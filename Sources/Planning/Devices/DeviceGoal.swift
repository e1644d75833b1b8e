/// What a plan on several devices is to be.
public enum DeviceGoal: Hashable, Sendable {
    /// The one of least impact, with so many tokens per second at least where a number is given.
    case leastImpact(minimumSpeed: Double?)
    /// The fastest one, with so much combined impact at most.
    case fastest(maximumImpact: Double)
}
