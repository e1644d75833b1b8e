import Checkpoints
import Conversion
import Converters
import Estimation
import Planning
import Recipes
import Text

extension QuantizeCommand {
    /// The files that a recipe makes of the model, laid out.
    func drafted(
        _ recipe: Recipe,
        _ input: Input,
        _ paths: [String],
        _ earlier: EarlierFile?
    ) throws -> ModelFiles {
        let importance = try encoderImportance(recipe, input)
        _ = try ModelContainer(recipe, path: input.output)
        let drafts = try input.container.drafts(
            recipe,
            model: input.model,
            importance: input.importance.matrix,
            isRecorded: input.isRecorded,
            isSplit: input.isSplit
        )
        return try ModelFiles(
            paths,
            drafts,
            of: input.model,
            importance: importance,
            gradients: input.gradients,
            earlier: earlier,
            allowsQuantizedSource: recipe.recorded.allowsQuantizedSource
        )
    }

    /// Says that an earlier run has finished what this one would write.
    func sayWhole(_ places: Places, _ input: Input) {
        let records = input.isRecorded ? places.paths.map(FileRecord.path) : []
        let missing = records.first { !InputFile.exists($0) }
        Console.note(
            """
            \(ShellText.path(places.first)) is whole: it has the size and the header that this writes, and nothing is \
            left to go on with
            """
                + (missing.map {
                    "; its record \(ShellText.path($0)) is gone, which --force makes anew with the file"
                } ?? "")
        )
    }

    /// Says where the model, the size or the importance is another than the one that was planned with.
    func sayWhatDiffers(
        _ files: ModelFiles,
        _ recipe: Recipe,
        _ input: Input
    ) throws {
        if input.given != nil {
            let sizes = RecipeSizes(recipe, tensors: input.model.tensors)
            if let note = try recipe.foreignModelNote(input.model, sizes, force: true) { Console.note(note) }
            let copied = CopiedLayers(
                recipe,
                of: input.model,
                by: Converters.usual(for: input.container)
            )
            if let note = copied.note { Console.note(note) }
        }
        if input.container == .folder {
            let folders = try ModelDraft.foldersLeft(of: input.model)
            if !folders.isEmpty {
                Console.note(
                    """
                    the folders in the model's folder are not copied: \(KeptLayers.list(folders)); copy those that the model needs, \
                    such as other chat templates
                    """
                )
            }
        }
        try check(files.draft, against: recipe, of: input.model, input.container)
        try noteImportance(recipe, files, input)
    }

    /// Writes the files and their records, and says what was written.
    func write(
        _ files: ModelFiles,
        of recipe: Recipe,
        _ places: Places,
        _ description: QuantizedFile,
        _ earlier: EarlierFile?
    ) throws {
        let records = places.records
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
                of: places.paths[index],
                recipe: recipe,
                origins: placed.origins(ofFile: index),
                to: record,
                isAnswer: index == records.count - 1
            )
        }
        placed.removeJournals()
    }

    /// Refuses a file that is larger than what was planned allows, and says where its size is another.
    func check(
        _ draft: ModelDraft,
        against recipe: Recipe,
        of model: Model,
        _ container: ModelContainer
    ) throws {
        let difference = draft.byteDifference(from: recipe)
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
            the file has \(abs(difference).of("byte")) \(difference > 0 ? "more" : "less") than the recipe says, in its header: \
            \(sizeReason(difference, recipe))
            """
        )
    }

    /// Why a file's header has another size than was planned.
    func sizeReason(_ difference: Int, _ recipe: Recipe) -> String {
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
}
