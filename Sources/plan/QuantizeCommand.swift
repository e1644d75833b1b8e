import ArgumentParser
import BitAllocation
import Checkpoints
import Conversion
import Converters
import Estimation
import Foundation
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors
import Text

/// `plan quantize MODEL --budget 11GB -o OUT`: model in, file out.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Writes the quantized model: plans within a budget, or takes a recipe.",
        discussion: """
            MODEL is a GGUF file of any architecture, a diffusion model in safetensors, or the folder of a language model from \
            Hugging Face: a file, a folder, or an index of shards. The name of OUT says what is written. .gguf is a GGUF file. \
            .safetensors is a file for ComfyUI in scaled 8-bit floats, of a diffusion model or one of its text encoders. A name that \
            ends with /, or --converter mlx, is a folder for MLX, of a folder from Hugging Face only, with the tokenizer and every other file of \
            the model's folder, but not what is in folders and hidden files there. The bytes are those that llama-quantize writes for the same recipe and importance matrix; for MLX, \
            those of mlx.core.quantize. A GGUF file made of a GGUF file keeps its metadata; its tensors are \
            in the order in which llama-quantize writes them, those outside blocks first and then block by block, each by name.

            With --budget, --card, --device or --max-impact it plans first, with every option of plan solve. Without --impacts it \
            first estimates the table from the weights, as plan estimate does. With --recipe it writes a plan that was made \
            before, for any converter that makes such files.

            Every tensor is read again from the file and decoded. If the table was made from weights, the impact of the file is \
            computed again and compared with the plan's. OUT appears when it is whole and on the disk. Ctrl-C, a crash or a full \
            disk leave OUT.partial with the finished tensors; the same command with --resume goes on and makes the same bytes.

            --update OUT brings a finished file up to date with another recipe: tensors that it has in the planned format are kept, \
            and the others are cast. If the OUT.json of --record is there, OUT has to be the file that it describes, and a \
            tensor is kept if its weights and their importance are the same: the new file has the bytes of one that is written \
            anew. Without OUT.json, some rows of each tensor are cast again. If they match, the whole tensor is kept; damage in \
            its other rows may go unnoticed. Formats without a search, such as Q8_0, are cast anew then. The new file is made beside the old one, which needs the disk space of both, and \
            takes its place in one step when it is whole: whatever happens, OUT is the old file or the new one.

            With --record the file holds the SHA-256 of its recipe, under the key plan.recipe.sha256. OUT.json beside it holds the \
            file's own SHA-256, as sha256sum computes it, and what each tensor was cast from. A recipe that was planned with \
            --record is always written so.

            EXAMPLES
              plan quantize model.gguf --budget 40% -o model-40percent.gguf
              plan quantize m.gguf --budget 4.5bpw --imatrix i.gguf --rows 5% -o q.gguf
              plan quantize f.safetensors --budget 9GB --impacts flux1-dev-table3 -o f.gguf
              plan quantize f.safetensors --budget 60% --runtime comfyui -o q.safetensors
              plan quantize Llama-3.2-1B/ --budget 40% -o Llama-3.2-1B-mlx/
              plan quantize m.gguf --card 24GiB --reserve 2GiB --impacts i.csv -o q.gguf
              plan quantize model.gguf --recipe recipe.json -o mixed.gguf
              plan quantize m-00001-of-00002.gguf --recipe r.json -o q.gguf --keep-split
              plan quantize m.gguf --recipe r.json --imatrix i.gguf -o q.gguf --resume
              plan quantize m.gguf --budget 40% --gradients g.gguf -o q.gguf
              plan quantize m.gguf --budget 40% --importance ones -o q.gguf
              plan quantize m.gguf --device gpu=24GiB --device cpu=64GiB --impacts i.csv \\
                  -o q.gguf
              plan quantize model.gguf --recipe recipe.json --update mixed.gguf
              plan quantize m.gguf --budget 40% --impacts i.csv --record -o q.gguf
              plan quantize model.gguf --recipe recipe.json -o mixed.gguf --dry-run
              plan quantize m.gguf --budget 40% --pin 'output.*=Q8_0' --time-limit 9 \\
                  -o q.gguf
              plan quantize m.gguf --budget 9GB --impacts i.csv --robust 100 -o q.gguf
            """
    )

    @Argument(help: "The model: a GGUF or safetensors file, a folder, or an index of shards.")
    var model: String

    @Option(
        help: ArgumentHelp("Writes the plan of this recipe, instead of planning.", valueName: "recipe")
    )
    var recipe: String?

    @OptionGroup
    var limitOptions: LimitOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The file to write. A name that ends with / is a folder for MLX. If it is there already, add --force.",
            valueName: "file"
        )
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            """
            A finished file of the model to bring up to date: tensors that keep their format are taken over, those of simple formats \
            only if it was written with --record.
            """,
            valueName: "file"
        )
    )
    var update: String?

    @Option(
        help: ArgumentHelp(
            "The importance matrix of the model, as llama-imatrix writes it. The encoders use it, and the file records it.",
            valueName: "file"
        )
    )
    var imatrix: String?

    @Option(
        help: ArgumentHelp(
            """
            Squared gradients of the model, as Examples/capture-gradients writes them. Without --impacts the table is made with \
            them, in losses at the end of the model. The loss of the finished file is computed with them too.
            """,
            valueName: "file"
        )
    )
    var gradients: String?

    @Option(
        help: """
            The importance of the inputs for the encoders, in place of --imatrix: none, ones, or gradients (the columns of \
            --gradients). By default that of the table. Without a table: ones for the converter stable-diffusion.cpp, which \
            always takes ones, and none for every other.
            """
    )
    var importance: EstimateOptions.Importance?

    @Option(
        help: ArgumentHelp(
            "Where no table is given: the share of every tensor's rows that is measured, such as 5%.",
            valueName: "share"
        )
    )
    var rows = "100%"

    @Flag(help: "Goes on with the OUT.partial of an interrupted run.")
    var resume = false

    @Flag(help: "Says what would be written, and writes nothing.")
    var dryRun = false

    @OptionGroup(title: "CARD")
    var cardOptions: CardOptions

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @OptionGroup(title: "TABLE")
    var tableOptions: TableOptions

    @OptionGroup(title: "RESTRICTIONS")
    var constraintOptions: ConstraintOptions

    @OptionGroup(title: "SEARCH")
    var solverOptions: SolverOptions

    @OptionGroup(title: "ERROR BARS")
    var robustOptions: RobustOptions

    @OptionGroup
    var overwriting: OverwriteOptions

    func run() throws {
        try translatingErrors {
            let input = try readInput(to: checkUsage())
            var places = try claimPlaces(of: input)
            let earlier = try update.map {
                try EarlierFile(
                    Model.read(path: $0),
                    of: input.model,
                    origins: FileRecord.checkedOrigins(of: $0)
                )
            }
            let planned =
                try input.given.map { (recipe: $0, table: ImpactTable?.none) }
                ?? plan(input, places.outputs) { _ = try drafted($0, input, places.paths, earlier) }
            let recipe = planned.recipe
            let files = try drafted(recipe, input, places.paths, earlier)
            if places.areAllStanding, files.areWritten { return sayWhole(places, input) }
            for path in places.standing { try claim(path, of: input, &places.outputs) }
            try sayWhatDiffers(files, recipe, input)
            let description = try QuantizedFile(
                files.draft,
                recipe,
                of: input.model,
                importance: ImportanceChoice(files.importance),
                table: planned.table,
                path: places.words
            )
            guard !dryRun else {
                return try Console.show(
                    description.planned(hasImportance: files.importance.isGiven, earlier: earlier)
                )
            }
            try write(files, of: recipe, places, description, earlier)
        }
    }

    /// Refuses options that contradict each other, and gives the file that is written.
    private func checkUsage() throws -> String {
        var problem: String?
        let planning =
            limitOptions.arguments
            + cardOptions.arguments + deviceOptions.arguments + tableOptions.arguments
            + constraintOptions.arguments
            + solverOptions.given
            + robustOptions.given
        if recipe != nil, let option = planning.first(where: { !["--record", "--keep-split"].contains($0) }) {
            problem = "--recipe writes what was planned; leave \(option) out, or leave --recipe out to plan"
        } else if recipe == nil, limitOptions.arguments.isEmpty, cardOptions.card == nil,
            deviceOptions.device.isEmpty
        {
            problem = """
                give --budget, such as --budget 9GB, or --card, --device or --max-impact, or with --recipe a recipe that was planned \
                before
                """
        } else if tableOptions.converter?.lowercased() == ConverterChoice.nobody {
            problem = """
                --converter none is for a plan that no program in particular writes, and this writes one; leave --converter out, \
                or plan with plan solve
                """
        } else if let found = EstimateOptions.problem(importance, imatrix: imatrix, gradients: gradients) {
            problem = found
        } else if rows != "100%", recipe != nil || tableOptions.impacts != nil {
            problem =
                "--rows is for measuring the weights, which \(recipe != nil ? "--recipe" : "--impacts") makes needless; leave it out"
        } else if dryRun, recipe == nil, tableOptions.impacts == nil {
            problem = """
                --dry-run measures nothing; name an impact table with --impacts, which plan estimate makes of the weights, or a \
                recipe with --recipe
                """
        } else if (output == nil) == (update == nil) {
            problem =
                "name the file that is written with -o, or with --update a finished one that is brought up to date"
        } else if output.flatMap(Destination.init(argument:)) == .standardOutput {
            problem = "a model does not go to standard output; name a file with -o"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
        if recipe == nil { try request(tableOptions).checkUsage() }
        return output ?? update ?? ""
    }
}
