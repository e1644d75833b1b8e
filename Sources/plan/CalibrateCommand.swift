import ArgumentParser
import Calibration
import Checkpoints
import Estimation
import Reports
import Sensitivity
import Tensors
import Text

/// `plan calibrate MODEL`: what casting single layers costs the end of a model, measured with the user's own runtime.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measures what each layer costs the end of the model, with your own runtime.",
        discussion: """
            One layer at a time is cast to a format and back in a scratch copy of the model. Then a program is run on the copy \
            and says what this costs: llama-perplexity, by the Kullback-Leibler divergence from the original, or any command \
            that prints a loss. One format per layer is enough: plan estimate --losses completes the table.

            The copy has the model's size and is removed at the end. Each loss is appended to the file of losses at once. Ctrl-C \
            or a crash loses only the layer at work, and --resume goes on. The order brings what costs most first and every \
            kind of layer early, so the file makes a good table at any time. Arguments after -- go to llama-perplexity.

            EXAMPLES
              plan calibrate model-f16.gguf --text text.txt
              plan calibrate model-f16.gguf --text text.txt --budget-time 30min -- -ngl 99
              plan calibrate model-f16.gguf --text text.txt --chunks 16 --context 512 \\
                  --llama-perplexity build/bin/llama-perplexity
              plan calibrate model-f16.gguf --text text.txt --imatrix imatrix.gguf \\
                  --formats Q4_0,Q3_K
              plan calibrate model-f16.gguf --text text.txt --part 3/16 \\
                  --scratch /tmp/part-3
              plan calibrate model-f16.gguf --text text.txt --resume
              plan calibrate model.safetensors --run 'python3 score.py {}' \\
                  --loss 'loss ([0-9.e+-]+) ± ([0-9.e+-]+)' --unit '1 - cos'
              plan estimate model-f16.gguf --losses model-f16-losses.csv
            """
    )

    @Argument(
        help: "The model in F32, F16 or BF16: a GGUF or safetensors file, a folder, or an index of shards."
    )
    var model: String

    @OptionGroup(title: "WHAT MEASURES")
    var runtime: LossRuntimeOptions

    @OptionGroup(title: "WHAT IS MEASURED")
    var options: CalibrateOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The file of losses, which grows by a line per layer and format; by default MODEL-losses.csv in the current folder, or a name beside that where another model, or other settings, have it.",
            valueName: "file"
        )
    )
    var output: String?

    @Flag(help: "Goes on with the file of losses, if there is one.")
    var resume = false

    @Option(
        help: ArgumentHelp(
            "The folder for the copy of the model; by default MODEL-scratch in the current folder.",
            valueName: "folder"
        )
    )
    var scratch: String?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("Arguments of llama-perplexity.", visibility: .hidden)
    )
    var runtimeArguments: [String] = []

    func validate() throws {
        if let output, Destination(argument: output) == .standardOutput {
            throw ValidationError("the file of losses grows while they are measured; name a file with -o")
        }
        if runtime.run != nil, !runtimeArguments.isEmpty {
            throw ValidationError("arguments after -- go to llama-perplexity; write them into --run")
        }
    }

    func run() throws {
        try translatingErrors {
            let model = try Model.source(named: model)
            // Grouping such a model would speak of its scales instead.
            if let packed = model.packedWeights.first { throw EstimationError.quantizedAlready(packed) }
            // The layers are those that plan estimate makes a table of; the copy is whole, as the runtime may want all of it.
            let planned = model.planned(for: nil)
            let layers = try LayeredModel.estimated(of: planned, groupingNamed: options.grouping)
            let part = try options.workPart()
            let task = try CalibrationTask(
                of: model,
                named: self.model,
                planned: planned,
                layers: layers,
                formats: options.chosenFormats(),
                runtime: runtime.runtime(arguments: runtimeArguments),
                importance: options.imatrix.map { try ImportanceMatrix(path: $0) },
                part: part
            )
            let names = MeasurementNames(of: model, header: task.header, resuming: resume)
            if output == nil { names.noteTaken("losses") }
            let losses = output ?? names.path
            var outputs = OutputFiles(
                besides: [self.model, options.imatrix, options.grouping, runtime.text] + model.readFiles,
                force: false
            )
            // What is there is gone on with, or refused; nothing is written over.
            _ = try outputs.claim(losses, for: .losses)
            // A scheduler ends a job by SIGTERM, a terminal that is closed by SIGHUP: the copy is to be taken away, and the program at
            // work to end.
            Interruption.listenToEveryEnd()
            let result = try Interruption.watch {
                let result = try task.measure(
                    into: losses,
                    scratchFolder: scratch ?? names.stem + WorkPart.nameEnding("scratch", of: part),
                    resuming: resume,
                    time: options.budgetTime
                )
                if result.ending != .interrupted { Interruption.answered() }
                return result
            }
            try report(result, of: task, in: losses, stem: output == nil ? names.stem : nil)
        }
    }

    /// Shows what was measured, and what comes next.
    ///
    /// - Parameters:
    ///   - result: What was measured.
    ///   - task: What was to be measured.
    ///   - output: The file of losses.
    ///   - stem: What the files of all parts begin with; nil where the user named the file.
    /// - Throws: ``Failure`` where there is nothing to make a table of.
    private func report(
        _ result: CalibrationRun.Result,
        of task: CalibrationTask,
        in output: String,
        stem: String?
    ) throws {
        let part = task.header.part
        for (format, cells) in Dictionary(grouping: result.impossible, by: \.format.name).sorted(by: {
            $0.key < $1.key
        }) {
            let first = cells.first.map { task.layers[$0.layer].name } ?? ""
            Console.note(
                "\(format) cannot hold the weights of \(cells.count.of("layer")), such as \(first), which were not measured"
            )
        }
        let count = "\(result.losses.count) of \(task.cells.count) losses"
        switch result.ending {
        case .finished: break
        case .timeIsUp:
            Console.note(
                """
                the time is up with \(count) measured; layers that were not are filled by kind of layer, and --resume goes on
                """
            )
        case .interrupted:
            throw Failure(
                code: Failure.interrupted,
                message:
                    "interrupted with \(count) measured, which are in \(output.quoted); go on with --resume"
            )
        }
        if !result.losses.isEmpty, result.losses.allSatisfy({ $0.loss == 0 }) {
            throw Failure(
                code: 1,
                message: """
                    all \(result.losses.count) losses are 0, in \(output.quoted): the command prints the same for every model, so \
                    no table can be made of them; let it read the path that stands for {}, measure on more text, or in formats of fewer bits
                    """
            )
        }
        let report = CalibrationReport(result.losses, layers: task.layers)
        let losses =
            part.map { part in
                stem.map { ShellText.path($0 + "-losses-") + "*-of-\(part.count).csv" }
                    ?? ShellText.path(output)
            } ?? ShellText.path(output)
        try Console.print(
            """
            \(task.model.name)\(part.map { ", part \($0)" } ?? ""): \(count) measured\(task.header.unit.map { ", \($0)" } ?? "")

            \(report.kinds.text(style: .standardOutput))
            Losses  \(output)
            Next    plan estimate \(ShellText.input(model, as: "--model")) --losses \(losses)\
            \(options.grouping.map { " --grouping \(ShellText.input($0, as: "--grouping"))" } ?? "")\
            \(options.imatrix.map { " --imatrix \(ShellText.input($0, as: "--imatrix"))" } ?? "")

            """
        )
    }
}
