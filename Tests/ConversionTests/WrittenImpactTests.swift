import Checkpoints
import Converters
import Estimation
import Foundation
import Recipes
import Sensitivity
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// The impact of a file, summed from its bytes, beside that of its plan.
@Suite struct WrittenImpactTests {
    /// A recipe with the impacts that an estimate of the model gives its layers.
    private func recipe(
        _ model: Model,
        _ formats: [QuantizationFormat],
        scale: EstimatedImpacts.Scale,
        norm: ErrorNorm
    ) throws -> Recipe {
        let settings = try EstimateSettings(formats: formats)
        let estimator = try TensorEstimator(of: model, settings: settings)
        let layers = try LayerGrouping.perTensor.grouped(model.tensors)
        var estimates: [String: TensorEstimate] = [:]
        for (index, tensor) in model.tensors.enumerated() where tensor.dimensionCount > 1 {
            estimates[tensor.name] = try estimator.estimate(index)
        }
        let impacts = try EstimatedImpacts(
            estimates,
            formats: formats.map(\.name),
            model: layers,
            scale: scale,
            norm: norm
        )
        let table = try impacts.table(named: "t")
        var number = 0
        let recipe = try ScratchFolder.recipe(model) { _ in
            number += 1
            return formats[number % formats.count].name
        }
        return recipe.withImpacts(of: table)
    }

    @Test(
        "a file of a plan by errors of weights has the plan's impact",
        arguments: [true, false],
        ErrorNorm.allCases
    )
    func isAsPlanned(isRelative: Bool, norm: ErrorNorm) throws {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 2).bytes, "m.gguf")
        )
        let recipe = try recipe(
            model,
            [.q4_0, .q8_0, .q5_K],
            scale: isRelative ? .relative : .amplitude,
            norm: norm
        )
        let written = try #require(try folder.convert(recipe, model, to: "q.gguf"))
        let impacts = try #require(written.impacts(of: recipe))
        #expect(impacts.count == recipe.layers.count)
        #expect(impacts.allSatisfy { $0.isAsPlanned && $0.written > 0 }, "\(impacts)")
        // A plan that says something else is found out.
        let wrong = recipe.changed { $0.layers[0].impact *= 1.001 }
        #expect(written.impacts(of: wrong)?.first?.isAsPlanned == false)
    }

    @Test("a file of a plan by gradients has the loss that was planned, rows that none reached included")
    func losses() throws {
        let folder = try ScratchFolder()
        let file = ScratchFolder.languageModel(seed: 4)
        let model = try Model.read(path: try folder.write(file.bytes, "m.gguf"))
        var vectors = GradientsBytes()
        for (index, tensor) in model.tensors.enumerated() where tensor.dimensionCount > 1 {
            vectors.add(
                tensor.name,
                rows: drawnWeights(tensor.outputCount, seed: index).enumerated().map {
                    $0.offset % 3 == 0 ? 0 : abs($0.element)
                },
                columns: drawnWeights(tensor.rowLength, seed: 9 + index).map(abs)
            )
        }
        let gradients = try SquaredGradients(path: try folder.write(vectors.bytes, "g.gguf"))
        let formats: [QuantizationFormat] = [.q4_0, .q8_0, .q5_K]
        let estimator = try TensorEstimator(
            of: model,
            settings: try EstimateSettings(formats: formats),
            gradients: gradients
        )
        let recipe = try ScratchFolder.recipe(model) { formats[$0.utf8.count % 3].name }.changed {
            for (index, layer) in $0.layers.enumerated() {
                let place = try #require(model.tensors.firstIndex { $0.name == layer.layer })
                let column = try #require(formats.firstIndex { $0.name == layer.format })
                let losses = try #require(try estimator.estimate(place)?.losses)
                $0.layers[index].impact = try #require(losses.errors[column]).value
            }
            $0.impacts = Recipe.TableReference(
                name: "t",
                digest: "",
                gradients: .init(name: "g.gguf", digest: try gradients.digest())
            )
        }
        func write(_ gradients: SquaredGradients?, _ name: String) throws -> WrittenModel? {
            let draft = try ModelDraft.gguf(recipe, model: model, importance: nil)
            return try ModelWriter(draft, of: model, gradients: gradients)
                .write(to: folder.path(name), resuming: false)
        }
        let impacts = try #require(try write(gradients, "q.gguf")?.impacts(of: recipe))
        #expect(impacts.count == recipe.layers.count)
        #expect(impacts.allSatisfy { $0.isAsPlanned && $0.written > 0 }, "\(impacts)")
        // Without them, and by others, nothing is summed.
        #expect(try write(nil, "none.gguf")?.impacts(of: recipe) == nil)
        let other = recipe.changed { $0.impacts.gradients?.digest = "fnv1a64:0" }
        #expect(try write(gradients, "other.gguf")?.impacts(of: other) == nil)
    }

    @Test("nothing is said of the impact where the table was measured otherwise")
    func otherTables() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 2).bytes, "m.gguf")
        )
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_0" }
        let written = try #require(try folder.convert(recipe, model, to: "q.gguf"))
        #expect(written.impacts(of: recipe) == nil)
    }
}
