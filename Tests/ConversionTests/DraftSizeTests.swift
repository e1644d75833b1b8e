import Checkpoints
import Recipes
import TestSupport
import Testing

@testable import Conversion
@testable import Converters

/// How the size of what is written stands to its recipe.
@Suite struct DraftSizeTests {
    private let folder: ScratchFolder
    private let model: Model
    private let recipe: Recipe
    private let draft: ModelDraft

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: folder.write(ScratchFolder.languageModel(seed: 1).bytes, "m.gguf"))
        recipe = try ScratchFolder.recipe(model) { _ in "Q4_K" }
        draft = try ModelDraft.gguf(recipe, model: model, importance: nil)
    }

    /// The recipe with another budget.
    private func recipe(
        budget: Int,
        converter: String?,
        hasImportance: Bool = false
    ) -> Recipe {
        recipe.changed {
            $0.limit = .bytes(budget)
            $0.converter = converter
            $0.importance = hasImportance ? .init(name: "i.gguf", digest: "fnv1a64:1") : nil
        }
    }

    @Test("a file keeps to a budget that it fills", arguments: ["plan", "llama-quantize", nil])
    func budget(converter: String?) {
        #expect(draft.keepsToBudget(of: recipe(budget: draft.byteCount, converter: converter)))
        #expect(!draft.keepsToBudget(of: recipe(budget: draft.byteCount - 1, converter: converter)))
        #expect(draft.keepsToBudget(of: recipe.changed { $0.limit = .impact(0) }))
    }

    @Test(
        "a plan for another converter leaves room for the record of its matrix, which this program's counts"
    )
    func roomForRecord() {
        for converter in ["llama-quantize", nil] {
            let most = draft.byteCount + ImportanceRecord.maximumByteCount
            let exact = recipe(budget: most, converter: converter, hasImportance: true)
            #expect(draft.keepsToBudget(of: exact))
            let less = recipe(budget: most - 1, converter: converter, hasImportance: true)
            #expect(!draft.keepsToBudget(of: less))
        }
        let own = recipe(budget: draft.byteCount, converter: "plan", hasImportance: true)
        #expect(draft.keepsToBudget(of: own))
    }

    @Test("no record of a matrix takes more of a header than is left for one")
    func longestRecord() throws {
        let recorded = try ModelDraft.gguf(recipe, model: model, importance: .longest)
        let byteCount = recorded.byteCount - draft.byteCount
        #expect((1...ImportanceRecord.maximumByteCount).contains(byteCount))
    }

    @Test(
        "a size is as planned where the recipe knows that of the file, and no record of a matrix is missing"
    )
    func plannedSize() {
        func planned(_ byteCount: Int, _ exact: Recipe.Size.Exactness, hasImportance: Bool = false) -> Recipe
        {
            recipe(budget: 0, converter: "plan", hasImportance: hasImportance).changed {
                $0.size.bytes = byteCount
                $0.size.exact = exact
            }
        }
        let (own, other) = (draft.byteCount, draft.byteCount - 32)
        #expect(draft.hasPlannedSize(of: planned(own, .file)))
        #expect(!draft.hasPlannedSize(of: planned(other, .file)))
        #expect(draft.hasPlannedSize(of: planned(other, .tensorData)))
        #expect(draft.hasPlannedSize(of: planned(other, .file, hasImportance: true)))
        #expect(draft.byteDifference(from: planned(other, .file)) == 32)
    }

    @Test("a model can be written where there are codecs for what is cast")
    func casts() throws {
        #expect(ModelWriter.casts(draft))
        try folder.convert(recipe, model, to: "q.gguf")
        let source = try Model.read(path: folder.path("q.gguf"))
        let again = try ScratchFolder.recipe(source) { _ in "Q8_0" }
        let recast = try ModelDraft.gguf(again, model: source, importance: nil)
        #expect(!ModelWriter.casts(recast))
        #expect(ModelWriter.casts(recast, allowsQuantizedSource: true))
        // What is copied needs none.
        let kept = try ModelDraft.gguf(
            ScratchFolder.recipe(source) { _ in "Q4_K" },
            model: source,
            importance: nil
        )
        #expect(ModelWriter.casts(kept))
    }
}
