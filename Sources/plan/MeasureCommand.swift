import ArgumentParser
import Foundation
import Recipes
import Reports
import Sensitivity
import Text

/// `plan measure CAPTURE… -o tables.json`: captured losses of a model become Tables 1, 2 and 3.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Turns captured losses of a model into sensitivity and impact tables.",
        usage: "plan measure [<options>] <captures> ... --output <file>",
        discussion: """
            A capture is a safetensors file with losses and mean squares of some samples. Examples/capture-states writes such \
            files from a model that runs in PyTorch: the states of a transformer of the FLUX family, or the outputs of the layers \
            of any model; of a language model, every tensor. Captures of outputs have two sizes of perturbation, which show with \
            what power the losses grow; their table has losses, with standard errors.

            Captures from several machines are merged, as long as no two have the same sample for the same value. --resume \
            continues the file that -o names: captures that are in it already are skipped, so the same command can be repeated \
            whenever there are more. Without --resume the file is made anew, which is refused where it has captures that are not \
            named. The result is a table for --impacts, with the ± for --robust.

            EXAMPLES
              plan measure capture-*.safetensors -o tables.json
              plan measure more/*.safetensors -o tables.json --resume
              plan measure capture-*.safetensors -o tables.json --markdown analysis.md
              plan --budget 9GB --impacts tables.json --robust 500
            """
    )

    @Argument(help: "The captures.")
    var captures: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the tables go, as JSON; - is standard output.", valueName: "file")
    )
    var output: Destination

    @OptionGroup
    var overwriting: OverwriteOptions

    @Flag(help: "Goes on with the tables that are in the output file, if there is one.")
    var resume = false

    @Option(
        help: ArgumentHelp(
            "Writes the tables as a page in Markdown as well; for captures of states, as those of outputs have no such page.",
            valueName: "file"
        )
    )
    var markdown: String?

    @Option(help: "How Tables 1 and 2 are shown.")
    var format = OutputFormat.text

    func validate() throws {
        if resume, output == .standardOutput {
            throw ValidationError("--resume needs a file to go on with; name it with -o")
        }
        if let markdown, Destination(argument: markdown) == .standardOutput {
            throw ValidationError("--markdown takes a file, as standard output has the tables")
        }
        if output == .standardOutput, format != .text {
            throw ValidationError(
                "-o - takes standard output for the tables; leave --format out or name a file"
            )
        }
    }

    func run() throws {
        try translatingErrors {
            var merge = try earlier()
            // What --resume goes on with is read and written by design.
            var outputs = OutputFiles(besides: captures, force: overwriting.force)
            let file = try outputs.claim(output, for: .measurement)
            let pageFile = try markdown.map { try outputs.claim($0, for: .analysis) }
            var known = 0
            for path in captures {
                let capture = try MeasuredCaptures.Capture(path: path)
                do {
                    if merge == nil {
                        merge = try MeasuredCaptures(capture)
                    } else if try merge?.add(capture) == false {
                        known += 1
                    }
                } catch SensitivityError.unusableMeasurement(let text) {
                    throw SensitivityError.badCapture(file: path, text)
                }
            }
            guard let merge else {
                throw Failure(code: Failure.usage, message: "there is no capture; name at least one")
            }
            if let file { try checkNothingIsLost(in: file.path, by: merge) }
            let page = try pageFile.map { _ in try self.page(of: merge) }
            let json = try merge.text()
            if known > 0 {
                Console.note(
                    "\(known) of \(captures.count.of("capture")) \(known == 1 ? "was" : "were") known already"
                )
            }
            if let page {
                try pageFile?.write(page, isAnswer: false)
            }
            guard let file else {
                return try Console.write(json, as: .json)
            }
            try file.write(json, isAnswer: true)
            if format == .text {
                try Console.print(
                    """
                    \(merge.model): \(merge.sampleCount) samples in \(merge.captureCount) captures, \(try content(of: merge))

                    """
                )
            }
            try Console.print(
                try rows(merge).rendered(as: format, style: .standardOutput),
                as: format.kind
            )
            if format == .text {
                try Console.print("\nTables  \(file.path)\n")
            }
        }
    }

    /// What is gone on with, if that is asked for and there is something.
    private func earlier() throws -> MeasuredCaptures? {
        guard resume, let path = output.path else { return nil }
        do {
            return try MeasuredCaptures(path: path)
        } catch {
            guard case .file(let file) = error, file.problem == .missing else {
                throw error
            }
            return nil
        }
    }

    /// Refuses to write over tables that hold captures which the new ones lack: what a run without them measured may be all there is.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - merge: What is going to be in it.
    /// - Throws: ``Failure`` for usage.
    private func checkNothingIsLost(in path: String, by merge: MeasuredCaptures) throws {
        // A pipe holds nothing yet; and what cannot be read is no table of captures.
        guard !overwriting.force, InputFile.byteCount(of: path) != nil,
            let earlier = try? MeasuredCaptures(path: path)
        else { return }
        let lost = earlier.captureCount(lackedBy: merge)
        guard lost > 0 else { return }
        throw Failure(
            code: Failure.usage,
            message: """
                \(ShellText.path(path)) has \(lost.of("capture")) that \(lost == 1 ? "is" : "are") not named here; add --resume to go on \
                with it, or --force to write over it, or name another file
                """
        )
    }

    /// The page in Markdown, which captures of states have.
    private func page(of merge: MeasuredCaptures) throws -> String {
        guard case .states(let merge) = merge else {
            throw Failure(
                code: Failure.usage,
                message:
                    "--markdown is a page about states, which captures of outputs do not have; leave it out"
            )
        }
        return try SensitivityAnalysisPage(merge.measurement.tables(named: merge.model)).markdown
    }

    /// What was measured, in words.
    private func content(of merge: MeasuredCaptures) throws -> String {
        switch merge {
        case .states(let merge):
            return
                "\(merge.measurement.shape.states.count.of("state")), \(merge.measurement.formats.count.of("format"))"
        case .outputs(let merge):
            let power =
                try merge.measurement.exponent()?.description
                ?? "the power 2 of the perturbation, which is assumed: capture two sizes"
            return """
                \(merge.measurement.layers.count.of("layer")), \(merge.measurement.formats.count.of("format"))
                Losses grow as \(power)
                """
        }
    }

    private func rows(_ merge: MeasuredCaptures) throws -> Table {
        switch merge {
        case .states(let merge): rows(try merge.measurement.tables(named: merge.model))
        case .outputs(let merge): rows(merge.measurement)
        }
    }

    private func rows(_ measurement: OutputMeasurement) -> Table {
        var table = Table(
            columns: [Table.Column("Layer", key: "layer")]
                + measurement.perturbations.map { size in
                    Table.Column("Loss at \(String(format: "%g", 100 * size)) %", .right, key: "loss\(size)")
                } + [
                    Table.Column("Mean square", .right, key: "meanSquare"),
                    Table.Column("Samples", .right, key: "samples"),
                ]
        )
        for layer in measurement.layers {
            let losses = measurement.meanLosses(of: layer)
            table.append(
                [Table.Cell(layer)] + losses.map(cell) + [
                    cell(measurement.meanSquare(of: layer)), .integer(measurement.sampleCount(of: layer)),
                ]
            )
        }
        return table
    }

    private func cell(_ value: Double?) -> Table.Cell {
        value.map { Table.Cell(String(format: "%.5g", $0), value: .number($0)) } ?? .empty
    }

    private func rows(_ tables: MeasuredTables) -> Table {
        var table = Table(columns: [
            Table.Column("Before", .right, key: "before"), Table.Column("Stream", key: "stream"),
            Table.Column("S", .right, key: "sensitivity"), Table.Column("±", .right, key: "spread"),
            Table.Column("Mean square", .right, key: "meanSquare"),
            Table.Column("S/sqrt(R)", .right, key: "relativeSensitivity"),
            Table.Column("Samples", .right, key: "samples"), Table.Column("Draws", .right, key: "draws"),
        ])
        for row in tables.rows {
            table.append([
                .integer(row.state.layer), Table.Cell(row.state.stream.rawValue), cell(row.sensitivity?.mean),
                row.drawCount > 1 ? cell(row.sensitivity?.spread) : .empty, cell(row.meanSquare),
                cell(row.relativeSensitivity),
                .integer(row.sampleCount), .integer(row.drawCount),
            ])
        }
        return table
    }
}
