/// What the allocator may use to find a plan.
public enum AllocationMethod: String, Hashable, Sendable, CaseIterable {
    /// The dynamic programme for the proof, and GLPK wherever the part that is left open is small enough for it.
    case auto
    /// GLPK, with no limit but the time.
    case glpk
    /// The greedy allocator alone.
    case greedy

    var mayUseIntegerProgram: Bool { self != .greedy }
}
