import Checkpoints
import Conversion
import Converters
import Text

extension QuantizeCommand {
    /// Where files and records go.
    struct Places {
        /// The files: one, or as many as the model has.
        let paths: [String]
        /// The records, one per file; none where none is kept.
        let records: [OutputFile]
        /// The files that an earlier run may have finished, which are claimed only when it is known that it did not.
        let standing: [String]
        /// What is read and written.
        var outputs: OutputFiles

        /// The first file.
        var first: String { paths.first ?? "" }
        /// What is written, in words: the file, or the first one and how many others.
        var words: String { paths.count < 2 ? first : "\(first) and \(paths.count - 1) more" }
        /// Whether each file may be finished.
        var areAllStanding: Bool { !standing.isEmpty && standing.count == paths.count }
    }

    /// Takes the places of what is written, before the work begins.
    func claimPlaces(of input: Input) throws -> Places {
        var outputs = OutputFiles(besides: readFiles(of: input), force: overwriting.force)
        let paths = try paths(
            input.container.place(input.output),
            input.model,
            input.container,
            isSplit: input.isSplit
        )
        let records = try paths.filter { _ in input.isRecorded }.map {
            try outputs.claim(FileRecord.path(of: $0), for: .fileRecord)
        }
        let standing = paths.filter { mayBeFinished($0, input.model) }
        for path in paths where !standing.contains(path) { try claim(path, of: input, &outputs) }
        return Places(paths: paths, records: records, standing: standing, outputs: outputs)
    }

    /// Every file that is read.
    func readFiles(of input: Input) -> [String?] {
        [model, recipe, imatrix, gradients, tableOptions.impacts, tableOptions.grouping]
            + input.model.readFiles + constraintOptions.files + cardOptions.beside
    }

    /// Takes the place of a file or a folder, and of what it is while it is not finished.
    func claim(_ path: String, of input: Input, _ outputs: inout OutputFiles) throws {
        // What an earlier run put in its place without coming to its end is looked at, and not written to.
        let isPlaced = resume && ModelWriter.isPlaced(path)
        guard input.container != .folder else {
            return try OutputFolder.claim(
                path,
                besides: readFiles(of: input),
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

    /// Whether what stands where the result goes may be the result, so that a run that is started again is at its end.
    ///
    /// That is seen by what would be written, which has to be planned first; where weights would have to be measured for that, it
    /// is refused at once.
    func mayBeFinished(_ path: String, _ model: Model) -> Bool {
        guard resume, !overwriting.force, update == nil, !ModelWriter.isPlaced(path),
            FileIdentity(of: path)?.isThere == true
        else { return false }
        return recipe != nil || tableOptions.impacts != nil
            || InputFile.exists("\(model.name)-errors.jsonl")
    }

    /// The files that are written: one, or as many as the model has.
    func paths(
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
}
