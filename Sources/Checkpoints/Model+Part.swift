import Tensors

extension Model {
    /// Some of the model's tensors as a model of their own, under the names that they have; nil where these are none or all.
    ///
    /// - Parameter isPart: Whether a tensor of a name is among them.
    /// - Returns: The part.
    package func part(where isPart: (String) -> Bool) -> Model? {
        let own = tensors.indices.filter { isPart(tensors[$0].name) }
        guard !own.isEmpty, own.count < tensors.count else { return nil }
        return try? Model(
            name: name,
            tensors: own.map { tensors[$0] },
            kind: kind,
            architecture: architecture,
            metadata: metadata,
            files: files,
            index: index,
            locations: locations.isEmpty ? [] : own.map { locations[$0] },
            tensorsWithoutElements: tensorsWithoutElements.filter { isPart($0.name) }
        )
    }
}
