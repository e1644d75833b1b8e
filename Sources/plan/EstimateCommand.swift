import ArgumentParser
import Checkpoints
import Estimation
import Planning
import Quantization
import Reports
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
            --resume goes on, and --force begins anew. A large model may be measured in parts on many machines and put together with --merge.

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
        if let errors, Destination(argument: errors) == .standardOutput {
            throw ValidationError(
                "the file of errors grows while they are measured; name a file with --errors"
            )
        }
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

    /// What is read before anything is measured or put together.
    struct Input {
        let model: Model
        let layers: LayeredModel
        let losses: [LossTable]
        /// The file of `--output`; nil where none is named.
        let table: OutputFile?
    }

    func run() throws {
        try translatingErrors {
            let model = try Model.source(named: model, plannedFor: nil)
            // Grouping such a model would speak of its scales instead.
            if let packed = model.packedWeights.first { throw EstimationError.quantizedAlready(packed) }
            let layers = try impactOptions.layers(of: model)
            let kept = KeptLayers(layers, besides: layers.keptLayers, unfit: layers.unfitTensors)
            for note in [kept.note, kept.unfitNote].compactMap(\.self) { Console.note(note) }
            // A part that cannot be is said before files are read.
            _ = try measuring.workPart()
            let losses = try impactOptions.losses.map { try LossTable(path: $0) }
            if !losses.isEmpty {
                let weights = try sampleDigest(of: model)
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
            let input = Input(model: model, layers: layers, losses: losses, table: table)
            if merge.isEmpty { try measure(input, outputs) } else { try putTogether(input, outputs) }
        }
    }

    /// The fingerprint of a model's weights; an inventory has none that could be another fine-tune's.
    private func sampleDigest(of model: Model) throws -> String? {
        try model.files.isEmpty ? nil : WeightData(of: model).sampleDigest()
    }

    /// Measures the weights, and makes the table, or tells a part's user what comes next.
    private func measure(_ input: Input, _ outputs: OutputFiles) throws {
        let (model, layers) = (input.model, input.layers)
        var outputs = outputs
        if let errors { _ = try outputs.claim(errors, for: .errors) }
        let run = try measuring.run(of: model, layers, with: input.losses.flatMap(\.formats))
        noteNeedlessImportance(run.formats)
        noteDifferences(of: input.losses, to: run.header)
        if run.header.part == nil {
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
        let estimates = try run.measure(into: errorsPath, resuming: resume, replacing: overwriting.force)
        if let part = run.header.part {
            return try Console.print(
                """
                \(model.name), part \(part): \(estimates.count.of("tensor")) measured
                Errors  \(errorsPath)
                Next    when every part is measured: plan estimate \(ShellText.input(self.model, as: "--model")) --merge \
                \(errors == nil ? ShellText.path(names.stem + "-errors-") + "*-of-\(part.count).jsonl" : "with the errors of all")

                """
            )
        }
        let place = EstimatePlace(stem: names.stem, table: input.table, outputs: outputs)
        try finish(estimates, header: run.header, of: input, errors: errorsPath, at: place)
    }

    /// Makes the table of files that were measured before.
    private func putTogether(_ input: Input, _ outputs: OutputFiles) throws {
        let documents = try merge.map { try EstimateDocument(path: $0) }
        guard let first = documents.first else { return }
        noteDifferences(of: input.losses, to: first.header)
        try first.header.check(
            modelDigest: input.model.digest,
            weightsDigest: sampleDigest(of: input.model),
            path: first.path
        )
        for document in documents where document.isTorn {
            Console.note(
                "the last line of \(document.path) is cut off and left out; --resume measures its tensor again"
            )
        }
        try finish(
            try EstimateDocument.merged(documents),
            header: first.header,
            of: input,
            errors: nil,
            at: EstimatePlace(stem: input.model.name, table: input.table, outputs: outputs)
        )
    }

    /// Says where an importance is asked for that no encoder of the formats looks at.
    private func noteNeedlessImportance(_ formats: [QuantizationFormat]) {
        guard let importance = measuring.importance, importance != .none,
            formats.allSatisfy({ QuantizationFormat.mlx.contains($0) || $0.blockElements == 1 })
        else { return }
        Console.note(
            """
            --importance \(importance.rawValue) changes no cell, as no encoder of \(formats.map(\.name).joined(separator: ", ")) looks \
            at an importance of the inputs
            """
        )
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
}
