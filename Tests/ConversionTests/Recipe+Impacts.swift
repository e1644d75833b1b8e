import Recipes
import Sensitivity
import TestSupport

extension Recipe {
    /// The recipe as if it had been planned with a table; layers that the table knows nothing of have an impact of -1.
    func withImpacts(of table: ImpactTable) -> Recipe {
        changed {
            for (index, layer) in layers.enumerated() {
                $0.layers[index].impact = table.impact(layer: layer.layer, format: layer.format) ?? -1
            }
            $0.impacts = Recipe.TableReference(
                name: "t",
                digest: "",
                unit: table.meaning.unit,
                method: table.meaning.method
            )
        }
    }
}
