extension Recipe {
    /// The card that a plan was made for: the budget is what it leaves for the file.
    public struct Card: Hashable, Sendable {
        /// How well a claim's size is known.
        public enum Basis: String, Hashable, Sendable, CaseIterable {
            /// It is what the runtime's own log says.
            case computed
            /// It is never less than what the runtime's own log says, in the cases that were compared.
            case bound
            /// It follows from the runtime's source, and was not compared with a run.
            case stated
            /// It is a judgement.
            case assumed
            /// The user gave it.
            case given
        }

        /// Something besides the planned weights that takes memory of the card.
        public struct Claim: Hashable, Sendable {
            /// What it is.
            public var name: String
            /// Its size, in bytes.
            public var bytes: Int
            /// How well the size is known.
            public var basis: Basis

            /// Creates a claim.
            public init(name: String, bytes: Int, basis: Basis) {
                self.name = name
                self.bytes = bytes
                self.basis = basis
            }
        }

        /// How the program that runs a language model is started.
        public struct Cache: Hashable, Sendable {
            /// The tokens of all sequences together.
            public var context: Int
            /// The sequences that are worked on at once.
            public var sequences: Int
            /// The format of the cached keys.
            public var keys: String
            /// The format of the cached values.
            public var values: String
            /// The tokens that are worked on at once; nil for as many as the program takes without a word.
            public var tokensAtOnce: Int?
            /// Whether layers with a sliding window cache the whole context.
            public var keepsWholeWindows: Bool
            /// Whether the sequences share one cache rather than having a part each.
            public var isUnified: Bool

            /// Creates the settings.
            public init(
                context: Int,
                sequences: Int,
                keys: String,
                values: String,
                tokensAtOnce: Int? = nil,
                keepsWholeWindows: Bool = false,
                isUnified: Bool = false
            ) {
                self.context = context
                self.sequences = sequences
                self.keys = keys
                self.values = values
                self.tokensAtOnce = tokensAtOnce
                self.keepsWholeWindows = keepsWholeWindows
                self.isUnified = isUnified
            }
        }

        /// The card's memory, in bytes.
        public var bytes: Int
        /// The program that runs the model.
        public var runtime: String
        /// How it is started, where it runs a language model whose cache is known.
        public var cache: Cache?
        /// The picture that is made, such as `1024x1024`, where it makes one.
        public var resolution: String?
        /// What takes memory besides the planned weights.
        public var claims: [Claim]
        /// The bytes of the finished file, header and padding among them, that take no memory of the card.
        public var offCard: Int

        /// Creates a card.
        public init(
            bytes: Int,
            runtime: String,
            cache: Cache? = nil,
            resolution: String? = nil,
            claims: [Claim],
            offCard: Int
        ) {
            self.bytes = bytes
            self.runtime = runtime
            self.cache = cache
            self.resolution = resolution
            self.claims = claims
            self.offCard = offCard
        }

        /// What the card leaves for the whole file, in bytes, or nil where the numbers add up to none that a file can have.
        public var bytesForFile: Int? {
            var left = bytes
            for claim in claims {
                let (rest, overflow) = left.subtractingReportingOverflow(claim.bytes)
                guard !overflow else { return nil }
                left = rest
            }
            let (total, overflow) = left.addingReportingOverflow(offCard)
            return overflow || total < 0 ? nil : total
        }
    }
}
