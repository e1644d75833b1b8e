import BitAllocation
import Planning

extension LayerExplanation {
    /// The formats that are no options of the layer though they are of others, with the reason; a line per reason.
    var neverLines: [String] {
        let own = Set(problem.options(ofLayer: layer).map { problem.optionFormat[$0] })
        let missing = problem.formatNames.indices.filter { !own.contains(UInt16($0)) }
            .map { problem.formatNames[$0] }
        let name = problem.layerNames[layer]
        let unfit = Set(task.unfitFormats.filter { $0.layer == name }.map(\.format))
        let groups = [
            (missing.filter { !unfit.contains($0) }, "no finite impact in the table"),
            (missing.filter(unfit.contains), "the block does not divide the rows"),
        ]
        return groups.filter { !$0.0.isEmpty }.map { names, reason in
            "Never   \(names.joined(separator: ", ")): \(reason)"
        }
    }
}
