import BitAllocation
import Runtimes
import Tensors

/// The groups of layers that are decided about together.
extension DeviceProblem {
    /// Layers that take one format together: one, or those of a tie where ties are welded.
    struct Group {
        let layers: [Int]
        /// The option of each layer, per format.
        var choices: [[Int]] = []
        /// The row's units that tensors of it are bound to.
        var units: ClosedRange<Int>?
        /// Whether tensors of it may be moved.
        var isMovable = false
        /// Whether it is put on devices at all.
        var isPlaced: Bool { isMovable || units != nil }
    }

    /// The layers, and ties as one where they are welded.
    func groups() throws(PlanningError) -> [Group] {
        let problem = task.problem
        var tie: [Int: [Int]] = [:]
        let welded = ties == .welded ? problem.ties : []
        for layers in welded { tie[layers[0]] = layers }
        let behind = Set(welded.flatMap { $0.dropFirst() })
        var groups: [Group] = []
        for layer in 0..<problem.layerCount where !behind.contains(layer) {
            var group = Group(layers: tie[layer] ?? [layer])
            for option in problem.allowedOptions(ofLayer: layer) where problem.optionImpact[option] <= ceiling
            {
                let format = problem.optionFormat[option]
                var own = [option]
                for other in group.layers.dropFirst() {
                    let same = problem.allowedOptions(ofLayer: other).filter {
                        problem.optionFormat[$0] == format && problem.optionImpact[$0] <= ceiling
                    }
                    guard let least = same.min(by: { problem.optionImpact[$0] < problem.optionImpact[$1] })
                    else {
                        break
                    }
                    own.append(least)
                }
                guard own.count == group.layers.count else { continue }
                guard formats[Int(format)] != nil else {
                    throw .allocation(
                        .invalidProblem(
                            "the size of \(problem.formatNames[Int(format)]) is not known, so its tensors cannot be put on devices"
                        )
                    )
                }
                group.choices.append(own)
            }
            for tensor in group.layers.flatMap({ task.model.layers[$0].tensors }) {
                switch devices.home(of: tensor.name) {
                case .lookedUp, .notLoaded: break
                case .movable: group.isMovable = true
                case .bound(let unit):
                    let before = group.units ?? unit...unit
                    group.units = min(before.lowerBound, unit)...max(before.upperBound, unit)
                }
            }
            groups.append(group)
        }
        return groups
    }
}
