import Checkpoints
import Sensitivity
import Tensors

extension PlanningInput {
    /// Refuses the built-in table for a model that does not have the tensors that were cast when it was measured.
    ///
    /// Models that were trained further from FLUX.1, such as FLUX.1-schnell, have all of them, whatever their shapes.
    ///
    /// - Throws: ``PlanningError/tableOfOtherArchitecture(table:model:lacks:count:)``, and what reading the built-in model throws.
    func checkTableOwner() throws {
        guard table.isTableThree else { return }
        let grouping = LayerGrouping.flux
        let own = try grouping.grouped(Model.builtIn(named: "flux1-dev").tensors).layers.flatMap(\.tensors)
        let names = Set(
            model.tensors.map { tensor in
                let prefix = grouping.ignoredPrefixes.first(where: tensor.name.hasPrefix) ?? ""
                return String(tensor.name.dropFirst(prefix.count))
            }
        )
        let missing = own.map(\.name).filter { !names.contains($0) }
        guard let first = missing.first else { return }
        throw PlanningError.tableOfOtherArchitecture(
            table: table.name,
            model: model.name,
            lacks: first,
            count: missing.count
        )
    }
}
