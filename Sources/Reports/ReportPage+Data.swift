import BitAllocation
import Converters
import Text
import Planning
import Recipes
import Sensitivity
import Tensors

extension ReportPage {
    private static let solvers: [AllocationPlan.Solver] = [.glpk, .dominance, .greedy]

    /// What the page's script reads.
    ///
    /// - Throws: What writing the recipe of a plan on devices throws.
    var data: JSONValue {
        get throws {
            // The formats by the problem's indices, `nil` for a name that is none; looked up once for all layers.
            let known = task.problem.formatNames.map(QuantizationFormat.init(named:))
            return [
                "recipe": common,
                "solvers": .array(Self.solvers.map { .string($0.rawValue) }),
                "formats": formats,
                "formatNames": .array(task.problem.formatNames.map(JSONValue.string)),
                "modelArguments": .array(modelArguments.map(JSONValue.string)),
                "layers": .array(task.problem.layerNames.indices.map { layer($0, formats: known) }),
                "kept": .array(
                    task.model.kept.map {
                        [.string($0.tensor.name), .string($0.format.name), .integer($0.bytes)]
                    }
                ),
                "keptBytes": .integer(task.keptBytes),
                "fixedBytes": .integer(task.problem.fixedBytes),
                "ties": .array(task.problem.ties.map { .array($0.map(JSONValue.integer)) }),
                "formatLimit": task.problem.formatLimit.map(JSONValue.integer) ?? .null,
                "hasSecondBudget": .boolean(task.problem.secondBudget != nil),
                "isComplete": .boolean(coverage == .complete),
                "points": points,
                "knees": .array(knees.map(JSONValue.integer)),
                "compared": .array(
                    compared.map {
                        [
                            "kind": .string($0.kind.rawValue), "name": .string($0.name),
                            "bytes": .integer($0.comparableBytes),
                            "impact": .number($0.impact),
                            "keeps": .boolean($0.isAdmissible),
                            "exceptions": $0.exceptions.map(JSONValue.string) ?? .null,
                        ]
                    }
                ),
                "converters": .array(converters.map(reach)),
                "contexts": .array(
                    contexts.map {
                        [
                            "name": .string($0.name), "bytes": .integer($0.bytes),
                            "recipe": $0.recipe.map { Self.members(["generator", "budget"], of: $0) }
                                ?? .null,
                            "command": $0.command.map { .array($0.map(JSONValue.string)) } ?? .null,
                        ]
                    }
                ),
                "devices": try placement?.data(recipe) ?? .null,
                "expectation": expectation,
            ]
        }
    }

    /// The words for the loss that a plan is expected to have, and what of it is of layers that are kept; `null` where the table
    /// does not hold losses that add up.
    private var expectation: JSONValue {
        guard let words = TableLine(table, combination: task.problem.combination).expectationWords else {
            return .null
        }
        return [
            "limit": .number(words.limit),
            "within": .array(words.within.map(JSONValue.string)),
            "beyond": .array(words.beyond.map(JSONValue.string)),
            "kept": .number(task.keptCosts.reduce(0) { $0 + $1.impact }),
            "scope": .string(task.expectationScope),
        ]
    }

    /// The recipe of the first plan without its layers and what is kept, for the script to put each plan's own figures into.
    ///
    /// Texts have `=` before them, and numbers are texts with `#` before them, as JavaScript might spell a number otherwise.
    private var common: JSONValue {
        guard case .object(let members) = recipe.jsonValue else { return .null }
        return Self.spelled(
            .object(
                members.map {
                    ["layers", "kept"].contains($0.key) ? .init(key: $0.key, value: .array([])) : $0
                }
            )
        )
    }

    /// Some members of a recipe, spelled so.
    private static func members(_ names: Set<String>, of recipe: Recipe) -> JSONValue {
        guard case .object(let members) = recipe.jsonValue else { return .null }
        return spelled(.object(members.filter { names.contains($0.key) }))
    }

    private static func spelled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.map { .init(key: $0.key, value: spelled($0.value)) })
        case .array(let elements): .array(elements.map(spelled))
        case .string(let text): .string("=" + text)
        case .integer(let number): .string("#\(number)")
        case .number(let number): .string("#" + number.shortestDecimal)
        case .boolean, .null: value
        }
    }

    /// The formats that any option has, from the fewest bits per weight to the most.
    private var formats: JSONValue {
        let names = Set(task.problem.optionFormat).map { task.problem.formatNames[Int($0)] }
        let formats = names.map { ($0, QuantizationFormat(named: $0)?.bitsPerWeight ?? 0) }
        return .array(
            formats.sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 < $1.0 }.map { name, bits in
                ["name": .string(name), "bitsPerWeight": .string(Figures.plain(bits))]
            }
        )
    }

    /// A layer with its tensors and its options.
    ///
    /// An option is a text of six words: the index of its format, its bytes, how many of them are not its tensors' data, its
    /// impact, `+` where it may be chosen or `-`, and the index of the format of the option that dominates it, or `-`. As
    /// objects the options would make three quarters of the page.
    private func layer(_ index: Int, formats: [QuantizationFormat?]) -> JSONValue {
        let problem = task.problem
        let layer = task.model.layers[index]
        let options = problem.options(ofLayer: index).map { option in
            let format = Int(problem.optionFormat[option])
            let bytes = problem.optionBytes[option]
            let data = formats[format].flatMap { layer.byteCount(in: $0) } ?? 0
            let isAllowed = problem.isAllowed?[option] ?? true
            let better = problem.dominator(ofOption: option, inLayer: index)
            return [
                "\(format)", "\(bytes)", "\(bytes - data)", problem.optionImpact[option].shortestDecimal,
                isAllowed ? "+" : "-", better.map { "\(problem.optionFormat[$0])" } ?? "-",
            ].joined(separator: " ")
        }
        return [
            "name": .string(layer.name),
            "tensors": .array(layer.tensors.map { .string($0.name) }),
            "options": .string(options.joined(separator: ",")),
        ]
    }

    /// What a converter can make: `refused` has `layer.option` for every option that it cannot.
    private func reach(_ reach: ConverterReach) -> JSONValue {
        let refused = reach.accepts.enumerated().flatMap { layer, accepts in
            accepts.enumerated().filter { !$0.element }.map { "\(layer).\($0.offset)" }
        }
        return [
            "name": .string(reach.converter),
            "fileName": .string(reach.fileName),
            "refused": .string(refused.joined(separator: " ")),
            "ties": .array(reach.ties.map { .array($0.map(JSONValue.integer)) }),
            "note": reach.note.map(JSONValue.string) ?? .null,
            "extraBytes": .integer(reach.extraBytes),
        ]
    }

    /// The plans, a text of numbers per property; in an array every number would take a line.
    private var points: JSONValue {
        func column(_ text: (AllocationPlan) -> String) -> JSONValue {
            .string(plans.map(text).joined(separator: " "))
        }
        let parameters = Double(max(1, recipe.model.parameters))
        return [
            "bytes": column { "\($0.bytes)" },
            "impact": column { $0.impact.shortestDecimal },
            "bitsPerWeight": column { (Double($0.bytes) * 8 / parameters).shortestDecimal },
            "bound": column { $0.status == .optimal ? "=" : $0.bound.shortestDecimal },
            "gap": column { $0.gap.shortestDecimal },
            "solver": column { "\(Self.solvers.firstIndex(of: $0.solver) ?? 0)" },
            "price": .string(prices.joined(separator: " ")),
            "changes": .string(changes),
        ]
    }

    /// The prices of a byte at the plans' sizes, `-` where there is none or it does not tell all.
    private var prices: [String] {
        guard task.problem.secondBudget == nil else { return plans.map { _ in "-" } }
        return BudgetPrice.perByte(of: task.problem, at: plans).map { $0?.shortestDecimal ?? "-" }
    }

    /// Per plan the layers that change from the plan before, as `layer.option`; before the first, all have option 0.
    private var changes: String {
        let problem = task.problem
        var before = [Int](repeating: 0, count: problem.layerCount)
        return plans.map { plan in
            var parts: [String] = []
            for (layer, option) in plan.choices.enumerated() {
                let own = option - problem.options(ofLayer: layer).lowerBound
                if own != before[layer] {
                    parts.append("\(layer).\(own)")
                    before[layer] = own
                }
            }
            return parts.joined(separator: " ")
        }.joined(separator: ",")
    }
}
