public import BitAllocation
public import Converters
import Dispatch
public import Recipes
import Synchronization
public import Tensors

extension ReportPage {
    /// The converters that serve a model, and which plans of it they can make.
    ///
    /// - Parameters:
    ///   - recipe: The recipe of one of the plans.
    ///   - problem: The problem that the plans solve.
    ///   - tensors: The model's tensors.
    /// - Returns: What each converter can make of the layers, in the order of the problem's options.
    public static func servingConverters(
        for recipe: Recipe,
        of problem: AllocationProblem,
        tensors: [TensorInfo]
    ) -> [ConverterReach] {
        let formats = (0..<problem.layerCount).map { layer in
            problem.options(ofLayer: layer).map { problem.formatNames[Int(problem.optionFormat[$0])] }
        }
        let all = Converters.all
        let reaches = Mutex([ConverterReach?](repeating: nil, count: all.count))
        // Every converter is asked for every layer and format.
        DispatchQueue.concurrentPerform(iterations: all.count) { index in
            let reach = ConverterReach(all[index], for: recipe, model: tensors, formats: formats)
            reaches.withLock { $0[index] = reach }
        }
        return reaches.withLock { $0 }.compactMap(\.self)
    }
}
