import Checkpoints
import Estimation
import Planning
import Reports
import Sensitivity
import Tensors
import Text

extension EstimateCommand {
    /// Writes the impact table and shows what is in it.
    ///
    /// - Parameters:
    ///   - estimates: The errors of all tensors.
    ///   - header: What they were measured with.
    ///   - input: The model, its layers, and the losses that complete the table.
    ///   - errors: The file of errors; nil where several were put together.
    ///   - place: Where the table goes.
    /// - Throws: What the modules throw.
    func finish(
        _ estimates: [String: TensorEstimate],
        header: EstimateHeader,
        of input: Input,
        errors: String?,
        at place: EstimatePlace
    ) throws {
        let (model, layers) = (input.model, input.layers)
        let scale = try impactOptions.scale(of: layers, header.gradients)
        let impacts = try impacts(of: estimates, header, input, scale)
        let csv = MarkedTable(try impacts.table(named: model.name + "-estimate")).text
        if output == .standardOutput {
            return try Console.write(csv, as: .data)
        }
        let path = try place.write(csv, isAnswer: true)
        impacts.noteForbidden()
        impacts.noteUnknown()
        // With losses, what is filled says itself where it comes from.
        if input.losses.isEmpty { scale.notePrior(layers, of: model) }
        impacts.noteUnweighted()
        try noteProfile(impacts)
        let report = EstimateReport(impacts)
        guard format == .text else {
            return try Console.print(try report.cells.rendered(as: format), as: format.kind)
        }
        let rows =
            estimates.values.contains { $0.measuredRows < $0.rowCount } ? "a sample of the rows" : "every row"
        try Console.show(
            """
            \(model.name): \(estimates.count.of("tensor")) in \(impacts.layers.count.of("layer")), \(rows) measured
            Impacts are \(impacts.meaning)


            """
        )
        let errorsLine = errors.map { "Errors   \($0)\n" } ?? ""
        try Console.print(
            report.formats.text(style: .standardOutput) + "\n" + errorsLine + "Impacts  \(path)\n"
                + nextLine(impacts, of: model, table: path)
        )
        try showBetter(impacts, header, input)
    }

    /// The impacts of errors, completed by losses where there are any.
    private func impacts(
        of estimates: [String: TensorEstimate],
        _ header: EstimateHeader,
        _ input: Input,
        _ scale: EstimatedImpacts.Scale
    ) throws -> EstimatedImpacts {
        let formats = header.formats.compactMap(QuantizationFormat.init(named:))
        if let rows = UnfitRows(input.layers.layers, formats: formats) {
            Console.note("\(rows.sentence); their cells are blank, and they take no such format")
        }
        if impactOptions.norm == .weighted, header.importance == nil {
            Console.note(
                "nothing was measured with an importance matrix, so --norm weighted counts all inputs alike"
            )
        }
        let isTextEncoder = input.model.isTextEncoder
        let impacts = try EstimatedImpacts(
            estimates,
            formats: header.formats,
            model: input.layers,
            scale: scale,
            norm: impactOptions.norm,
            importance: header.importance,
            isTextEncoder: isTextEncoder
        )
        guard !input.losses.isEmpty else { return impacts }
        let prior: RolePrior? = if case .prior(let byRole) = scale { byRole } else { nil }
        let completed = try impacts.completed(
            by: input.losses,
            model: input.layers,
            importance: header.importance,
            prior: prior,
            isTextEncoder: isTextEncoder
        )
        completed.completion.note(of: input.losses, layerCount: input.layers.layers.count, prior: prior)
        return completed.impacts
    }

    /// Says that there is a built-in profile for the layers, where there is one and none was chosen.
    private func noteProfile(_ impacts: EstimatedImpacts) throws {
        let builtIn = try SensitivityProfile.fluxDev
        guard impactOptions.isDefault,
            impacts.layers.allSatisfy({ builtIn.relativeSensitivity(afterLayerNamed: $0) != nil })
        else { return }
        Console.note(
            "the layers are those of FLUX.1-dev: --profile flux1-dev weighs them by how strongly its end answers to each"
        )
    }
}
