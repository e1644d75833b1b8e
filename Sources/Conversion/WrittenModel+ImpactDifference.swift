public import Checkpoints
public import Recipes
public import Sensitivity
import Tensors

extension WrittenModel {
    /// Finds out why layers have other impacts than were planned.
    ///
    /// - Parameters:
    ///   - layers: The layers that differ, of those of ``impacts(of:profile:isTextEncoder:)``.
    ///   - recipe: The recipe.
    ///   - model: The model that was quantized.
    ///   - importance: What the encoders looked at for the importance of the inputs.
    ///   - table: The table that the recipe was planned on, where it is at hand.
    ///   - earlier: The finished file that was brought up to date, or nil.
    /// - Returns: The reason that is most likely.
    public func difference(
        of layers: [LayerImpact],
        from recipe: Recipe,
        model: Model,
        importance: ImportanceChoice,
        table: ImpactTable?,
        earlier: EarlierFile?
    ) -> ImpactDifference {
        guard model.digest == recipe.model.digest else { return .otherModel }
        let differing = Set(layers.map(\.layer))
        let stored = draft.storedTensors
        if recipe.layers.allSatisfy({
            !differing.contains($0.layer) || $0.tensors.allSatisfy(stored.contains)
        }) {
            return .copied
        }
        let planned = ImportanceChoice(plannedFor: recipe)
        guard planned.isSame(as: importance) else {
            return .otherImportance(planned: planned, used: importance)
        }
        if let nearCount = Self.nearCount(of: layers, recipe, table) {
            return .sampledRows(nearCount: nearCount)
        }
        if draft.parts.contains(where: { $0.format.isScaled }),
            recipe.layers.contains(where: \.isUnscaledFloat)
        {
            return .unscaledTable
        }
        let isTableKnown = table != nil
        // Only what was taken over by a sample of its rows may be something else than what would be cast.
        guard takenOver > 0, earlier?.isRecorded == false else {
            return .otherWeights(isTableKnown: isTableKnown, orEarlierFile: false)
        }
        // Of what was taken over it is not known what it was cast from; what was cast just now has nothing of the earlier file.
        let fresh = recipe.layers.filter { $0.tensors.allSatisfy { origins[$0] != nil } }
        if fresh.contains(where: { differing.contains($0.layer) }) {
            return .otherWeights(isTableKnown: isTableKnown, orEarlierFile: false)
        }
        return fresh.isEmpty ? .otherWeights(isTableKnown: isTableKnown, orEarlierFile: true) : .earlierFile
    }

    /// How many layers are within twice the standard errors of a table, which was made from a sample of the rows; nil where it was not.
    private static func nearCount(of layers: [LayerImpact], _ recipe: Recipe, _ table: ImpactTable?) -> Int? {
        let formats = Dictionary(recipe.layers.map { ($0.layer, $0.format) }) { first, _ in first }
        let spreads = layers.map { layer in
            formats[layer.layer].flatMap { table?.standardError(layer: layer.layer, format: $0) } ?? 0
        }
        guard spreads.contains(where: { $0 > 0 }) else { return nil }
        return zip(layers, spreads).count { abs($0.written - $0.planned) <= 2 * $1 }
    }
}

extension Recipe.Layer {
    /// Whether the layer was planned in 8-bit floats that have no scales.
    fileprivate var isUnscaledFloat: Bool {
        [QuantizationFormat.float8_e4m3fn, .float8_e5m2].contains { $0.name == format }
    }
}
