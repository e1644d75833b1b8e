import ArgumentParser
import BitAllocation
import Planning
import Checkpoints
import Recipes
import Reports
import Sensitivity
import Tensors
import Text

/// `plan impacts FILE`: reads an impact table and says what is odd about it.
struct ImpactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impacts",
        abstract: "Reads an impact table and lists every cell that is odd.",
        usage: "plan impacts [<options>] [<file>]",
        discussion: """
            Infinite and blank cells forbid their option. Two cells of a layer are inverted if the larger format has no less \
            impact than the smaller one. None of this is an error. Cells that are no impact (negative, NaN, text, there twice) \
            are errors, and all of them are named at once. Tables are recognised by their content. Without a file the built-in \
            table is read.

            SHAPES
              CSV, wide         # kind: amplitude
                                # unit: relative error
                                layer,Q4_1,Q8_0
                                layer00.img,0.46,0.05
              CSV, long         layer,format,impact
                                layer00.img,Q4_1,0.46
              Markdown          | layer | Q4_1 |, or a page of an analysis
              JSON, wide        {"kind": "loss", "layers": {"layer00.img": {"Q4_1": 0.46}}}
              JSON, long        [{"layer": "a", "format": "Q4_1", "impact": 0.46}]
              YAML              layer00.img: {Q4_1: 0.46, Q8_0: .inf}
              GGUF-Tool-Suite   QTYPE,blk.0.attn_q.weight
                                q4_0,0.51%
              mlx_lm            [["model.layers.0.mlp.up_proj", 0.012]]
                                with --low-format and --high-format
              exllamav2         {"measurement": {"model.layers.0.mlp": [
                                {"accuracy": 0.98, "total_bits": 8000}]}}
              exllamav3         {"base": {"bpw": 2.03}, "alts": [{"bpw": 4.02}],
                                "groups": [{"layers": ["a.q_proj", "a.k_proj"],
                                "candidates": [{"dkld": -0.003, "dbits": 800}]}]}

            A table may say what its cells are: amplitudes, which combine as rss, or losses, which add. CSV and YAML say it in \
            comments before the header, JSON in members; it may be left out. Results of other programs have the kind that \
            those programs measure.

            plan inspect MODEL --layers lists the layers that a table has to name.

            EXAMPLES
              plan impacts
              plan impacts sensitivity.md
              plan impacts table.csv --format json
              plan impacts casting-cost.yaml -o casting-cost.csv
              plan impacts table.csv --model model.gguf
              plan impacts table.csv --model model.gguf --rename model.= --ignore-case \\
                  --define IQ4_KS=136/256
            """
    )

    @Argument(help: "The table; without it, the table of FLUX.1-dev that is built in.")
    var file: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Writes the table as the project's own CSV; - is standard output.",
            valueName: "file"
        )
    )
    var output: Destination?

    @OptionGroup
    var overwriting: OverwriteOptions

    @Option(
        help: ArgumentHelp(
            "A model to hold the table's layers against: a built-in one or a file.",
            valueName: "model"
        )
    )
    var model: String?

    @Option(help: ArgumentHelp("How the model's tensors make up layers.", valueName: "grouping"))
    var grouping: String?

    @OptionGroup
    var naming: NamingOptions

    @Option(help: "The smaller format, for a table of mlx_lm.dynamic_quant, which does not name it.")
    var lowFormat: String?

    @Option(help: "The larger format, for a table of mlx_lm.dynamic_quant, which does not name it.")
    var highFormat: String?

    @Option(help: "How the findings are written.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            let model = try model.map { try Model.source(named: $0, plannedFor: nil) }
            var outputs = OutputFiles(
                besides: [file, self.model, grouping] + (model?.readFiles ?? []),
                force: overwriting.force
            )
            let output = try output.flatMap { try outputs.claim($0, for: .impactTable) }
            var table: ImpactTable
            var shape: ImpactTableShape?
            if let file, file != ModelOptions.builtInTable {
                let reading = try ImpactTableReader.read(
                    path: file,
                    for: model,
                    options: ImpactImportOptions(lowFormat: lowFormat, highFormat: highFormat)
                )
                table = reading.table
                shape = reading.shape
            } else {
                table = try ImpactTable.fluxDevTable3
            }
            for note in optionNotes(table, shape, model) { Console.note(note) }
            if let model { table = try naming.renaming(table, for: model, grouping: grouping) }
            if self.output == .standardOutput {
                return try Console.write(MarkedTable(table).text, as: .data)
            }
            try output?.write(MarkedTable(table).text, isAnswer: true)
            var findings = table.lint { QuantizationFormat(named: $0)?.bitsPerWeight }
            findings += table.lint(modelLayers: try modelLayers(of: model, for: table)) {
                QuantizationFormat(named: $0)?.isWeightFormat ?? false
            }
            // As a plan takes them where no rule is chosen.
            let odd = table.oddityNotes(combinedBy: table.defaultCombination)
            if format == .text {
                try Console.show(header(table, shape))
                for note in odd {
                    try Console.show("  \(note)\n")
                }
                for finding in findings {
                    try Console.show("  \(finding)\n")
                }
                let inverted = findings.count { if case .inverted = $0.kind { true } else { false } }
                let others = odd.count + findings.count - inverted
                try Console.print(
                    findings.isEmpty && odd.isEmpty
                        ? "Nothing is odd.\n"
                        : "\((inverted + others).of("finding")): \(inverted.of("inverted pair")), \(others.of("other")).\n"
                )
            } else {
                for note in odd { Console.note(note) }
                try Console.print(try rows(findings).rendered(as: format), as: format.kind)
            }
            try checkPlanning(model, table)
        }
    }

    /// What the user should know of options that change nothing.
    private func optionNotes(_ table: ImpactTable, _ shape: ImpactTableShape?, _ model: Model?) -> [String] {
        let importing = ImpactImportOptions(lowFormat: lowFormat, highFormat: highFormat)
        var rename = naming.renameNote(table)
        if model == nil, naming.rename != nil {
            rename = "--rename changes names to those of a model; name it with --model"
        }
        return [importing.needlessNote(shape), rename].compactMap(\.self)
            + naming.definitionNotes(table, model, besides: [])
    }

    /// Ends as a plan for the model would, where that would be refused.
    private func checkPlanning(_ model: Model?, _ table: ImpactTable) throws {
        guard let model else { return }
        let options = try ModelOptions.parse(
            ["--converter", ConverterChoice.nobody] + (grouping.map { ["--grouping", $0] } ?? [])
        )
        let input = PlanningInput(model: model, table: table, profile: nil)
        _ = try RestrictedTask(input, options.rules(input, ConstraintOptions.parse([])).rules)
    }

    /// The names of the layers of the model that is named, or the table's own where none is.
    private func modelLayers(of model: Model?, for table: ImpactTable) throws -> [String] {
        guard let model else { return table.layers }
        return try model.layers(for: table, grouping: grouping).layers.map(\.name)
    }

    private func header(_ table: ImpactTable, _ shape: ImpactTableShape?) -> String {
        let cells = table.cells.joined().count { $0.impact != nil }
        let origin = shape.map { "read as \($0)" } ?? "built in"
        return """
            \(table.name): \(origin), \(table.layers.count.of("layer")) × \(table.formats.count.of("format")) \
            (\(table.formats.joined(separator: ", "))), \(cells) impacts, digest \(table.digest)
            Cells are \(table.meaning), combined by \(table.defaultCombination.rawValue) unless chosen otherwise.

            """
    }

    private func rows(_ findings: [ImpactFinding]) -> Table {
        var table = Table(columns: [
            Table.Column("Layer", key: "layer"), Table.Column("Formats", key: "formats"),
            Table.Column("Finding", key: "finding"),
        ])
        for finding in findings {
            table.append([
                finding.layer.map { Table.Cell($0) } ?? .empty,
                Table.Cell(finding.formats.joined(separator: ", ")),
                Table.Cell(finding.description),
            ])
        }
        return table
    }
}
