/// A linear program some of whose variables must take whole numbers, to be minimised.
///
/// A program is a plain value: building one calls no solver. Every variable has finite bounds, so a program is
/// either infeasible or has an optimum; it is never unbounded.
public struct IntegerProgram: Hashable, Sendable {
    /// One variable (a column of the matrix).
    public struct Variable: Hashable, Sendable {
        /// The coefficient in the objective, which is minimised.
        public var cost: Double
        /// The least value the variable may take.
        public var lowerBound: Double
        /// The greatest value the variable may take.
        public var upperBound: Double
        /// Whether only whole numbers are allowed.
        public var isInteger: Bool
    }

    /// One coefficient of a constraint.
    public struct Term: Hashable, Sendable {
        /// The index of the variable, as ``IntegerProgram/addVariable(cost:lowerBound:upperBound:isInteger:)`` gave it.
        public var variable: Int
        /// The factor that the variable is multiplied by.
        public var coefficient: Double

        /// Creates a term.
        public init(_ coefficient: Double, _ variable: Int) {
            self.coefficient = coefficient
            self.variable = variable
        }
    }

    /// One constraint (a row of the matrix): `lowerBound ≤ Σ coefficient · variable ≤ upperBound`.
    public struct Constraint: Hashable, Sendable {
        /// The terms of the sum; no variable may stand twice.
        public var terms: [Term]
        /// The least value of the sum, or `nil` where there is none.
        public var lowerBound: Double?
        /// The greatest value of the sum, or `nil` where there is none.
        public var upperBound: Double?
    }

    /// The variables, in the order they were added.
    public private(set) var variables: [Variable] = []
    /// The constraints, in the order they were added.
    public private(set) var constraints: [Constraint] = []

    /// Creates an empty program.
    public init() {}

    /// Adds a variable and returns its index; without bounds it is binary.
    @discardableResult
    public mutating func addVariable(
        cost: Double,
        lowerBound: Double = 0,
        upperBound: Double = 1,
        isInteger: Bool = true
    ) -> Int {
        variables.append(
            Variable(cost: cost, lowerBound: lowerBound, upperBound: upperBound, isInteger: isInteger)
        )
        return variables.count - 1
    }

    /// Adds a constraint; equal bounds make it an equality.
    public mutating func addConstraint(_ terms: [Term], lowerBound: Double? = nil, upperBound: Double? = nil)
    {
        constraints.append(Constraint(terms: terms, lowerBound: lowerBound, upperBound: upperBound))
    }
}
