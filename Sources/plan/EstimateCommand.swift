import ArgumentParser
import Planning
import Checkpoints
import Converters
import Estimation
import Foundation
import Quantization
import Recipes
import Reports
import Runtimes
import Sensitivity
import Tensors
import Text

/// `plan estimate MODEL`: the errors that quantizing makes in a model's weights become an impact table.
struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Turns a model's weights alone into an impact table.",
        discussion: """
            Every tensor that a plan decides about is cast to every format and back, and the error of its output is measured: the \
            sum of (w - q)² over its weights, and the sum of E[x²]·(w - q)². The mean squares E[x²] of the inputs come from an \
            importance matrix of llama-imatrix (GGUF or .dat), which the encoders use too. The impact of a layer is the error of \
            its output divided by the output itself, both as root mean squares over all its tensors. In a model that reads \
            tokens, each tensor's share also counts by its role (query, value, ...), as measured on other networks; --prior none \
            turns that off. --absolute does not divide. --profile does not either, and multiplies the error by how strongly the \
            end of the model reacts to the layer. Impacts are amplitudes, and combine as rss.

            With --gradients the impact of a layer is the loss that it is expected to cost at the end of the model, such as a KL \
            divergence in nats per token: half the sum over its weights of (w - q)² times the mean squared gradient. Impacts are \
            then losses and combine as sum, so --max-impact is a loss as well. A layer that is missing from the gradients has a \
            blank row, and is kept as it is.

            Weights are read once, in pieces on all cores, from GGUF or safetensors in F32, F16, BF16 or float8. Formats that \
            are measured: \(Self.formatNames); for MLX those in 2, 3, 4, 5, 6 or 8 bits and groups of 32, 64 or 128, named as \
            MLX_A4_G64, and MLX_MXFP4, MLX_NVFP4 and MLX_MXFP8. \
            \(RowCodec.formats.filter(\.needsImportanceMatrix).map(\.name).joined(separator: ", ")) need an importance \
            matrix, without which llama.cpp does not encode them.

            Each finished tensor is appended to the file of errors. Ctrl-C or a crash loses only the tensor at work, and \
            --resume goes on. A large model may be measured in parts on many machines and put together with --merge.

            EXAMPLES
              plan estimate model.safetensors
              plan estimate model.gguf --imatrix imatrix.gguf --rows 5% -o impacts.csv
              plan estimate model.gguf --gradients gradients.gguf --imatrix imatrix.gguf
              plan estimate model.gguf --gradients gradients.gguf --importance gradients
              plan estimate flux1-dev.safetensors --profile flux1-dev
              plan estimate flux1-dev.safetensors --runtime comfyui
              plan estimate model.gguf --absolute --errors measured.jsonl
              plan estimate model.gguf --imatrix imatrix.gguf --norm weighted
              plan estimate model.gguf --losses model-losses.csv
              plan estimate model.gguf --prior none
              plan estimate model.gguf --resume
              plan estimate model.gguf --part 3/16
              plan estimate model.gguf --merge model-errors-*.jsonl -o impacts.csv
              plan --budget 40% --model model.gguf --impacts impacts.csv
            """
    )

    /// The formats but F32 and those of MLX.
    private static var formatNames: String {
        EstimateSettings.measurableFormats.filter { $0 != .f32 && !QuantizationFormat.mlx.contains($0) }.map(
            \.name
        )
        .joined(separator: ", ")
    }

    @Argument(help: "The model: a GGUF or safetensors file, a folder, or an index of shards.")
    var model: String

    @OptionGroup(title: "WHAT IS MEASURED")
    var measuring: EstimateOptions

    @OptionGroup(title: "FROM ERRORS TO IMPACTS")
    var impactOptions: EstimatedImpactOptions

    @Option(
        help: ArgumentHelp(
            "The file of errors, which grows by a line per tensor. By default MODEL-errors.jsonl in the current folder; if another model or other settings have that name, a similar one.",
            valueName: "file"
        )
    )
    var errors: String?

    @Flag(help: "Goes on with the file of errors, if there is one.")
    var resume = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Measures nothing, and makes the table from files of errors: those of all parts, or a single one again.",
            valueName: "file"
        )
    )
    var merge: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the impact table goes, as CSV; - is standard output. By default MODEL-impacts.csv, or a similar name if another table has that one.",
            valueName: "file"
        )
    )
    var output: Destination?

    @OptionGroup
    var overwriting: OverwriteOptions

    @Option(
        help:
            "What standard output shows: text (a line per format), json, csv or markdown (a row per layer and format)."
    )
    var format = OutputFormat.text

    func validate() throws {
        if !merge.isEmpty, resume || errors != nil || !measuring.isDefault {
            throw ValidationError(
                "--merge measures nothing: leave out --resume, --errors and the options of what is measured"
            )
        }
        if measuring.gradients != nil, !impactOptions.isDefault {
            throw ValidationError(
                """
                with --gradients impacts are losses at the end of the model: leave out --profile, --prior, --losses, \
                --absolute and --norm, or give them with --merge afterwards
                """
            )
        }
        if measuring.part != nil, output != nil || !impactOptions.isDefault {
            throw ValidationError(
                "a part of a model makes no impact table: leave out -o and the options that shape impacts, and give them with --merge"
            )
        }
        if output == .standardOutput, format != .text {
            throw ValidationError(
                "-o - takes standard output for the table; leave --format out or name a file"
            )
        }
    }

    func run() throws {
        try translatingErrors {
            let model = try Model.source(named: model, plannedFor: nil)
            // Grouping such a model would speak of its scales instead.
            if let packed = model.packedWeights.first { throw EstimationError.quantizedAlready(packed) }
            let layers = try impactOptions.layers(of: model)
            let kept = KeptLayers(layers, besides: layers.keptLayers, unfit: layers.unfitTensors)
            for note in [kept.note, kept.unfitNote].compactMap(\.self) { Console.note(note) }
            let part = try measuring.workPart()
            let losses = try impactOptions.losses.map { try LossTable(path: $0) }
            if !losses.isEmpty {
                let weights = try model.files.isEmpty ? nil : WeightData(of: model).sampleDigest()
                for table in losses { try table.check(modelDigest: model.digest, weightsDigest: weights) }
            }
            var outputs = OutputFiles(
                besides: merge + impactOptions.losses + [
                    self.model, measuring.imatrix, measuring.gradients, impactOptions.profile,
                    impactOptions.grouping,
                ]
                    + model.readFiles,
                force: overwriting.force
            )
            let table = try output.flatMap { try outputs.claim($0, for: .impactTable) }
            if !merge.isEmpty {
                let documents = try merge.map { try EstimateDocument(path: $0) }
                let place = EstimatePlace(stem: model.name, table: table, outputs: outputs)
                if let header = documents.first?.header { noteDifferences(of: losses, to: header) }
                return try putTogether(documents, model, layers, losses, place)
            }
            if let errors { _ = try outputs.claim(errors, for: .errors) }
            let run = try EstimateRun(
                model,
                layers: layers,
                options: measuring,
                anchors: losses.flatMap(\.formats)
            )
            if let importance = measuring.importance, importance != .none,
                run.formats.allSatisfy({ QuantizationFormat.mlx.contains($0) || $0.blockElements == 1 })
            {
                let formats = run.formats.map(\.name).joined(separator: ", ")
                Console.note(
                    """
                    --importance \(importance.rawValue) changes no cell, as no encoder of \(formats) looks at an importance of the inputs
                    """
                )
            }
            noteDifferences(of: losses, to: run.header)
            if part == nil {
                // What would only show after hours of measuring is looked for now.
                let scale = try impactOptions.scale(of: layers, run.header.gradients)
                try EstimatedImpacts.check(layers, formats: run.formats, scale: scale)
            }
            let names = MeasurementNames(of: model, header: run.header, resuming: resume)
            let errorsPath = errors ?? names.path
            if errors == nil {
                names.noteTaken("errors")
                _ = try outputs.claim(errorsPath, for: .errors)
            }
            let estimates = try run.measure(into: errorsPath, resuming: resume)
            if let part {
                return try Console.print(
                    """
                    \(model.name), part \(part): \(estimates.count.of("tensor")) measured
                    Errors  \(errorsPath)
                    Next    when every part is measured: plan estimate \(ShellText.input(self.model, as: "--model")) --merge \
                    \(errors == nil ? ShellText.path(names.stem + "-errors-") + "*-of-\(part.count).jsonl" : "with the errors of all")

                    """
                )
            }
            let place = EstimatePlace(stem: names.stem, table: table, outputs: outputs)
            try finish(estimates, header: run.header, model, layers, losses, errors: errorsPath, place)
        }
    }

    /// Says where losses were measured otherwise than they are completed, or than one another.
    ///
    /// - Parameters:
    ///   - losses: The losses.
    ///   - header: What the errors that complete them were measured with, now or before.
    private func noteDifferences(of losses: [LossTable], to header: EstimateHeader) {
        let own = header.importance.flatMap { $0.isFile ? $0.digest : nil }
        for table in losses {
            guard let words = table.comments["importance"] else { continue }
            let parts = words.split(separator: " ", maxSplits: 1)
            let found = words == "none" ? nil : parts.first.map(String.init)
            guard found != own else { continue }
            let matrix = parts.count == 2 ? ", \(parts[1])" : ""
            // What is merged was measured already, and takes no matrix.
            let remedy = merge.isEmpty ? "give it" : "measure the errors again"
            Console.note(
                found == nil
                    ? "\(table.path.quoted) was measured without an importance matrix, and is completed with one"
                    : """
                    \(table.path.quoted) was measured with an importance matrix\(matrix); \(remedy) with --imatrix, as the losses are \
                    completed by the errors of other casts without it
                    """
            )
        }
        let runtimes = Set(losses.compactMap { $0.comments["runtime"] })
        guard runtimes.count > 1 else { return }
        Console.note(
            "the losses were measured in \(runtimes.count) ways: \(runtimes.sorted().joined(separator: "; "))"
        )
    }

    /// Makes the table of files that were measured before.
    private func putTogether(
        _ documents: [EstimateDocument],
        _ model: Model,
        _ layers: LayeredModel,
        _ losses: [LossTable],
        _ place: EstimatePlace
    ) throws {
        guard let first = documents.first else { return }
        // An inventory has no weights that could be another fine-tune's.
        let weights = try model.files.isEmpty ? nil : WeightData(of: model).sampleDigest()
        try first.header.check(modelDigest: model.digest, weightsDigest: weights, path: first.path)
        for document in documents where document.isTorn {
            Console.note(
                "the last line of \(document.path) is cut off and left out; --resume measures its tensor again"
            )
        }
        try finish(
            try EstimateDocument.merged(documents),
            header: first.header,
            model,
            layers,
            losses,
            errors: nil,
            place
        )
    }

    /// Writes the impact table and shows what is in it.
    private func finish(
        _ estimates: [String: TensorEstimate],
        header: EstimateHeader,
        _ model: Model,
        _ layers: LayeredModel,
        _ losses: [LossTable],
        errors: String?,
        _ place: EstimatePlace
    ) throws {
        let formats = header.formats.compactMap(QuantizationFormat.init(named:))
        if let rows = UnfitRows(layers.layers, formats: formats) {
            Console.note("\(rows.sentence); their cells are blank, and they take no such format")
        }
        if impactOptions.norm == .weighted, header.importance == nil {
            Console.note(
                "nothing was measured with an importance matrix, so --norm weighted counts all inputs alike"
            )
        }
        let isTextEncoder = model.isTextEncoder
        let scale = try impactOptions.scale(of: layers, header.gradients)
        var impacts = try EstimatedImpacts(
            estimates,
            formats: header.formats,
            model: layers,
            scale: scale,
            norm: impactOptions.norm,
            importance: header.importance,
            isTextEncoder: isTextEncoder
        )
        if !losses.isEmpty {
            var prior: RolePrior?
            if case .prior(let byRole) = scale { prior = byRole }
            let completed = try impacts.completed(
                by: losses,
                model: layers,
                importance: header.importance,
                prior: prior,
                isTextEncoder: isTextEncoder
            )
            impacts = completed.impacts
            note(completed.completion, of: losses, layerCount: layers.layers.count, prior: prior)
        }
        let csv = MarkedTable(try impacts.table(named: model.name + "-estimate")).text
        if output == .standardOutput {
            return try Console.write(csv, as: .data)
        }
        let path = try place.write(csv, isAnswer: true)
        let report = EstimateReport(impacts)
        noteForbidden(impacts)
        impacts.noteUnknown()
        // With losses, what is filled says itself where it comes from.
        if losses.isEmpty { scale.notePrior(layers, of: model) }
        noteUnweighted(impacts)
        try noteProfile(impacts)
        guard format == .text else {
            return try Console.print(try report.cells.rendered(as: format), as: format.kind)
        }
        let isForLlama = Self.isForLlama(model, layers, formats: impacts.formats)
        let isForMLX = Self.isForMLX(model, formats: impacts.formats)
        let rows =
            estimates.values.contains { $0.measuredRows < $0.rowCount } ? "a sample of the rows" : "every row"
        try Console.show(
            """
            \(model.name): \(estimates.count.of("tensor")) in \(impacts.layers.count.of("layer")), \(rows) measured
            Impacts are \(impacts.meaning)


            """
        )
        // Commands stay in one line, so that they can be pasted.
        var text = report.formats.text(style: .standardOutput) + "\n"
        if let errors { text += "Errors   \(errors)\n" }
        text += """
            Impacts  \(path)
            Next     plan --budget \(try budget()) --model \(ShellText.input(self.model, as: "--model")) --impacts \(ShellText.path(path))\
            \(matrixArgument)\(impactOptions.groupingArgument)\(Self.keeping(impacts.unweightedLayers))\(try goal(isForMLX: isForMLX))

            """
        try Console.print(text)
        if impacts.meaning.kind == .amplitude, model.kind != .inventory {
            try Console.show(
                """
                Better   with losses at the end of the model, by the gradients of Examples/capture-gradients\
                \(isForLlama ? ", or by llama.cpp:" : ": plan estimate --gradients")

                """
            )
        }
        if isForLlama, impacts.meaning.kind == .amplitude {
            // Losses of casts that the file will have: those by the same matrix, of the same layers.
            try Console.print(
                """
                         plan calibrate \(ShellText.input(self.model, as: "--model")) --text text.txt\(calibrationMatrix(header))\
                \(impactOptions.groupingArgument)

                """
            )
        }
        // Losses by a matrix ask for it themselves.
        let hasMatrix = losses.contains { $0.comments["importance"].map { $0 != "none" } ?? false }
        if isForLlama, header.importance == nil, !hasMatrix {
            let how =
                losses.isEmpty
                ? "give it here and to plan quantize with --imatrix"
                : "calibrate again with --imatrix, and give it here and to plan quantize as well"
            try Console.show(
                """
                Better   with an importance matrix of llama-imatrix: \(how); it improves the file of any plan

                """
            )
        }
    }
}

extension EstimateCommand {
    /// Whether the model is a GGUF file of a language model, of which llama.cpp's programs measure losses and gather importance.
    private static func isForLlama(_ model: Model, _ layers: LayeredModel, formats: [String]) -> Bool {
        let converter = Converters.llamaCpp
        guard !model.metadata.isEmpty, model.tensors.contains(where: { $0.name.hasPrefix("blk.") }),
            (try? converter.check(model.tensors)) != nil
        else { return false }
        return layers.layers.contains { !$0.tensors.allSatisfy(converter.neverQuantizes) }
            && formats.contains { QuantizationFormat(named: $0).map(converter.accepts) ?? false }
    }

    /// The matrix as an argument of the plan, which then knows what the file says of it, to the byte.
    private var matrixArgument: String {
        measuring.imatrix.map { " --imatrix \(ShellText.input($0, as: "--imatrix"))" } ?? ""
    }

    /// The same of the calibration that would measure the same casts; of errors that are merged, the name is all that is known of it.
    private func calibrationMatrix(_ header: EstimateHeader) -> String {
        guard measuring.imatrix == nil, header.gradients == nil, let matrix = header.importance, matrix.isFile
        else { return matrixArgument }
        return " --imatrix \(ShellText.path(matrix.name))"
    }

    /// The options that say what the file is for, where the next plan would be for something else without them.
    private func goal(isForMLX: Bool) throws -> String {
        let runtime = try measuring.targetRuntime()
        let container: ModelContainer? = runtime == .comfyUI ? .safetensors : isForMLX ? .folder : nil
        return (container.map { " --converter \(Converters.usual(for: $0).name)" } ?? "")
            + (runtime.map { " --runtime \($0.rawValue)" } ?? "")
    }

    /// A budget that the next plan can keep: 8-bit floats are half of 16 bits.
    private func budget() throws -> String { try measuring.targetRuntime() == .comfyUI ? "60%" : "40%" }

    /// Whether the table is for MLX: it has formats that no other converter takes, and the model is one that MLX converts.
    private static func isForMLX(_ model: Model, formats: [String]) -> Bool {
        model.isLanguageModelFromHub
            && formats.contains {
                QuantizationFormat(named: $0).map(QuantizationFormat.mlx.contains) ?? false
            }
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

    /// Says what of a table of losses was not measured, and what is odd about what was.
    private func note(
        _ completion: LossCompletion,
        of losses: [LossTable],
        layerCount: Int,
        prior: RolePrior?
    ) {
        let filled = layerCount - completion.measuredLayerCount
        let byRole =
            prior.map { "; the less of a kind was measured, the more it counts by role, as in \($0.source)" }
            ?? ""
        if filled > 0 {
            Console.note(
                "\(filled) of \(layerCount.of("layer")) \(filled == 1 ? "has" : "have") no loss that says anything, and \(filled == 1 ? "is filled by its" : "are filled by their") kind\(byRole)"
            )
        }
        if !completion.silent.isEmpty {
            let formats = Set(completion.silent.map(\.format)).sorted().joined(separator: ", ")
            let count = completion.silent.count
            Console.note(
                """
                \(count == 1 ? "1 loss is" : "\(count) losses are") in \(formats), in which no error was measured, and so \
                \(count == 1 ? "says" : "say") nothing of other formats
                """
            )
        }
        if !completion.unknownKinds.isEmpty {
            let kinds = completion.unknownKinds
            Console.note(
                """
                of some kinds no layer was measured, and the others stand for them: \
                \(kinds.listed(quoted: false))
                """
            )
        }
        if completion.exactCount > 0 {
            let (has, are) =
                completion.exactCount == 1
                ? ("1 loss has", "is") : ("\(completion.exactCount) losses have", "are")
            Console.note(
                """
                \(has) no standard error and \(are) taken as exact, by --robust too; a fourth column, standardError, gives it
                """
            )
        }
        if completion.sureCount == 0 || completion.isMostlyNoise {
            let subject = completion.sureCount == 0 ? "none of the losses is" : "most of the losses are not"
            let its = completion.sureCount == 0 ? "its" : "their"
            // Their error is that of the text, and more of it helps little.
            let remedy =
                losses.contains { $0.mayHaveErrorsOfValues }
                ? """
                ; if its errors are those of a value of one model, such as a perplexity, and not of the difference, leave the column \
                standardError empty
                """ : "; measure on more text, or in a format of fewer bits"
            Console.note(
                """
                \(subject) three times \(its) standard error, so the table shows how large losses may be rather than how large \
                they are\(remedy)
                """
            )
        }
        if let first = completion.contradictions.first {
            let count = completion.contradictions.count
            Console.note(
                """
                the losses of \(count.of("layer")) contradict each other, such as those of \(first.layer): the loss in \(first.high) is \
                \(Figures.impact(first.factor)) times the one that follows from \(first.low) and the relative errors; look at the measurement
                """
            )
        }
        if let first = completion.negative.first {
            Console.note(
                """
                \(completion.negative.count == 1 ? "1 loss is below zero by more than its" : "\(completion.negative.count) losses are below zero by more than their") noise, such as that of \(first.layer), \
                \(first.loss); a loss says how much worse the model is, so look at the measurement
                """
            )
        }
    }

    /// Says which layers have no row, as the importance matrix knows nothing of their inputs.
    private func noteUnweighted(_ impacts: EstimatedImpacts) {
        let layers = impacts.unweightedLayers
        guard let matrix = impacts.meaning.importance, !layers.isEmpty else { return }
        let names = layers.listed(atMost: 10, quoted: false)
        let them = layers.count == 1 ? "it" : "them"
        Console.note(
            """
            \(matrix.name.visible) knows nothing of the inputs of \(layers.count.of("layer")), nor of any like \(them): \
            \(names); \(layers.count == 1 ? "it has" : "they have") no row, so a plan has to keep \(them) (--keep GLOB) or pin \
            \(them) (--pin GLOB=FORMAT); --norm unweighted counts every input the same
            """
        )
    }

    /// The options that keep layers without a row.
    private static func keeping(_ layers: [String]) -> String {
        layers.map { " --keep \(ShellText.word($0))" }.joined()
    }

    /// Says which formats cannot hold the weights of a layer.
    private func noteForbidden(_ impacts: EstimatedImpacts) {
        for (index, format) in impacts.formats.enumerated() {
            let layers = zip(impacts.layers, impacts.cells).filter {
                $1[index]?.impact.value.isInfinite ?? false
            }
            guard let first = layers.first else { continue }
            Console.note(
                """
                \(format) cannot hold the weights of \(layers.count.of("layer")), such as \(first.0), and is forbidden there
                """
            )
        }
    }
}
