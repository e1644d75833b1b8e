import Converters
import Planning
import Recipes
import Runtimes

extension ConverterChoice {
    /// What is typed to have no converter bind the plan.
    static let nobody = "none"

    /// Chooses the converter of a plan: the one that was typed, or the usual one.
    ///
    /// - Parameters:
    ///   - options: The table's options, which may name one.
    ///   - input: The model and the table.
    ///   - rules: What else the plan has to keep to.
    /// - Throws: `RecipeError.unknownConverter`, and what grouping throws.
    init(_ options: TableOptions, for input: PlanningInput, _ rules: PlanningRules) throws {
        if let typed = options.converter {
            self.init(named: try Self.converter(typed))
            return
        }
        let defined = options.naming.define.map { String($0.prefix { $0 != "=" }) }
        try self.init(usualFor: input, rules, defined: defined)
    }

    /// The converter of a name that was typed; nil for none.
    ///
    /// - Throws: `RecipeError.unknownConverter`.
    private static func converter(_ typed: String) throws(RecipeError) -> (any Converter)? {
        typed.lowercased() == nobody ? nil : try Converters.named(typed)
    }

    /// Finds what has to be typed for a recipe's own converter to bind a plan; nil where what was typed led to another one.
    ///
    /// - Parameters:
    ///   - converter: The converter that the recipe names, or nil.
    ///   - typed: What was typed when it was planned, or nil.
    ///   - runtime: The program that was to load the file, or nil.
    /// - Returns: The word, which may be that for none.
    /// - Throws: `RecipeError.unknownConverter`.
    static func word(
        for converter: String?,
        typed: String?,
        runtime: TargetRuntime?
    ) throws(RecipeError) -> String? {
        guard let typed else { return mayBeUsual(converter, for: runtime) ? converter ?? nobody : nil }
        return try Self.converter(typed)?.name == converter ? typed : nil
    }

    /// What the user should know of a choice that was not theirs, with the options that change it, or nil.
    var note: String? {
        switch remark {
        case nil: nil
        case .bindsNone(let obstacle): "no converter binds this plan: \(obstacle)\(Self.remedy(obstacle))"
        case .leavesOut(let formats, let container):
            """
            the plan is for the \(container) that plan quantize writes, which has no \(formats.joined(separator: ", ")); \
            --converter names another, or none
            """
        }
    }

    /// Which other converter there may be.
    private static func remedy(_ obstacle: WritingObstacle) -> String {
        guard case .noColumn(_, let other) = obstacle else { return "" }
        return other.map { "; --converter \(Converters.usual(for: $0).name) plans for a \($0)" }
            ?? "; plan converters lists those that have others"
    }
}
