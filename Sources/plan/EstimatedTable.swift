import Checkpoints
import Converters
import Estimation
import Foundation
import Planning
import Runtimes
import Sensitivity
import Tensors
import Text

/// The impact table that `plan quantize` makes of a model's weights where none is given.
struct EstimatedTable {
    /// A table of the same layers and formats in which every impact is 0, on which a plan that cannot be made is seen before
    /// anything is measured.
    let standIn: ImpactTable

    private let model: Model
    private let layers: LayeredModel
    private let run: EstimateRun
    private let scale: EstimatedImpacts.Scale
    private let outputs: OutputFiles

    /// Opens what is needed, and checks it before anything is measured.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - converter: The converter that the plan is made for, as it treats the model.
    ///   - options: The formats and the grouping.
    ///   - runtime: What the program that loads the file makes of the plan; nil where none is named.
    ///   - imatrix: The path of the importance matrix, if there is one.
    ///   - gradients: The path of squared gradients, if there are any.
    ///   - importance: What the encoders take for the importance of the inputs where there is no matrix.
    ///   - rows: The share of every tensor's rows that is measured, such as `5%`.
    ///   - outputs: What the command reads and writes.
    /// - Throws: As `plan estimate` does.
    init(
        of model: Model,
        for converter: any Converter,
        _ options: TableOptions,
        runtime: TargetRuntime?,
        imatrix: String?,
        gradients: String?,
        importance: EstimateOptions.Importance?,
        rows: String,
        _ outputs: OutputFiles
    ) throws {
        if let packed = model.packedWeights.first {
            throw Failure(
                code: Failure.badData,
                message:
                    "\(EstimationError.quantizedAlready(packed)), or name a table that was made of that with --impacts"
            )
        }
        try converter.check(model.tensors)
        var impactOptions = EstimatedImpactOptions()
        (impactOptions.profile, impactOptions.absolute, impactOptions.norm) = (nil, false, nil)
        (impactOptions.losses, impactOptions.prior) = ([], nil)
        impactOptions.grouping = options.grouping
        layers = try impactOptions.layers(of: model).keeping(
            where: converter.neverQuantizes,
            keptFormat: converter.keptFormat,
            sourceFormat: model.sourceFormat
        )
        var measuring = EstimateOptions()
        measuring.runtime = nil
        let decoder = runtime ?? converter.usualRuntime(for: model)
        let formats = EstimateSettings.usualFormats(
            for: model,
            layers: layers,
            madeBy: converter,
            runtime: decoder,
            hasImportance: imatrix != nil || importance == .ones || importance == .gradients
        )
        if options.formats == nil, formats.isEmpty {
            throw EstimateOptions.nothingSmaller(
                decoder.map(EstimateOptions.decodesNone) ?? "the converter \(converter.name) makes no format",
                model
            )
        }
        measuring.formats = options.formats ?? formats.map(\.name).joined(separator: ",")
        (measuring.imatrix, measuring.rows, measuring.seed, measuring.part) = (imatrix, rows, 1, nil)
        (measuring.gradients, measuring.importance) = (gradients, importance)
        let listed = try options.formats.map(QuantizationFormat.list) ?? []
        if let refused = listed.first(where: { !converter.accepts($0) }) {
            throw PlanningError.formatRefused(refused.name, converter: converter.name)
        }
        run = try EstimateRun(model, layers: layers, options: measuring, anchors: [])
        scale = try impactOptions.scale(of: layers, run.header.gradients)
        standIn = try EstimatedImpacts.check(
            layers,
            formats: run.formats,
            scale: scale,
            importance: run.header.importance
        )
        (self.model, self.outputs) = (model, outputs)
    }

    /// Whether every row is measured, so that the table says nothing of how far its impacts may be off.
    var isOfAllRows: Bool { run.header.rowShare == 1 }

    /// Measures the weights, or goes on with what was measured before, and writes the table.
    ///
    /// - Returns: Where the table was written.
    /// - Throws: As `plan estimate` does.
    func measure() throws -> String {
        let names = MeasurementNames(of: model, header: run.header, resuming: false)
        var outputs = outputs
        _ = try outputs.claim(names.path, for: .errors)
        Console.note("no impact table is given: measuring the weights into \(names.path)")
        let estimates = try run.measure(
            into: names.path,
            resuming: InputFile.exists(names.path)
        )
        let impacts = try EstimatedImpacts(
            estimates,
            formats: run.header.formats,
            model: layers,
            scale: scale,
            importance: run.header.importance,
            isTextEncoder: model.isTextEncoder
        )
        impacts.noteUnknown()
        scale.notePrior(layers, of: model)
        let csv = MarkedTable(try impacts.table(named: model.name + "-estimate")).text
        let path = try EstimatePlace(stem: names.stem, table: nil, outputs: outputs)
            .write(csv, isAnswer: false)
        Console.note("the impact table goes to \(path)")
        return path
    }
}
