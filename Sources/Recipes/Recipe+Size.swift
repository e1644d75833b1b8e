extension Recipe {
    /// The size of the finished file.
    public struct Size: Hashable, Sendable {
        /// What of a size is known to the byte before the file is written.
        public enum Exactness: String, Hashable, Sendable, CaseIterable {
            /// The whole file.
            case file
            /// The tensors' data; header and padding are not.
            case tensorData
            /// The data of the planned layers; what the converter makes of other tensors is not.
            case plannedLayers
        }

        /// The whole file, in bytes.
        public var bytes: Int
        /// The whole file's bits per parameter of the model.
        public var bitsPerWeight: Double
        /// The bytes of planned and kept tensors.
        public var tensorData: Int
        /// The bytes that the header and the padding between tensors add.
        public var headerAndAlignment: Int
        /// What of this is known to the byte.
        public var exact: Exactness

        /// Creates a size.
        public init(
            bytes: Int,
            bitsPerWeight: Double,
            tensorData: Int,
            headerAndAlignment: Int,
            exact: Exactness
        ) {
            self.bytes = bytes
            self.bitsPerWeight = bitsPerWeight
            self.tensorData = tensorData
            self.headerAndAlignment = headerAndAlignment
            self.exact = exact
        }
    }
}
