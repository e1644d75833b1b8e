import Tensors

extension LayerGrouping {
    /// The built-in grouping of a name, for a model's tensors, or the one in a file.
    static func named(_ name: String, for tensors: [TensorInfo]) throws(TensorError) -> LayerGrouping {
        if let builtIn = builtIn(named: name) { return builtIn.adapted(to: tensors) }
        return try LayerGroupingReader.read(path: name)
    }

    /// The built-in groupings that cover all of some tensors, with the layers that they make of them, most specific first.
    ///
    /// - Throws: The first grouping's error where none covers them.
    static func fitting(_ tensors: [TensorInfo]) throws(TensorError) -> [(
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
