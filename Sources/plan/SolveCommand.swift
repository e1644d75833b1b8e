import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Foundation
import Planning
import Recipes
import Reports
import Runtimes
import Sensitivity
import Text

/// `plan --budget 9GB`: one plan, its recipe, and a summary.
struct SolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solve",
        abstract: "Plans within one budget and writes the recipe (the default subcommand).",
        discussion: """
            The recipe goes to plans/MODEL-BUDGET.json under the current folder unless -o names a file. There it replaces a \
            recipe that was written with the same options. A recipe that was written with others stays, and the new one gets a \
            similar name. A summary goes to standard output, or to standard error if the recipe goes to standard output.

            EXAMPLES
              plan --budget 9GB
              plan --budget 40% --formats Q4_1,Q8_0 -o small.json
              plan --budget 6.5bpw --combine max --format csv
              plan --budget 9GB --solver greedy -o - | jq .proof
              plan --budget 12GB --pin 'layer00.*=BF16' --at-most '*.x=Q8_0'
              plan --budget 9GB --at-least '*.img=Q5_1' --tie 'layer*.???'
              plan --budget 9GB --max-formats 3 --time-limit 60
              plan --budget 10GB --slowdown 1.3 --costs costs.csv
              plan --budget 12GB --nested-in plans/flux1-dev-9GB.json
              plan --budget 9GB --converter mixed-gguf-converter
              plan --budget 9GB --keep 'layer18.*' --keep 'img_in.*=F16'
              plan --budget 3GB --model m-Q8_0.gguf --impacts i.csv --allow-requantize
              plan --budget 9GB --rename model.= --ignore-case
              plan --budget 3GB --model m.gguf --impacts i.csv \\
                  --converter llama-quantize --imatrix i.gguf
              plan --budget 9GB --impacts t.csv --define IQ4_KS=136/256
              plan --budget 9GB --impacts blocks.csv --grouping 'flux blocks'
              plan --budget 30% --model Llama-3.2-1B/ --impacts s.json \\
                  --low-format MLX_A4_G64 --high-format MLX_A5_G64
              plan --max-impact 2.5
              plan --budget 9GB --robust 500
              plan --budget 9GB --robust 500 --choose robust --robust-table robust.csv
              plan --budget 9GB --robust 100 --seed 2 --choose robust
              plan --card 12GiB --runtime comfyui-gguf --resolution 1024x1024
              plan --budget 9GB --runtime comfyui-gguf
              plan --card 16GiB --reserve 0.5GiB --overhead 0.4GiB --margin 0.3GiB
              plan --model m.gguf --impacts i.csv --card 24GiB --context 32k --kv q8_0
              plan --model m.gguf --impacts i.csv --card 24GiB --sequences 2
              plan --model m.gguf --impacts i.csv --card 24GiB --beside mmproj.gguf
              plan --model m.gguf --impacts i.csv --device gpu=24GiB --device gpu1=12GiB
              plan --model m.gguf --impacts i.csv --device gpu=24GiB,936GB/s \\
                  --device cpu=64GiB,60GB/s --min-speed 12
            """
    )

    @OptionGroup
    var limitOptions: LimitOptions

    @OptionGroup
    var options: PlanningOptions

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @OptionGroup(title: "ERROR BARS")
    var robustOptions: RobustOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the recipe goes; - is standard output.", valueName: "file")
    )
    var output: Destination?

    @OptionGroup
    var overwriting: OverwriteOptions

    @Option(
        help:
            "What standard output shows: text (a summary), json (the recipe), csv or markdown (a row per layer)."
    )
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try checkUsage()
            let request = request
            let prepared = try request.prepared()
            var outputs = OutputFiles(
                besides: options.files(prepared),
                force: overwriting.force
            )
            let recipeFile = try output.flatMap { try outputs.claim($0, for: .recipe) }
            let tableFile = try robustOptions.robustTable.map { try outputs.claim($0, for: .impactTable) }
            let answer = try request.answer(
                prepared,
                table: tableFile,
                showsMixes: output == .standardOutput || format == .text
            )
            try write(answer, to: recipeFile, outputs)
            answer.sayHowItEnded()
        }
    }

    var request: PlanRequest {
        PlanRequest(
            limits: limitOptions,
            options: options,
            robust: robustOptions,
            devices: deviceOptions
        )
    }

    /// Checked here rather than while parsing, so that a word that is no command is named first.
    private func checkUsage() throws {
        try request.checkUsage()
        if output == .standardOutput, format == .csv || format == .markdown {
            throw Failure(
                code: Failure.usage,
                message: "-o - takes standard output for the recipe; leave --format out or name a file"
            )
        }
    }

    private func write(_ answer: PlanRequest.Answer, to file: OutputFile?, _ outputs: OutputFiles) throws {
        let (recipe, summary, robustness) = (answer.recipe, answer.summary, answer.robustness)
        let json = try recipe.jsonText()
        if output == .standardOutput {
            try Console.write(json, as: .json)
            Interruption.answered()
            let style = Console.errorStyle
            let width = style.width ?? Console.width
            Console.note(summary.text(width: width, style: style))
            if let robustness { Console.note(robustness.text(width: width, style: style)) }
            if let line = try answer.runLine(recipe.model.name + ".gguf") { Console.noteToPaste(line) }
            return
        }
        let path: String
        if let file {
            try file.write(json, isAnswer: true)
            path = file.path
        } else {
            path = try RecipePlace.write(
                json,
                of: recipe,
                limit: request.limitText,
                outputs,
                isAnswer: true
            )
        }
        switch format {
        case .text:
            try Console.print(summary.text(width: Console.width, style: .standardOutput))
            if let robustness {
                try Console.print("\n" + robustness.text(width: Console.width, style: .standardOutput))
            }
            try Console.print("\nRecipe  \(path)\n")
            let next = NextStep(recipe, at: path, of: answer.input.model, limit: request.limitText)
            let step =
                next.map { (line: $0.command, isSentence: $0.isSentence) }
                ?? NextStep.withoutFile(recipe, at: path, of: answer.input.model)
            if let step {
                // A command stays one line, to be copied.
                let text = "Next    \(step.line)\n"
                if step.isSentence { try Console.show(text) } else { try Console.print(text) }
            }
            if let line = try answer.runLine(next?.output ?? finishedName(besides: path)) {
                try Console.print(line + "\n")
            }
        case .json:
            try Console.print(json, as: .json)
            if let robustness {
                Console.note(robustness.text(width: Console.width, style: Console.errorStyle))
            }
        case .csv, .markdown:
            let layers = robustness?.layerTable() ?? summary.layerTable()
            try Console.print(try layers.rendered(as: format))
        }
    }

    /// A name for the finished file, as the recipe's is.
    private func finishedName(besides path: String) -> String {
        let name = FilePath(path).name
        return (name.hasSuffix(".json") ? String(name.dropLast(5)) : name) + ".gguf"
    }
}
