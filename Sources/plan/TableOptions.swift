import ArgumentParser
import BitAllocation
import Sensitivity
import Tensors

/// Which table, which formats, which converter a plan is made for.
struct TableOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The impact table: a file, whose shapes plan impacts --help shows, or flux1-dev-table3, which is built in.",
            valueName: "file"
        )
    )
    var impacts: String?

    @Option(
        help: ArgumentHelp(
            """
            How tensors make up layers: \(LayerGrouping.builtIns.map(\.name).joined(separator: ", ")), or a file of rules. \
            By default the one that has the table's layers.
            """,
            valueName: "grouping"
        )
    )
    var grouping: String?

    @OptionGroup
    var naming: NamingOptions

    @Option(
        help: ArgumentHelp(
            "The smaller format of a table of mlx_lm.dynamic_quant, which does not name it.",
            valueName: "format"
        )
    )
    var lowFormat: String?

    @Option(
        help: ArgumentHelp(
            "The larger format of a table of mlx_lm.dynamic_quant, which does not name it either.",
            valueName: "format"
        )
    )
    var highFormat: String?

    @Option(
        help: ArgumentHelp(
            "The formats that may be used, separated by commas; the source format always may.",
            valueName: "list"
        )
    )
    var formats: String?

    @Option(
        help: ArgumentHelp(
            """
            The program that will make the file. The plan takes only formats that it writes, and one format for tensors that \
            it cannot tell apart. By default plan quantize, if it can write the plan as a GGUF file; plan score chooses by the files \
            it is given. none, which plan quantize does not take, is for no program in particular.
            """,
            valueName: "name"
        )
    )
    var converter: String?

    @Flag(
        help: """
            Accepts a model that is quantized already. New errors come on top of its own; no layer gets more bits than it has.
            """
    )
    var allowRequantize = false

    @Flag(
        help: """
            Leaves room in the file for the recipe's digest. plan quantize --record writes it there, and the file's own digest \
            into OUT.json.
            """
    )
    var record = false

    @Flag(
        help: """
            Leaves a GGUF model of several files split, and counts a header for each: OUT-00001-of-00003.gguf and so on.
            """
    )
    var keepSplit = false

    @Option(
        help: """
            How the impacts of layers combine: sum, rss (root of the sum of squares) or max (the worst layer). By default it \
            follows from the kind of the table's cells: rss for amplitudes, sum for losses and for cells of unknown kind.
            """
    )
    var combine: ImpactCombination?

    /// The options that shape a plan, as they were typed.
    var arguments: [String] {
        var arguments: [String] = []
        if let impacts { arguments += ["--impacts", impacts] }
        if let grouping { arguments += ["--grouping", grouping] }
        arguments += naming.arguments
        if let lowFormat { arguments += ["--low-format", lowFormat] }
        if let highFormat { arguments += ["--high-format", highFormat] }
        if let formats { arguments += ["--formats", formats] }
        if let converter { arguments += ["--converter", converter] }
        if record { arguments.append("--record") }
        if keepSplit { arguments.append("--keep-split") }
        if allowRequantize { arguments.append("--allow-requantize") }
        if let combine { arguments += ["--combine", combine.rawValue] }
        return arguments
    }
}
