import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Sensitivity
import Tensors
import TestSupport

@testable import Converters

/// Recipes made in code.
enum RecipeFixtures {
    /// A recipe that gives each layer of a model the format that is asked for.
    static func recipe(
        name: String = "tiny",
        tensors: [TensorInfo],
        grouping: LayerGrouping = .perTensor,
        format: (ModelLayer) -> String
    ) throws -> Recipe {
        let grouped = try grouping.grouped(tensors)
        return Recipe(
            generator: .init(version: "0.1.0", arguments: []),
            model: .init(name: name, parameters: 1, digest: ""),
            impacts: .init(name: "table", digest: ""),
            converter: nil,
            limit: .bytes(1),
            size: .init(bytes: 1, bitsPerWeight: 6.05, tensorData: 1, headerAndAlignment: 0, exact: .file),
            impact: .init(total: 0, combine: .sum),
            proof: .init(solver: .glpk, status: .optimal, objective: .impact, bound: 0, gap: 0),
            layers: grouped.recipeLayers(format),
            kept: grouped.recipeKept
        )
    }

    /// A recipe with formats drawn by lot from those a converter accepts and a layer's rows allow; layers that are tied
    /// draw together, and what the converter never quantizes stays in BF16.
    static func random(
        _ modelName: String,
        for converter: any Converter,
        seed: Int
    ) throws -> (model: Model, recipe: Recipe) {
        let model = try Model.builtIn(named: modelName)
        var generator = SeededGenerator(seed: seed)
        var drawn: [String: String] = [:]
        let recipe = try recipe(
            name: model.name,
            tensors: model.tensors,
            grouping: modelName.hasPrefix("flux") ? .flux : .perTensor
        ) { layer in
            if layer.tensors.contains(where: converter.neverQuantizes) { return "BF16" }
            let fitting = converter.formats.filter {
                layer.byteCount(in: $0.format) != nil && $0.format != .f16
                    && (!$0.isUntouched || $0.format == .bf16)
            }
            let format = fitting.randomElement(using: &generator)?.format.name ?? "BF16"
            let key = converter.tieKey(forLayer: layer.name)
            drawn[key] = drawn[key] ?? format
            return drawn[key] ?? format
        }
        return (model, recipe)
    }

    /// The plan of FLUX.1-dev at 9 GB with three formats, which the table of the seed gives.
    static func fluxNineGigabytes() throws -> (model: Model, recipe: Recipe) {
        let model = try Model.builtIn(named: "flux1-dev")
        let table = try ImpactTable.fluxDevTable3
        let task = try PlanningTask(
            model: try LayerGrouping.flux.grouped(model.tensors),
            impacts: table,
            formats: [.q4_1, .q5_1, .q8_0],
            layout: GGUFHeader.flux().layout(for: model.tensors),
            budget: 9_000_000_000
        )
        let recipe = Recipe(
            try Allocator().plan(for: task.problem),
            for: task,
            generator: .init(version: "0.1.0", arguments: []),
            model: .init(name: model.name, parameters: model.parameters, digest: model.digest),
            impacts: .init(name: table.name, digest: table.digest)
        )
        return (model, recipe)
    }

    /// The text of the one file that a converter writes.
    static func text(_ converter: any Converter, _ recipe: Recipe, _ tensors: [TensorInfo]) throws -> String {
        let files = try converter.files(for: recipe, model: tensors)
        return String(decoding: files.first?.bytes ?? [], as: UTF8.self)
    }

    /// The canonical name of the format that the recipe plans for each planned tensor.
    static func planned(_ recipe: Recipe) -> [String: String] {
        var planned: [String: String] = [:]
        for layer in recipe.layers {
            for tensor in layer.tensors { planned[tensor] = layer.format }
        }
        return planned
    }
}
