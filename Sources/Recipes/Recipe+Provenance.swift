extension Recipe {
    /// The program that made a recipe, and how it was asked.
    public struct Generator: Hashable, Sendable {
        /// The name of this program.
        public static let ownName = "plan"

        /// The program's name.
        public var name: String
        /// The program's version.
        public var version: String
        /// The arguments that shape the plan, without where it is written.
        public var arguments: [String]

        /// Creates a generator.
        public init(name: String = ownName, version: String, arguments: [String]) {
            self.name = name
            self.version = version
            self.arguments = arguments
        }
    }

    /// The model that a recipe is for.
    public struct ModelReference: Hashable, Sendable {
        /// The model's name.
        public var name: String
        /// The number of its parameters.
        public var parameters: Int
        /// The digest of its tensors' names, shapes and types.
        public var digest: String

        /// Creates a reference.
        public init(name: String, parameters: Int, digest: String) {
            self.name = name
            self.parameters = parameters
            self.digest = digest
        }
    }

    /// The impact table that a recipe was planned on.
    public struct TableReference: Hashable, Sendable {
        /// What a table's cells are.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// The size of an error.
            case amplitude
            /// What the end of the model loses.
            case loss
            /// Either: the table does not say.
            case unknown
        }

        /// The table's name.
        public var name: String
        /// The digest of its layers, formats and cells.
        public var digest: String
        /// What its cells are; recipes that do not say have `unknown`.
        public var kind: Kind
        /// The quantity of its cells and its unit, where the table says it.
        public var unit: String?
        /// How its cells were made, where the table says it.
        public var method: String?
        /// What encoders took for the importance of every input where that came from no file, such as ``ones``.
        ///
        /// It is nil where there was a matrix, or nothing.
        public var encoderImportance: String?
        /// The squared gradients that its cells were made with, if any.
        public var gradients: Importance?
        /// By which share the combined impact of a plan may be off from what is measured, such as 0.2; nil where it is not known.
        public var uncertainty: Double?

        /// What an importance of 1 for every input is called.
        public static let ones = "ones"
        /// Whether encoders took an importance of 1 for every input, with which they search in another way than with none.
        public var countsInputsAlike: Bool { encoderImportance == Self.ones }

        /// Creates a reference.
        public init(
            name: String,
            digest: String,
            kind: Kind = .unknown,
            unit: String? = nil,
            method: String? = nil,
            encoderImportance: String? = nil,
            gradients: Importance? = nil,
            uncertainty: Double? = nil
        ) {
            self.name = name
            self.digest = digest
            self.kind = kind
            self.unit = unit
            self.method = method
            self.encoderImportance = encoderImportance
            self.gradients = gradients
            self.uncertainty = uncertainty
        }
    }

    /// The importance matrix, or the squared gradients, that a recipe's table was made with.
    public struct Importance: Hashable, Sendable {
        /// The name of its file, without folders.
        public var name: String
        /// The digest of its content.
        public var digest: String
        /// The tensors that a matrix says nothing of, and whose inputs were taken to be as those of others that it knows.
        public var filled: [String]

        /// Creates a reference.
        public init(name: String, digest: String, filled: [String] = []) {
            self.name = name
            self.digest = digest
            self.filled = filled
        }
    }
}
