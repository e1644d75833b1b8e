import Checkpoints
import Estimation
import Recipes
import TestSupport
import Testing

@testable import Conversion

@Suite struct ImportanceChoiceTests {
    private let folder: ScratchFolder
    private let recipe: Recipe

    init() throws {
        folder = try ScratchFolder()
        let path = try folder.write(ScratchFolder.languageModel(seed: 1).bytes, "m.gguf")
        recipe = try ScratchFolder.recipe(Model.read(path: path)) { _ in "Q4_K" }
    }

    @Test("what a file is made with is told from what its recipe was planned with")
    func sameness() throws {
        let none = try ImportanceChoice(EncoderImportance.none)
        let ones = try ImportanceChoice(.ones)
        #expect(none.words == "no importance of the inputs" && none.digest == nil && !none.isFile)
        #expect(ones.words == "an importance of ones" && ones.digest == "constant:1" && !ones.isFile)
        #expect(ImportanceChoice(plannedFor: recipe).isSame(as: none))

        let onesPlanned = recipe.changed { $0.impacts.encoderImportance = "ones" }
        #expect(ImportanceChoice(plannedFor: onesPlanned) == ones)

        let matrix = recipe.changed { $0.importance = .init(name: "i.gguf", digest: "fnv1a64:1") }
        let planned = ImportanceChoice(plannedFor: matrix)
        #expect(planned.words == #"the importance matrix "i.gguf""# && planned.isFile)
        #expect(!planned.isSame(as: none) && !planned.isSame(as: ones))
    }

    @Test("encoders take what the table was made with, and the usual where the recipe says nothing")
    func planned() throws {
        let ones = recipe.changed { $0.impacts.encoderImportance = "ones" }
        guard case .ones = try EncoderImportance.planned(ones, usual: .none),
            case .none = try EncoderImportance.planned(recipe, usual: .none),
            case .ones = try EncoderImportance.planned(recipe, usual: .ones)
        else {
            Issue.record("encoders take something else")
            return
        }
        let later = recipe.changed { $0.impacts.encoderImportance = "twos" }
        #expect(throws: ConversionError.unknownImportance("twos")) {
            try EncoderImportance.planned(later, usual: .none)
        }
    }

    @Test("a matrix of the gradients' columns is known by its name")
    func columns() {
        #expect(!recipe.takesGradientColumns)
        let columns = recipe.changed {
            $0.importance = .init(name: "g.gguf", digest: "fnv1a64:1")
            $0.impacts.gradients = .init(name: "g.gguf", digest: "fnv1a64:2")
        }
        #expect(columns.takesGradientColumns)
    }
}
