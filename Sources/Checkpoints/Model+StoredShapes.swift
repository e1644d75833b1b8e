import Tensors

extension Model {
    /// The names of ``tensorsWithoutElements``.
    public var emptyTensors: [String] { tensorsWithoutElements.map(\.name) }

    /// The shape that a tensor has in the model's files, outermost dimension first: none for a single number, which is planned
    /// as a row of one element.
    ///
    /// - Parameter index: The tensor's position in ``tensors``.
    /// - Returns: The shape.
    public func storedShape(ofTensor index: Int) -> [Int] {
        // An inventory has no files, and its shapes are all that is known.
        locations.indices.contains(index) && locations[index].isScalar ? [] : tensors[index].shape
    }
}
