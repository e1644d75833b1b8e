/// The options that are left per layer once every dominated one is dropped, as weights and costs.
///
/// An option is dominated when another option of its layer is no larger and costs no more: a best plan never needs it. What
/// remains stands in order of strictly growing weight and strictly falling cost.
struct Candidates {
    /// Where each layer's candidates start; one more element than there are layers.
    private(set) var first: [Int32]
    /// Bytes above the smallest option of the layer.
    private(set) var weight: [Int] = []
    /// The cost that is summed: the impact, or its scaled square.
    private(set) var cost: [Double] = []
    /// The option's index in the problem's columns.
    private(set) var source: [Int32] = []
    /// The sum over the layers of their smallest sizes, in bytes.
    private(set) var smallestBytes = 0

    var layerCount: Int { first.count - 1 }

    func range(ofLayer layer: Int) -> Range<Int> {
        Int(first[layer])..<Int(first[layer + 1])
    }

    /// Reduces a problem's options.
    ///
    /// - Parameters:
    ///   - problem: The layers and their options.
    ///   - ceiling: Options with a larger impact are left out; every layer must have one that stays.
    ///   - cost: What an impact costs in the sum to minimise; must not fall where the impact grows.
    init(_ problem: AllocationProblem, ceiling: Double = .infinity, cost: (Double) -> Double) {
        let costOf = cost
        first = [0]
        first.reserveCapacity(problem.layerCount + 1)
        weight.reserveCapacity(problem.optionBytes.count)
        self.cost.reserveCapacity(problem.optionBytes.count)
        source.reserveCapacity(problem.optionBytes.count)
        let bytes = problem.optionBytes
        let impact = problem.optionImpact
        var order: [Int32] = []
        for layer in 0..<problem.layerCount {
            order.removeAll(keepingCapacity: true)
            for option in problem.options(ofLayer: layer) where impact[option] <= ceiling {
                // Insertion keeps the few options of a layer in order of size, then impact, then position.
                var place = order.count
                order.append(Int32(option))
                while place > 0 {
                    let other = Int(order[place - 1])
                    guard
                        bytes[other] > bytes[option]
                            || (bytes[other] == bytes[option] && impact[other] > impact[option])
                    else { break }
                    order[place] = order[place - 1]
                    place -= 1
                }
                order[place] = Int32(option)
            }
            var least = Double.infinity
            let smallest = order.first.map { bytes[Int($0)] } ?? 0
            for option in order {
                let value = costOf(impact[Int(option)])
                guard value < least else { continue }
                least = value
                weight.append(bytes[Int(option)] - smallest)
                self.cost.append(value)
                source.append(option)
            }
            smallestBytes += smallest
            first.append(Int32(weight.count))
        }
    }
}
