extension Recipe {
    /// One planned layer.
    public struct Layer: Hashable, Sendable {
        /// The layer's name.
        public var layer: String
        /// The format its tensors take.
        public var format: String
        /// Its tensors' bytes in that format.
        public var bytes: Int
        /// Its impact in that format.
        public var impact: Double
        /// Its tensors' names, in the model's order.
        public var tensors: [String]
        /// The device that its tensors are on, where the plan says it: of those that are not bound to the device of their block,
        /// if it has any.
        public var device: String?

        /// Creates a layer.
        public init(
            layer: String,
            format: String,
            bytes: Int,
            impact: Double,
            tensors: [String],
            device: String? = nil
        ) {
            self.layer = layer
            self.format = format
            self.bytes = bytes
            self.impact = impact
            self.tensors = tensors
            self.device = device
        }
    }

    /// One tensor that is not planned.
    public struct Kept: Hashable, Sendable {
        /// The tensor's name.
        public var tensor: String
        /// The format it is kept in.
        public var format: String
        /// Its bytes in that format.
        public var bytes: Int

        /// Creates a kept tensor.
        public init(tensor: String, format: String, bytes: Int) {
            self.tensor = tensor
            self.format = format
            self.bytes = bytes
        }
    }
}
