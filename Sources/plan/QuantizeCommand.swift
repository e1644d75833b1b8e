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
            the model. The bytes are those that llama-quantize writes for the same recipe and importance matrix; for MLX, \
            those of mlx.core.quantize. A GGUF file made of a GGUF file keeps its metadata and its order.

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
            let output = try checkUsage()
            let given = try recipe.map { try RecipeReader.read(path: $0) }
            let container = try ModelContainer(
                converter: given?.converter ?? tableOptions.converter,
                path: output,
                runtime: cardOptions.targetRuntime()
            )
            let isRecorded = tableOptions.record || given?.recorded.countsRecord ?? false
            let isSplit = tableOptions.keepSplit || given?.recorded.keepsSplit ?? false
            try container.check(isUpdated: update != nil, isRecorded: isRecorded)
            let model =
                try given.map { try Model.source(named: self.model, of: $0) }
                ?? Model.source(
                    named: self.model,
                    plannedFor: tableOptions.converter ?? Converters.usual(for: container).name,
                    isSaid: false
                )
            guard !model.files.isEmpty else { throw CheckpointError.noWeights(model: model.name) }
            if container == .folder { try ModelDraft.checkFolder(of: model) }
            // What the file cannot be made of is not measured and planned first.
            if container == .safetensors, model.kind != .safetensors {
                throw ConversionError.otherContainer(model: model.name)
            }
            let gradients = try self.gradients.map { try SquaredGradients(path: $0) }
            let expected = try expectedImportance(given?.converter ?? tableOptions.converter)
            let matrix =
                try imatrix.map { try ImportanceMatrix(path: $0) }
                ?? (importance == .gradients ? gradients?.columns : nil)
            let inputs =
                [self.model, recipe, imatrix, self.gradients, tableOptions.impacts, tableOptions.grouping]
                + model.readFiles + constraintOptions.files + cardOptions.beside
            var outputs = OutputFiles(besides: inputs, force: overwriting.force)
            let paths = try self.paths(container.place(output), model, container, isSplit: isSplit)
            let records = try paths.filter { _ in isRecorded }.map {
                try outputs.claim(FileRecord.path(of: $0), for: .fileRecord)
            }
            func claim(_ path: String) throws {
                // What an earlier run put in its place without coming to its end is looked at, and not written to.
                let isPlaced = resume && ModelWriter.isPlaced(path)
                guard container != .folder else {
                    return try OutputFolder.claim(
                        path,
                        besides: inputs,
                        &outputs,
                        force: overwriting.force || isPlaced
                    )
                }
                _ = try outputs.claim(path, for: update == nil && !isPlaced ? .model : .updatedModel)
                // A file that is in its place may have its unfinished name as well.
                for path in ModelWriter.workFiles(for: path).suffix(isPlaced ? 1 : 2) {
                    _ = try outputs.claim(path, for: .unfinishedModel)
                }
            }
            let standing = paths.filter { mayBeFinished($0, model) }
            for path in paths where !standing.contains(path) { try claim(path) }
            let earlier = try update.map {
                try EarlierFile(Model.read(path: $0), of: model, origins: FileRecord.checkedOrigins(of: $0))
            }
            func files(of recipe: Recipe) throws -> ModelFiles {
                let encoding = try encoderImportance(recipe, expected)
                _ = try ModelContainer(recipe, path: output)
                let drafts = try container.drafts(
                    recipe,
                    model: model,
                    importance: matrix,
                    isRecorded: isRecorded,
                    isSplit: isSplit
                )
                return try ModelFiles(
                    paths,
                    drafts,
                    of: model,
                    importance: matrix,
                    gradients: gradients,
                    countsInputsAlike: encoding == .ones,
                    earlier: earlier,
                    allowsQuantizedSource: recipe.recorded.allowsQuantizedSource
                )
            }
            let planned =
                try given.map { (recipe: $0, table: ImpactTable?.none) }
                ?? plan(model, container, matrix, expected, outputs) { _ = try files(of: $0) }
            let recipe = planned.recipe
            let files = try files(of: recipe)
            if !standing.isEmpty, standing.count == paths.count, files.areWritten {
                return Console.note(
                    """
                    \(ShellText.path(paths.first ?? output)) is whole: it has the size and the header that this writes, and nothing is \
                    left to go on with
                    """
                )
            }
            for path in standing { try claim(path) }
            if given != nil {
                let sizes = RecipeSizes(recipe, tensors: model.tensors)
                if let note = try recipe.foreignModelNote(model, sizes, force: true) { Console.note(note) }
            }
            try check(files.draft, against: recipe, of: model, container)
            let used = try usedImportance(files, matrix)
            try noteImportance(recipe, files, used)
            let description = QuantizedFile(
                files.draft,
                recipe,
                of: model,
                importance: used,
                table: planned.table,
                path: paths.first ?? output
            )
            guard !dryRun else {
                let hasImportance = matrix != nil || files.countsInputsAlike
                return try Console.show(description.planned(hasImportance: hasImportance, earlier: earlier))
            }
            let placed = try files.write(
                resume: resume,
                replacing: overwriting.force || update != nil,
                isAnswer: records.isEmpty
            )
            // Nothing is left to be gone on with, whatever ends the program from here on.
            if records.isEmpty { placed.removeJournals() }
            try Console.show(try description.text(placed.written, earlier: earlier))
            for (index, record) in records.enumerated() {
                try FileRecord.write(
                    of: paths[index],
                    recipe: recipe,
                    origins: placed.origins(ofFile: index),
                    to: record,
                    isAnswer: index == records.count - 1
                )
            }
            placed.removeJournals()
        }
    }

    /// Whether what stands where the result goes may be the result, so that a run that is started again is at its end.
    ///
    /// That is seen by what would be written, which has to be planned first; where weights would have to be measured for that, it
    /// is refused at once.
    private func mayBeFinished(_ path: String, _ model: Model) -> Bool {
        guard resume, !overwriting.force, update == nil, !ModelWriter.isPlaced(path),
            FileIdentity(of: path)?.isThere == true
        else { return false }
        return recipe != nil || tableOptions.impacts != nil
            || InputFile.exists("\(model.name)-errors.jsonl")
    }

    /// Refuses options that contradict each other, and gives the file that is written.
    private func checkUsage() throws -> String {
        var problem: String?
        let planning =
            limitOptions.arguments
            + cardOptions.arguments + deviceOptions.arguments + tableOptions.arguments
            + constraintOptions.arguments
            + solverOptions.arguments
            + robustOptions.arguments
        if recipe != nil, let option = planning.first(where: { !["--record", "--keep-split"].contains($0) }) {
            problem = "--recipe writes what was planned; leave \(option) out, or leave --recipe out to plan"
        } else if recipe == nil, limitOptions.arguments.isEmpty, cardOptions.card == nil,
            deviceOptions.device.isEmpty
        {
            problem = """
                give --budget, such as --budget 9GB, or --card, --device or --max-impact, or with --recipe a recipe that was planned \
                before
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

    // MARK: Importance

    /// What the encoders take for the importance of the inputs where there is no matrix, as far as that is known before a table is: what
    /// was typed, else what the converter's own take, so that the table and the file are as it would make them.
    private func expectedImportance(_ converter: String?) throws -> EstimateOptions.Importance? {
        guard importance == nil, imatrix == nil, let converter else { return importance }
        return try Converters.named(converter).countsInputsAlike ? .ones : nil
    }

    /// What they take by a recipe: what was typed, else what its table was made with.
    ///
    /// - Throws: ``Failure`` for something that this program does not know.
    private func encoderImportance(
        _ recipe: Recipe,
        _ expected: EstimateOptions.Importance?
    ) throws -> EstimateOptions.Importance? {
        guard importance == nil, imatrix == nil, let planned = recipe.impacts.encoderImportance else {
            return expected
        }
        guard recipe.impacts.countsInputsAlike else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe's table was made with an importance of \(planned.quoted), which this program does not know; say with \
                    --importance what the encoders take
                    """
            )
        }
        return .ones
    }

    /// What the encoders look at, by its digest and in words.
    private func usedImportance(
        _ files: ModelFiles,
        _ matrix: ImportanceMatrix?
    ) throws -> (digest: String?, words: String) {
        if let matrix { return (try matrix.digest(), "the importance matrix \(matrix.path.quoted)") }
        guard files.countsInputsAlike else { return (nil, "no importance of the inputs") }
        return (ImportanceReference.ones.digest, "an importance of ones")
    }

    // MARK: Planning

    private func request(_ table: TableOptions, _ matrix: ImportanceMatrix? = nil) -> PlanRequest {
        var options = PlanningOptions()
        options.card = cardOptions
        options.model = ModelOptions()
        options.model.model = model
        options.model.imatrix = imatrix
        options.model.tableOptions = table
        options.constraints = constraintOptions
        options.solver = solverOptions
        return PlanRequest(
            limits: limitOptions,
            options: options,
            robust: robustOptions,
            importance: matrix.map { .matrix($0) } ?? (importance == .ones ? .ones : nil),
            devices: deviceOptions
        )
    }

    /// Plans, estimating the table first where none is given, and writes the recipe unless nothing is to be written.
    ///
    /// Before weights are measured, which may take hours, a plan on a table of zeros shows whether there can be one at all, and
    /// `check` whether a file can be made of it.
    private func plan(
        _ model: Model,
        _ container: ModelContainer,
        _ matrix: ImportanceMatrix?,
        _ encoding: EstimateOptions.Importance?,
        _ outputs: OutputFiles,
        check: (Recipe) throws -> Void
    ) throws -> (recipe: Recipe, table: ImpactTable?) {
        var outputs = outputs
        let tableFile = try robustOptions.robustTable.map { try outputs.claim($0, for: .impactTable) }
        var table = tableOptions
        try checkFolder()
        table.converter = table.converter ?? Converters.usual(for: container).name
        if table.impacts == nil {
            let converter = try Converters.named(table.converter ?? Converters.usual(for: container).name)
                .adapted(to: model, importance: matrix.map { .matrix($0) } ?? .none)
            do {
                let estimated = try EstimatedTable(
                    of: model,
                    for: converter,
                    table,
                    runtime: cardOptions.targetRuntime(),
                    imatrix: imatrix,
                    gradients: gradients,
                    importance: encoding,
                    rows: rows,
                    outputs
                )
                if robustOptions.robust != nil, estimated.isOfAllRows {
                    throw Failure(
                        code: Failure.usage,
                        message: """
                            --robust draws within standard errors, which a table of all rows does not have; measure a share of them \
                            with --rows, such as --rows 5%, or leave --robust out
                            """
                    )
                }
                if let recipe = try request(table, matrix).rehearsed(model, on: estimated.standIn) {
                    try check(recipe)
                }
                table.impacts = try estimated.measure()
            } catch EstimationError.unreadableType(_, let type) where tableOptions.allowRequantize {
                throw Failure(
                    code: Failure.badData,
                    message: """
                        weights in \(type) are not measured, as their values before quantizing are not known; name a table of the \
                        original model with --impacts
                        """
                )
            }
        }
        let request = request(table, matrix)
        let prepared = try request.prepared()
        let answer = try request.answer(
            prepared,
            table: dryRun ? nil : tableFile,
            showsMixes: true
        )
        try Console.print(answer.summary.text(width: Console.width, style: .standardOutput))
        if let robustness = answer.robustness {
            try Console.print("\n" + robustness.text(width: Console.width, style: .standardOutput))
        }
        answer.sayHowItEnded()
        guard !dryRun else {
            try Console.print("\n")
            return (answer.recipe, answer.input.table)
        }
        let path = try RecipePlace.write(
            try answer.recipe.jsonText(),
            of: answer.recipe,
            limit: request.limitText,
            outputs,
            isAnswer: false
        )
        try Console.print("\nRecipe  \(path)\n")
        if let line = try answer.runLine(output ?? update ?? "") { try Console.print(line + "\n") }
        return (answer.recipe, answer.input.table)
    }

    /// Refuses a current folder that the recipe and the table cannot be written to, before anything is measured or planned.
    private func checkFolder() throws {
        guard !dryRun else { return }
        let isThere = FileIdentity(of: RecipePlace.folder)?.isThere == true
        let places = tableOptions.impacts == nil || !isThere ? ["."] : []
        for place in places + (isThere ? [RecipePlace.folder] : [])
        where place.withSystemPath({ access($0, W_OK) }) != 0 {
            throw Failure(
                code: Failure.cannotWrite,
                message: """
                    the recipe, and the table where none is given, go to the current folder, which cannot be written to \
                    (\(SystemCall.reason)); run this in a folder that can, or plan elsewhere and name the recipe with --recipe
                    """
            )
        }
    }

    // MARK: Writing

    /// The files that are written: one, or as many as the model has.
    private func paths(
        _ output: String,
        _ model: Model,
        _ container: ModelContainer,
        isSplit: Bool
    ) throws -> [String] {
        guard isSplit else { return [output] }
        guard model.kind == .gguf, container == .gguf, model.files.count > 1 else {
            throw Failure(
                code: Failure.usage,
                message: tableOptions.keepSplit
                    ? "--keep-split is for GGUF models of several files, which this is not; leave it out"
                    : "the recipe was planned with --keep-split for a GGUF model of several files, which this is not; plan again without it"
            )
        }
        guard update == nil else {
            throw Failure(
                code: Failure.usage,
                message: tableOptions.keepSplit
                    ? "--update brings one file up to date; leave --keep-split out, or write anew with -o"
                    : """
                    --update brings one file up to date, and the recipe was planned with --keep-split for several; write them anew \
                    with -o
                    """
            )
        }
        return ModelFiles.paths(output, count: model.files.count)
    }

    /// Refuses a file that is larger than what was planned allows, and says where its size is another.
    private func check(
        _ draft: ModelDraft,
        against recipe: Recipe,
        of model: Model,
        _ container: ModelContainer
    ) throws {
        let difference = draft.byteCount - recipe.size.bytes
        let usual = Converters.usual(for: container).name
        if case .bytes(let budget) = recipe.limit, draft.byteCount > budget {
            throw Failure(
                code: Failure.badData,
                message: """
                    the file would have \(draft.byteCount) bytes, where the recipe's budget is \(budget), as \
                    \(sizeReason(difference, recipe)); plan again with \
                    \(recipe.converter == nil ? "--converter \(usual)" : "the options for the file that you want")
                    """
            )
        }
        guard difference != 0, recipe.size.exact == .file || recipe.converter == usual else {
            return
        }
        Console.note(
            """
            the file has \(abs(difference)) bytes \(difference > 0 ? "more" : "less") than the recipe says, in its header: \
            \(sizeReason(difference, recipe))
            """
        )
    }

    /// Why a file's header has another size than was planned.
    private func sizeReason(_ difference: Int, _ recipe: Recipe) -> String {
        if tableOptions.keepSplit, !recipe.recorded.keepsSplit {
            return
                "each of several files has one, and the plan counts one; --keep-split is an option of planning too"
        }
        let isOtherModel =
            recipe.converter == nil
            ? "the plan is for no converter's file"
            : "the model has other metadata than the one that was planned"
        guard difference > 0 else {
            guard recipe.importance != nil || recipe.size.exact != .file else { return isOtherModel }
            return imatrix == nil
                ? "no importance matrix is recorded, and the plan left room for it"
                : "the plan left room for the record of a matrix under any name; it is exact with --imatrix"
        }
        var reasons: [String] = []
        if imatrix != nil, recipe.importance == nil || recipe.importancePath != imatrix {
            reasons.append("the importance matrix")
        }
        if tableOptions.record, !recipe.recorded.countsRecord { reasons.append("the recipe") }
        return reasons.isEmpty
            ? isOtherModel : "it records \(reasons.joined(separator: " and ")), which the plan does not count"
    }

    /// Says where the importance is another than the one that was planned with, or the matrix does not know a tensor.
    private func noteImportance(
        _ recipe: Recipe,
        _ files: ModelFiles,
        _ used: (digest: String?, words: String)
    ) throws {
        let planned = recipe.plannedImportance
        if planned.digest != used.digest, let name = recipe.importance?.name {
            Console.note(
                imatrix == nil
                    ? """
                    the recipe was planned with the importance matrix \(name.quoted), which is not used: give it with \
                    --imatrix
                    """
                    : "the importance matrix is another than \(name.quoted), which the recipe was planned with"
            )
        } else if planned.digest != used.digest, planned.digest != nil {
            Console.note(
                "the recipe was planned with \(planned.words), and the file is made with \(used.words)"
            )
        }
        let unweighted = try files.unweightedTensors()
        guard !unweighted.isEmpty else { return }
        Console.note(
            """
            the importance matrix has nothing, or only zeros, for \(unweighted.count.of("tensor")), cast without it: \
            \(KeptLayers.list(unweighted))
            """
        )
    }
}
