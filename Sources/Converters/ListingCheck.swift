import Checkpoints
import Recipes
import Tensors

/// What a file's metadata say of its modules' formats, held against a recipe.
enum ListingCheck {
    /// The differences between a listing and a recipe.
    ///
    /// A module need not be listed where a tensor of its own says its format.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - listing: What the file lists.
    ///   - file: The finished file, whose own names the listing must use.
    ///   - converter: The recipe's converter.
    /// - Returns: The differences, in the recipe's order, what is listed beyond it last.
    static func differences(
        _ recipe: Recipe,
        _ listing: ModuleListing,
        file: Model,
        converter: (any Converter)?
    ) -> [RecipeCheck.Difference] {
        var differences: [RecipeCheck.Difference] = []
        func add(_ tensor: String?, _ planned: String, _ found: String) {
            differences.append(.init(tensor: tensor, kind: "metadata", planned: planned, found: found))
        }
        if let defect = listing.defect { add(nil, "\(listing.key) that can be read", defect) }
        var names: [String: String] = [:]
        for tensor in file.tensors { names[TensorNames.bare(tensor.name)] = tensor.name }
        let all = Set(file.tensors.map(\.name))
        var left = listing.formats
        for layer in recipe.layers {
            guard let format = QuantizationFormat(named: layer.format),
                let entry = converter?.formats.first(where: { $0.format == format }), !entry.isUntouched
            else { continue }
            for weight in layer.tensors {
                guard let name = names[TensorNames.bare(weight)],
                    let module = WeightStorage.companionName(of: name, ending: "")
                else { continue }
                let listed = left.removeValue(forKey: module)
                let marksItself = all.contains(module + listing.ownMarker)
                guard listed != entry.spelling, listed != nil || !marksItself, listing.defect == nil else {
                    continue
                }
                add(weight, entry.spelling, listed ?? "not listed")
            }
        }
        for (module, format) in left.sorted(by: { $0.key < $1.key }) {
            add(module + ".weight", "not listed", format)
        }
        return differences
    }
}
