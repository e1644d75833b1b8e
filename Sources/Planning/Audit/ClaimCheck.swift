import Recipes
import Runtimes

/// What a recipe says takes memory besides the planned weights, held against what follows from the settings and the model.
struct ClaimCheck {
    /// A figure that is not what follows.
    struct Difference {
        /// The name of the claim, and of its basis where that differs alone.
        var figure: String
        /// What the recipe says.
        var planned: String
        /// What follows.
        var found: String
    }

    /// What differs: first of what follows, then of what other files take.
    private(set) var differences: [Difference] = []

    /// Compares.
    ///
    /// What was given is taken as the recipe says it, and so are the sizes of other files, which are not at hand.
    ///
    /// - Parameters:
    ///   - recorded: What the recipe says.
    ///   - claims: What follows.
    ///   - runtime: The program.
    init(_ recorded: [Recipe.Card.Claim], _ claims: [MemoryClaim], of runtime: RuntimeName) {
        let known = Set(claims.map(\.name))
        let others = recorded.filter { !known.contains($0.name) }
        for claim in claims {
            guard let planned = recorded.first(where: { $0.name == claim.name }) else {
                // What merely has another name is not missing in an earlier recipe.
                let isRenamed = others.contains { $0.bytes == claim.bytes }
                if isRenamed || !Self.mayLack(claim, runtime) { add(claim.name, "none", "\(claim.bytes)") }
                continue
            }
            if planned.basis == .given, claim.certainty == .given || Self.mayBeGiven.contains(claim.name) {
                continue
            }
            if planned.bytes != claim.bytes {
                add(claim.name, "\(planned.bytes)", "\(claim.bytes)")
            } else if planned.basis != Recipe.Card.Basis(claim.certainty) {
                add(
                    "\(claim.name): basis",
                    planned.basis.rawValue,
                    Recipe.Card.Basis(claim.certainty).rawValue
                )
            }
        }
        for other in others {
            if runtime == .comfyUIGGUF, other.bytes != 0 { add(other.name, "\(other.bytes)", "0") }
            let bases = Self.bases(ofOtherFiles: runtime)
            if !bases.contains(other.basis) {
                let words = bases.map(\.rawValue).joined(separator: " or ")
                add("\(other.name): basis", other.basis.rawValue, words)
            }
        }
    }

    private mutating func add(_ figure: String, _ planned: String, _ found: String) {
        differences.append(Difference(figure: figure, planned: planned, found: found))
    }

    /// What the user may state in the place of what is assumed.
    private static let mayBeGiven = [CardRequest.driverName, CardRequest.marginName]

    /// Whether recipes of before have no line of that name.
    private static func mayLack(_ claim: MemoryClaim, _ runtime: RuntimeName) -> Bool {
        claim.certainty == .given || claim.name == ComfyUIGGUF.expandedName
            || runtime == .stableDiffusionCpp && claim.name == CardRequest.marginName
    }

    /// How well it may be known what other files take.
    private static func bases(ofOtherFiles runtime: RuntimeName) -> [Recipe.Card.Basis] {
        runtime == .llamaCpp ? [.computed, .stated] : [.assumed]
    }
}
