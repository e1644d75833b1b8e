extension TensorInfo {
    /// Whether the tensor is a convolution's, of shape output, input, height, width.
    public var isFilter: Bool { dimensionCount >= 4 }

    /// The number of elements of the output, each of which is a sum over the weights of one row, or of one filter.
    public var outputCount: Int { isFilter ? shape[0] : rowCount }
}
