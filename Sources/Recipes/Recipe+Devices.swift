extension Recipe {
    /// The devices that a plan was made for: what is on each.
    public struct Devices: Hashable, Sendable {
        /// One device.
        public struct Place: Hashable, Sendable {
            /// The name that layers call it by.
            public var name: String
            /// The runtime's name of its buffer.
            public var buffer: String
            /// The bytes that may be used of it.
            public var bytes: Int
            /// The bytes that are read of it in a second, where that was given.
            public var bandwidth: Double?
            /// How many of the network's blocks are on it, the output counted as the last block.
            public var units: Int
            /// The bytes of the weights on it.
            public var weights: Int
            /// The bytes of the keys, values and states on it.
            public var cache: Int
            /// What else takes memory of it.
            public var claims: [Card.Claim]

            /// Creates a device.
            public init(
                name: String,
                buffer: String,
                bytes: Int,
                bandwidth: Double?,
                units: Int,
                weights: Int,
                cache: Int,
                claims: [Card.Claim]
            ) {
                self.name = name
                self.buffer = buffer
                self.bytes = bytes
                self.bandwidth = bandwidth
                self.units = units
                self.weights = weights
                self.cache = cache
                self.claims = claims
            }

            /// The bytes that are left, or nil where the numbers add up to none that memory can have.
            public var bytesLeft: Int? {
                var left = bytes
                for part in [weights, cache] + claims.map(\.bytes) {
                    let (rest, overflow) = left.subtractingReportingOverflow(part)
                    guard !overflow else { return nil }
                    left = rest
                }
                return left
            }
        }

        /// The program that runs the model.
        public var runtime: String
        /// How it is started.
        public var cache: Card.Cache
        /// The tokens per second that were asked for, if any.
        public var minimumSpeed: Double?
        /// The tokens per second that the bandwidths allow at most, where all are known.
        public var speed: Double?
        /// The devices in the order in which blocks go to them, the first blocks to the first.
        public var places: [Place]

        /// Creates devices.
        public init(
            runtime: String,
            cache: Card.Cache,
            minimumSpeed: Double?,
            speed: Double?,
            places: [Place]
        ) {
            self.runtime = runtime
            self.cache = cache
            self.minimumSpeed = minimumSpeed
            self.speed = speed
            self.places = places
        }
    }
}
