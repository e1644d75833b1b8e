import Tensors

/// What a safetensors file holds besides the model's own tensor data, from above: a plan that counts it keeps to its budget.
enum SafetensorsOverhead {
    /// The most bytes of the header, and of tensors that are added beside each module's weight.
    ///
    /// A header entry is the name, the shape, and at most 120 bytes more, with offsets of 20 digits; the header is padded with
    /// spaces to a multiple of 8.
    ///
    /// - Parameters:
    ///   - tensors: The model's tensors.
    ///   - additions: The endings of the names of what is added beside a 2-D weight, with the bytes of data of each.
    /// - Returns: The layout, whose header has all of these bytes.
    static func layout(
        for tensors: [TensorInfo],
        additions: [(ending: String, bytes: Int)]
    ) -> FileLayout {
        var total = 8 + 512 + 8
        for tensor in tensors {
            let entry =
                tensor.name.utf8.count + 120 + tensor.shape.reduce(0) { $0 + String($1).utf8.count + 1 }
            total += entry
            guard LinearModule(tensor) != nil else { continue }
            for addition in additions {
                total += entry + addition.ending.utf8.count + addition.bytes
            }
        }
        return FileLayout(validHeaderBytes: total, alignment: 1)
    }
}
