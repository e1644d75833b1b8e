import ArgumentParser
import BitAllocation
import Checkpoints
import Recipes
import Sensitivity
import Tensors

/// Which model, which table, which formats: what several subcommands share.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The model: the name of a built-in one (\(Model.builtInNames.joined(separator: ", "))) or a file.",
            valueName: "model"
        )
    )
    var model = "flux1-dev"

    @Option(
        help: ArgumentHelp(
            "The impact table: a CSV or Markdown file, or flux1-dev-table3, which is built in.",
            valueName: "file"
        )
    )
    var impacts: String?

    @Option(
        help: ArgumentHelp(
            "The formats that may be used, separated by commas; the source format always may.",
            valueName: "list"
        )
    )
    var formats: String?

    @Option(
        help:
            "How the impacts of layers combine: sum, rss (root of the sum of squares) or max (the worst layer)."
    )
    var combine = ImpactCombination.sum

    /// The name of the built-in table.
    static let builtInTable = "flux1-dev-table3"

    /// The model and table that the options name.
    struct Input {
        var model: Model
        var table: ImpactTable
    }

    /// Reads the model and the table.
    func input() throws -> Input {
        try translatingErrors {
            let model = try readModel()
            return Input(model: model, table: try readTable(for: model))
        }
    }

    /// Joins model and table into a task whose budget is still to be set.
    func task(_ input: Input) throws -> PlanningTask {
        try translatingErrors {
            let table = input.table
            let allowed = try allowedFormats()
            var mismatch: (any Error)?
            // A table may name the blocks of a diffusion transformer or single tensors; the grouping it fits is taken.
            for grouping in [LayerGrouping.flux, .perTensor] {
                do {
                    return try PlanningTask(
                        model: try grouping.grouped(input.model.tensors),
                        impacts: table,
                        formats: allowed,
                        layout: GGUFHeader.flux().layout(for: input.model.tensors),
                        budget: 0,
                        combination: combine
                    )
                } catch TensorError.uncoveredTensors(let names, let grouping) {
                    mismatch = mismatch ?? TensorError.uncoveredTensors(names, grouping: grouping)
                } catch let error as AllocationError {
                    switch error {
                    case .layersWithoutTensors, .layersWithoutImpacts:
                        // The grouping that covers the model explains a mismatch best.
                        if mismatch == nil || mismatch is TensorError { mismatch = error }
                    default: throw error
                    }
                }
            }
            throw mismatch ?? AllocationError.invalidProblem("the model and the table do not fit together")
        }
    }

    private func readModel() throws -> Model {
        if Model.builtInNames.contains(model) {
            return try Model.builtIn(named: model)
        }
        do {
            return try InventoryReader.read(path: model)
        } catch CheckpointError.noSuchFile(let path) {
            let known = Model.builtInNames.joined(separator: ", ")
            throw Failure(
                code: Failure.noInput,
                message:
                    "there is no model file at '\(path)', nor is it the name of a built-in model (\(known))"
            )
        }
    }

    private func readTable(for model: Model) throws -> ImpactTable {
        guard let impacts else {
            guard model.name == Model.builtInNames.first else {
                throw Failure(
                    code: Failure.usage,
                    message: "there is no built-in impact table for \(model.name); name one with --impacts"
                )
            }
            return try ImpactTable.fluxDevTable3
        }
        if impacts == Self.builtInTable {
            return try ImpactTable.fluxDevTable3
        }
        return try ImpactTableReader.read(path: impacts).table
    }

    private func allowedFormats() throws -> [QuantizationFormat]? {
        guard let formats else { return nil }
        return try formats.split(separator: ",", omittingEmptySubsequences: false).map { name in
            let trimmed = name.filter { !$0.isWhitespace }
            guard let format = QuantizationFormat(named: trimmed), format.isWeightFormat else {
                throw Failure(
                    code: Failure.usage,
                    message: "there is no format named '\(trimmed)'; plan formats lists them"
                )
            }
            return format
        }
    }

    /// The options that shape a plan, as they would be typed; defaults are left out.
    var arguments: [String] {
        var arguments: [String] = []
        if model != "flux1-dev" { arguments += ["--model", model] }
        if let impacts { arguments += ["--impacts", impacts] }
        if let formats { arguments += ["--formats", formats] }
        if combine != .sum { arguments += ["--combine", combine.rawValue] }
        return arguments
    }
}
