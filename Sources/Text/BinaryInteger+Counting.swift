extension BinaryInteger {
    /// The number before what it counts: `1 tensor`, `2 tensors`.
    ///
    /// - Parameter noun: What is counted, one of it; several have an s at the end.
    /// - Returns: Both.
    package func of(_ noun: String) -> String {
        self == 1 ? "1 \(noun)" : "\(self) \(noun)s"
    }
}
