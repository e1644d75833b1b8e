extension LayerGrouping {
    /// The built-in groupings that cover all of some tensors, with the layers that they make of them, most specific first.
    ///
    /// - Parameter tensors: The tensors.
    /// - Returns: The groupings, adapted to the tensors' names, with their layers.
    /// - Throws: The first grouping's error where none covers them.
    public static func fitting(_ tensors: [TensorInfo]) throws(TensorError) -> [(
        grouping: LayerGrouping, model: LayeredModel
    )] {
        var fitting: [(grouping: LayerGrouping, model: LayeredModel)] = []
        var firstError: TensorError?
        for grouping in builtIns.lazy.map({ $0.adapted(to: tensors) }) {
            do throws(TensorError) {
                fitting.append((grouping, try grouping.grouped(tensors)))
            } catch {
                firstError = firstError ?? error
            }
        }
        if let firstError, fitting.isEmpty { throw firstError }
        return fitting
    }
}
