import ArgumentParser
import Calibration
import Checkpoints
import Estimation
import Tensors

/// What runs the model, and what it says of it.
struct LossRuntimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The text on which llama-perplexity compares the changed model with the original: plain text of the kind that the model is used for.",
            valueName: "file"
        )
    )
    var text: String?

    @Option(
        help: ArgumentHelp(
            "The program llama-perplexity of llama.cpp, if it is not in the PATH.",
            valueName: "path"
        )
    )
    var llamaPerplexity: String?

    @Option(help: ArgumentHelp("The number of tokens in a chunk of the text.", valueName: "tokens"))
    var context: Int?

    @Option(
        help: ArgumentHelp(
            "How many chunks of the text are used. By default 8; with --budget-time, as many as the time allows.",
            valueName: "count"
        )
    )
    var chunks: Int?

    @Option(
        help: ArgumentHelp(
            "A command for the shell in place of llama-perplexity; {} stands for the model.",
            valueName: "command"
        )
    )
    var run: String?

    @Option(
        help: ArgumentHelp(
            """
            The regular expression that finds the loss in the output of --run. Its first group is the loss; its second, if \
            there is one, the standard error of its difference from the model as it is. Of an absolute value, such as a \
            perplexity, leave the second out. The last match counts.
            """,
            valueName: "regex"
        )
    )
    var loss: String?

    @Option(help: ArgumentHelp("The name and unit of the loss of --run.", valueName: "words"))
    var unit: String?

    func validate() throws {
        if run != nil {
            guard loss != nil else {
                throw ValidationError(
                    "--run needs --loss, the regular expression that finds the loss in its output"
                )
            }
            guard text == nil, llamaPerplexity == nil, context == nil, chunks == nil else {
                throw ValidationError(
                    "--run is a command of its own: leave out --text, --llama-perplexity, --context and --chunks"
                )
            }
        } else {
            guard text != nil else {
                throw ValidationError(
                    "name what measures the loss: --text FILE for llama-perplexity, or --run with --loss"
                )
            }
            guard loss == nil, unit == nil else {
                throw ValidationError("--loss and --unit belong to --run; llama-perplexity's are known")
            }
        }
        guard context ?? 8 >= 8, context ?? 8 <= 1 << 20 else {
            throw ValidationError("--context takes a number of tokens from 8 to 1048576")
        }
        guard chunks ?? 1 >= 1, chunks ?? 1 <= 1_000_000 else {
            throw ValidationError("--chunks takes a number from 1 to 1000000")
        }
    }

    /// What measures.
    ///
    /// - Parameter arguments: Further arguments of llama-perplexity.
    /// - Returns: llama-perplexity, or the command that is named.
    /// - Throws: `CalibrationError` for a command or an expression that is none.
    func runtime(arguments: [String]) throws(CalibrationError) -> LossRuntime {
        guard let text else {
            return .command(
                try LossCommand(shell: run ?? "", loss: try LossExpression(loss ?? "")),
                unit: unit
            )
        }
        return .llamaPerplexity(
            LlamaPerplexity(program: llamaPerplexity, text: text, context: context, arguments: arguments),
            chunks: chunks
        )
    }
}

/// What is measured, and how long.
struct CalibrateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The formats that layers are cast to, separated by commas. One is enough, and it hardly matters which. By default \
            Q4_0, and float8_e4m3fn for layers whose rows Q4_0 does not fit.
            """,
            valueName: "list"
        )
    )
    var formats: String?

    @Option(
        help: ArgumentHelp(
            "The importance matrix that the finished file will be made with: GGUF or .dat.",
            valueName: "file"
        )
    )
    var imatrix: String?

    @Option(help: LayerGrouping.estimatedHelp)
    var grouping: String?

    @Option(
        help: ArgumentHelp(
            "The time to spend, such as 30min or 2h. The amount of text follows from it, and the layers measured by then make a table.",
            valueName: "time"
        )
    )
    var budgetTime: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Measures one part of the layers: 3/16 is the third of sixteen parts.",
            valueName: "part"
        )
    )
    var part: String?

    /// The formats that are named, or the one that is taken otherwise.
    func chosenFormats() throws -> [QuantizationFormat] {
        try formats.map(QuantizationFormat.list) ?? [.q4_0]
    }

    /// The part that is named, or nil for the whole model.
    func workPart() throws -> WorkPart? {
        try part.map(WorkPart.init(parsing:))
    }
}
