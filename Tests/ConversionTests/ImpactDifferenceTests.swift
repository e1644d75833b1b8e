import Checkpoints
import Estimation
import Recipes
import Sensitivity
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Why a file has another impact than its plan.
@Suite struct ImpactDifferenceTests {
    private let folder: ScratchFolder
    private let model: Model
    private let recipe: Recipe
    private let draft: ModelDraft
    private let none: ImportanceChoice

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: folder.write(ScratchFolder.languageModel(seed: 1).bytes, "m.gguf"))
        recipe = try ScratchFolder.recipe(model) { _ in "Q4_K" }
        draft = try ModelDraft.gguf(recipe, model: model, importance: nil)
        none = try ImportanceChoice(EncoderImportance.none)
    }

    /// The first layers with an impact of 3 where 1 was planned.
    private func layers(_ count: Int = 1) -> [WrittenModel.LayerImpact] {
        recipe.layers.prefix(count).map { .init(layer: $0.layer, planned: 1, written: 3) }
    }

    private func written(
        _ draft: ModelDraft? = nil,
        takenOver: Int = 0,
        origins: [String] = []
    ) -> WrittenModel {
        WrittenModel(
            draft: draft ?? self.draft,
            takenOver: takenOver,
            origins: Dictionary(origins.map { ($0, "x") }) { first, _ in first },
            sums: [],
            hasImportance: false
        )
    }

    private func difference(
        in written: WrittenModel? = nil,
        of layers: [WrittenModel.LayerImpact]? = nil,
        from recipe: Recipe? = nil,
        importance: ImportanceChoice? = nil,
        table: ImpactTable? = nil,
        earlier: EarlierFile? = nil
    ) -> ImpactDifference {
        (written ?? self.written()).difference(
            of: layers ?? self.layers(),
            from: recipe ?? self.recipe,
            model: model,
            importance: importance ?? none,
            table: table,
            earlier: earlier
        )
    }

    /// A table of all layers with the same standard error, or with none.
    private func table(standardError: Double?) throws -> ImpactTable {
        try ImpactTable(
            name: "t",
            formats: ["Q4_K"],
            layers: recipe.layers.map(\.layer),
            cells: recipe.layers.map { _ in [.impact(1)] },
            standardErrors: standardError.map { error in recipe.layers.map { _ in [error] } },
            meaning: ImpactMeaning(kind: .amplitude, unit: nil, method: nil)
        )
    }

    /// The draft with another format of every tensor, or with the model's own 8-bit floats.
    private func draft(castTo format: QuantizationFormat, isStored: Bool) -> ModelDraft {
        let parts = draft.parts.map { part in
            ModelDraft.Part(
                tensor: part.tensor,
                format: format,
                isPlanned: part.isPlanned,
                source: part.source,
                rowLength: part.rowLength,
                offset: 0,
                scaleOffset: nil,
                isStored: isStored
            )
        }
        return ModelDraft(parts: parts, byteCount: 0, header: [])
    }

    @Test("another model comes before everything else")
    func otherModel() throws {
        let recipe = recipe.changed { $0.model.digest = "fnv1a64:0" }
        #expect(difference(from: recipe, importance: try ImportanceChoice(.ones)) == .otherModel)
    }

    @Test("layers that are all the model's own 8-bit floats are copied")
    func copied() {
        let stored = draft(castTo: .float8_e4m3fn_scaled, isStored: true)
        #expect(difference(in: written(stored)) == .copied)
    }

    @Test("another importance than the table's is said with both")
    func otherImportance() throws {
        let ones = try ImportanceChoice(.ones)
        #expect(difference(importance: ones) == .otherImportance(planned: none, used: ones))
    }

    @Test(
        "of a table with standard errors the layers are counted that are within twice of them",
        arguments: [(0.9, 0), (1, 2), (5, 2)]
    )
    func sampledRows(standardError: Double, nearCount: Int) throws {
        let found = difference(of: layers(2), table: try table(standardError: standardError))
        #expect(found == .sampledRows(nearCount: nearCount))
    }

    @Test("a table of 8-bit floats without scales is told where the file has scales")
    func unscaled() {
        let scaled = draft(castTo: .float8_e4m3fn_scaled, isStored: false)
        for format in ["float8_e4m3fn", "float8_e5m2"] {
            let recipe = recipe.changed { $0.layers[0].format = format }
            #expect(difference(in: written(scaled), from: recipe) == .unscaledTable)
            #expect(difference(from: recipe) == .otherWeights(isTableKnown: false, orEarlierFile: false))
        }
        #expect(
            difference(in: written(scaled)) == .otherWeights(isTableKnown: false, orEarlierFile: false)
        )
    }

    @Test("where nothing else is known, the table is of other weights")
    func otherWeights() throws {
        #expect(difference() == .otherWeights(isTableKnown: false, orEarlierFile: false))
        for error in [nil, 0.0] {
            let found = difference(table: try table(standardError: error))
            #expect(found == .otherWeights(isTableKnown: true, orEarlierFile: false))
        }
    }

    @Test("an earlier file is to blame where only what was taken over by a sample of its rows differs")
    func earlierFile() throws {
        try folder.convert(recipe, model, to: "q.gguf")
        let finished = try Model.read(path: folder.path("q.gguf"))
        let sampled = try EarlierFile(finished, of: model)
        let recorded = try EarlierFile(finished, of: model, origins: [:])
        let names = recipe.layers.flatMap(\.tensors)
        let other = ImpactDifference.otherWeights(isTableKnown: false, orEarlierFile: false)

        let mixed = written(takenOver: 1, origins: Array(names.dropFirst()))
        #expect(difference(in: mixed, earlier: sampled) == .earlierFile)
        // What was cast just now differs as well.
        #expect(difference(in: mixed, of: layers(2), earlier: sampled) == other)
        // Of a record it is known what was taken over.
        #expect(difference(in: mixed, earlier: recorded) == other)
        // Nothing was taken over.
        #expect(difference(in: written(origins: names), earlier: sampled) == other)
        // Nothing else was cast that the table could be held against.
        let whole = written(takenOver: names.count)
        #expect(
            difference(in: whole, earlier: sampled) == .otherWeights(isTableKnown: false, orEarlierFile: true)
        )
    }
}
