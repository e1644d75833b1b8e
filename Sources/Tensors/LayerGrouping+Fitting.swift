import Dispatch
import Synchronization

extension LayerGrouping {
    /// The built-in groupings that cover all of some tensors, with the layers that they make of them, most specific first.
    ///
    /// - Parameter tensors: The tensors.
    /// - Returns: The groupings, adapted to the tensors' names, with their layers.
    /// - Throws: The first grouping's error where none covers them.
    public static func fitting(_ tensors: [TensorInfo]) throws(TensorError) -> [(
        grouping: LayerGrouping, model: LayeredModel
    )] {
        try check(tensors)
        let tried = builtIns
        let models = Mutex(
            [(grouping: LayerGrouping, model: LayeredModel)?](repeating: nil, count: tried.count)
        )
        // A mixture of experts has tens of thousands of tensors, and every grouping looks at their names.
        DispatchQueue.concurrentPerform(iterations: tried.count) { index in
            let grouping = tried[index].adapted(to: tensors)
            guard let model = try? grouping.groupedUnchecked(tensors, listsUncovered: false) else { return }
            models.withLock { $0[index] = (grouping, model) }
        }
        let fitting = models.withLock { $0 }.compactMap(\.self)
        guard fitting.isEmpty, let first = tried.first else { return fitting }
        let grouping = first.adapted(to: tensors)
        return [(grouping, try grouping.groupedUnchecked(tensors))]
    }
}
