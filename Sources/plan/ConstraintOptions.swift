import Text
import ArgumentParser
import BitAllocation
import Planning
import Recipes
import Sensitivity
import Tensors

/// What a plan has to keep to besides the budget.
struct ConstraintOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Layers that take a given format; the table needs no row for them; repeatable.",
            valueName: "glob=format"
        )
    )
    var pin: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Layers or tensors that stay as they are, or are cast to a given format; the table needs no row for them; repeatable.",
            valueName: "glob[=format]"
        )
    )
    var keep: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Layers that take at least as many bits per weight as the format has; repeatable.",
            valueName: "glob=format"
        )
    )
    var atLeast: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Layers that take at most as many bits per weight as the format has; repeatable.",
            valueName: "glob=format"
        )
    )
    var atMost: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Layers that share one format: all that have the same text in place of the *, as in blk.*.ffn_{gate,up}.weight; repeatable.",
            valueName: "glob"
        )
    )
    var tie: [String] = []

    @Option(help: ArgumentHelp("How many different formats the layers may take, at most.", valueName: "n"))
    var maxFormats: Int?

    @Option(
        help: ArgumentHelp(
            """
            How many times the source's cost the planned layers may have, at most; --costs says what each format costs. What \
            is kept out of the plan, as by --keep, does not count.
            """,
            valueName: "factor"
        )
    )
    var slowdown: Double?

    @Option(
        help: ArgumentHelp(
            "For --slowdown: a CSV file with the header format,cost, the cost of an element in each format.",
            valueName: "file"
        )
    )
    var costs: String?

    @Option(
        help: ArgumentHelp("A recipe: no layer may get fewer bits than it has there.", valueName: "recipe")
    )
    var nestedIn: String?

    func validate() throws {
        if let maxFormats, maxFormats < 1 {
            throw ValidationError("--max-formats takes a whole number of at least 1")
        }
        if let slowdown, !(slowdown >= 0 && slowdown.isFinite) {
            throw ValidationError("--slowdown takes a factor, such as 1.3")
        }
        if (slowdown == nil) != (costs == nil) {
            throw ValidationError(
                "--slowdown and --costs go together: the factor, and the file of costs it refers to"
            )
        }
    }

    /// The recipe of `--nested-in`, or nil where there is none.
    func nestedRecipe() throws -> Recipe? {
        try nestedIn.map { try RecipeReader.read(path: $0) }
    }

    /// The restrictions, in the order of the options; the second budget is ``secondBudget()``.
    ///
    /// - Parameter recipe: What ``nestedRecipe()`` gave.
    /// - Returns: The restrictions.
    /// - Throws: ``Failure`` for usage.
    func restrictions(nestedIn recipe: Recipe?) throws -> [Restriction] {
        var restrictions: [Restriction] = []
        for (option, rules) in [("--pin", pin), ("--at-least", atLeast), ("--at-most", atMost)] {
            for rule in rules {
                let (glob, format) = try Self.rule(rule, of: option)
                let kind: Restriction.Kind =
                    switch option {
                    case "--pin": .pin(glob, format)
                    case "--at-least": .atLeast(glob, format)
                    default: .atMost(glob, format)
                    }
                restrictions.append(Restriction(kind, description: "\(option) \(rule)"))
            }
        }
        for pattern in tie {
            restrictions.append(
                Restriction(.tie(try Self.glob(pattern, in: "--tie")), description: "--tie \(pattern)")
            )
        }
        if let nestedIn, let recipe {
            var formats: [String: QuantizationFormat] = [:]
            for kept in recipe.kept { formats[kept.tensor] = QuantizationFormat(named: kept.format) }
            // A layer goes before a tensor of its name.
            for layer in recipe.layers {
                guard let format = QuantizationFormat(named: layer.format) else {
                    throw Failure(
                        code: Failure.badData,
                        message: """
                            --nested-in \(nestedIn.visible) has \(layer.layer.quoted) in \(layer.format.visible), a format that is not \
                            known; say its size with --define
                            """
                    )
                }
                formats[layer.layer] = format
            }
            restrictions.append(Restriction(.nestedIn(formats), description: "--nested-in \(nestedIn)"))
        }
        if let maxFormats {
            restrictions.append(
                Restriction(.formatLimit(maxFormats), description: "--max-formats \(maxFormats)")
            )
        }
        return restrictions
    }

    /// The limit on a second cost, or nil where there is none.
    func secondBudget() throws -> PlanningRules.Slowdown? {
        guard let slowdown, let costs else { return nil }
        return PlanningRules.Slowdown(
            try FormatCosts.read(path: costs),
            factor: slowdown,
            description: "--slowdown \(slowdown.description)"
        )
    }

    /// What `--keep` names, with the formats where they are given.
    func kept() throws -> [PlanningRules.Keep] {
        try keep.map { rule in
            let description = "--keep \(rule)"
            guard rule.contains("=") else {
                return PlanningRules.Keep(try Self.glob(rule, in: "--keep"), description: description)
            }
            let (glob, format) = try Self.rule(rule, of: "--keep")
            return PlanningRules.Keep(glob, format: format, description: description)
        }
    }

    /// What the user should know about the recipe of `--nested-in`: that it was made on another table than this one.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, or nil where there is none.
    ///   - table: The table.
    /// - Returns: A sentence, or nil.
    static func note(onNestedIn recipe: Recipe?, _ table: ImpactTable) -> String? {
        guard let impacts = recipe?.impacts, impacts.digest != table.digest else { return nil }
        return """
            the recipe of --nested-in was planned on the table \(impacts.name.quoted), not on \(table.name.quoted); its \
            formats are held to all the same
            """
    }

    /// A rule such as `layer05.*=Q8_0`, split at its last equals sign.
    private static func rule(_ text: String, of option: String) throws -> (Glob, QuantizationFormat) {
        guard let equals = text.lastIndex(of: "=") else {
            throw Failure(
                code: Failure.usage,
                message: "\(option) takes a pattern and a format, such as layer05.*=Q8_0, not \(text.quoted)"
            )
        }
        let name = String(text[text.index(after: equals)...])
        guard let format = QuantizationFormat(named: name), format.isWeightFormat else {
            throw Failure(
                code: Failure.usage,
                message: "\(option) \(text): \(QuantizationFormat.unknown(name))"
            )
        }
        return (try glob(String(text[..<equals]), in: option), format)
    }

    private static func glob(_ pattern: String, in option: String) throws -> Glob {
        do throws(TensorError) {
            return try Glob(pattern)
        } catch {
            throw Failure(code: Failure.usage, message: "\(option): \(error)")
        }
    }

    /// The files that the options name.
    var files: [String?] { [costs, nestedIn] }

    /// The options as they would be typed.
    var arguments: [String] {
        var arguments: [String] = []
        for (option, values) in [
            ("--keep", keep), ("--pin", pin), ("--at-least", atLeast), ("--at-most", atMost), ("--tie", tie),
        ] {
            for value in values {
                arguments += [option, value]
            }
        }
        if let maxFormats { arguments += ["--max-formats", "\(maxFormats)"] }
        if let slowdown { arguments += ["--slowdown", slowdown.description] }
        if let costs { arguments += ["--costs", costs] }
        if let nestedIn { arguments += ["--nested-in", nestedIn] }
        return arguments
    }
}
