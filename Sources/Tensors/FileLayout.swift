/// How much a file takes besides its tensors' own bytes: a header in front, and padding after each tensor.
public struct FileLayout: Hashable, Sendable {
    /// A file of nothing but tensors, without header and without padding.
    public static let unpadded = FileLayout(validHeaderBytes: 0, alignment: 1)

    /// The number of bytes before the first tensor.
    public let headerBytes: Int

    /// Each tensor, the last one too, is padded to a multiple of this many bytes.
    public let alignment: Int

    /// Makes a layout of a header of so many bytes and an alignment of the tensors.
    ///
    /// - Throws: ``TensorError/negativeHeader(_:)`` and, for an alignment that is not a power of two,
    ///   ``TensorError/badAlignment(_:)``.
    public init(headerBytes: Int, alignment: Int) throws(TensorError) {
        guard headerBytes >= 0 else { throw .negativeHeader(headerBytes) }
        guard alignment > 0, alignment.nonzeroBitCount == 1 else { throw .badAlignment(alignment) }
        self.init(validHeaderBytes: headerBytes, alignment: alignment)
    }

    /// Makes a layout of numbers that are known to be right: a header of zero or more bytes, and a power of two.
    package init(validHeaderBytes headerBytes: Int, alignment: Int) {
        self.headerBytes = headerBytes
        self.alignment = alignment
    }

    /// The number of bytes that a tensor of so many bytes takes with its padding.
    ///
    /// A result beyond `Int.max` is `Int.max`, which no budget allows; a count below zero is taken as zero.
    public func paddedByteCount(_ byteCount: Int) -> Int {
        let byteCount = max(0, byteCount)
        let remainder = byteCount % alignment
        guard remainder > 0 else { return byteCount }
        return saturatingSum(byteCount, alignment - remainder)
    }

    /// The number of bytes of these tensors with their padding, without the header.
    ///
    /// A result beyond `Int.max` is `Int.max`.
    public func dataSize(tensorByteCounts: some Sequence<Int>) -> Int {
        tensorByteCounts.reduce(0) { dataSize($0, and: $1) }
    }

    /// The number of bytes of tensors that take so many with their padding, and of one more tensor of so many without it.
    ///
    /// A result beyond `Int.max` is `Int.max`.
    package func dataSize(_ dataSize: Int, and byteCount: Int) -> Int {
        saturatingSum(dataSize, paddedByteCount(byteCount))
    }

    /// The number of bytes of the whole file: its header, and these tensors with their padding.
    ///
    /// A result beyond `Int.max` is `Int.max`.
    public func fileSize(tensorByteCounts: some Sequence<Int>) -> Int {
        saturatingSum(headerBytes, dataSize(tensorByteCounts: tensorByteCounts))
    }
}

/// The sum of two numbers that are not negative, at most `Int.max`.
private func saturatingSum(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? Int.max : sum
}
