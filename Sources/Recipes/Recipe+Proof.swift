extension Recipe {
    /// How good the plan is known to be.
    public struct Proof: Hashable, Sendable {
        /// What found a plan.
        public enum Solver: String, Hashable, Sendable, CaseIterable {
            /// GLPK, from the core of the integer program.
            case glpk
            /// The dynamic programme over the plans that no other dominates.
            case dominance
            /// The greedy allocator.
            case greedy
        }

        /// How a plan stands to the best.
        public enum Status: String, Hashable, Sendable, CaseIterable {
            /// No admissible plan is better by more than ``Proof/tolerance``.
            case optimal
            /// It keeps to every restriction; how far it is from the best is bounded by the gap.
            case feasible
        }

        /// What a plan minimises.
        public enum Objective: String, Hashable, Sendable, CaseIterable {
            /// The combined impact.
            case impact
            /// The bytes of the file.
            case bytes
            /// The seconds per token on several devices.
            case time
        }

        /// The largest gap of a plan that is called optimal.
        public static let tolerance = 1e-9

        /// What found the plan.
        public var solver: Solver
        /// How the plan stands to the best.
        public var status: Status
        /// What the plan minimises.
        public var objective: Objective
        /// A proven lower limit on the objective of any admissible plan.
        public var bound: Double
        /// `(objective − bound) / objective`, 0 where the objective is 0.
        public var gap: Double

        /// Creates a proof.
        public init(solver: Solver, status: Status, objective: Objective, bound: Double, gap: Double) {
            self.solver = solver
            self.status = status
            self.objective = objective
            self.bound = bound
            self.gap = gap
        }
    }
}
