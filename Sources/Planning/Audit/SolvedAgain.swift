public import BitAllocation
import Foundation
public import Recipes
import Tensors
import Text

/// What a recipe says of its plan, held against the plan that is found when the same task is solved again.
public struct SolvedAgain: Hashable, Sendable {
    /// What the recipe says that is not so: of its `status`, `bound`, `bytes`, `impact`, `time` or `restrictions`, or of what of
    /// its size is `exact`.
    public private(set) var differences: [RecipeDifference] = []
    /// How the recipe's plan stands to the one that was found, in a clause: `optimal, the same impact in the same bytes`.
    public private(set) var verdict = ""

    /// Compares.
    ///
    /// Values that differ by no more than `Recipe/Proof/tolerance`, as a share, are the same. A plan that is called
    /// feasible may be worse than the one found; one that is called optimal may not, and of several with the least impact it is
    /// the smallest.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - choices: The options that its layers take, as indices in the problem's columns.
    ///   - problem: The problem with the recipe's restrictions.
    ///   - plan: The plan that was found within the recipe's limit.
    ///   - exact: What of the file's size is known to the byte; nil where that cannot be told here.
    public init(
        _ recipe: Recipe,
        choices: [Int],
        in problem: AllocationProblem,
        plan: AllocationPlan,
        exact: Recipe.Size.Exactness? = nil
    ) {
        let isForImpact = recipe.proof.objective == .impact
        let own = recipe.objective
        let found =
            switch recipe.proof.objective {
            case .impact: plan.impact
            case .bytes: Double(plan.bytes)
            case .time: plan.seconds ?? 0
            }
        let tolerance = Recipe.Proof.tolerance
        let isCalledOptimal = recipe.proof.status == .optimal
        func add(_ member: String, _ planned: String, _ found: String) {
            differences.append(
                RecipeDifference(place: "the plan", figure: member, planned: planned, found: found)
            )
        }
        if let exact, exact != recipe.size.exact {
            differences.append(
                RecipeDifference(
                    place: "the file",
                    figure: "exact",
                    planned: recipe.size.exact.rawValue,
                    found: exact.rawValue
                )
            )
        }
        let breaches = problem.breaches(of: choices)
        if !breaches.isEmpty {
            add(
                "restrictions",
                "kept to",
                breaches.map { Self.text(of: $0, in: problem) }.joined(separator: "; ")
            )
        }
        let speed = plan.seconds.map { " at \(Self.figure(1 / $0)) tokens per second" } ?? ""
        let foundText =
            "impact \(Self.figure(plan.impact)) in \(ByteSize(plan.bytes).grouped) bytes\(speed)"
        if found < own * (1 - tolerance) {
            if isCalledOptimal {
                add("status", Recipe.Proof.Status.optimal.rawValue, "a better plan has \(foundText)")
            }
            verdict = "a better plan has \(foundText)"
        } else if found > own * (1 + tolerance) {
            verdict = "no plan was found that is as good; the best has \(foundText)"
            // What keeps to no restriction may be as good as it likes.
            if plan.status == .optimal, breaches.isEmpty {
                add(
                    recipe.proof.objective.rawValue,
                    recipe.proof.objective == .bytes ? "\(recipe.size.bytes)" : "\(own)",
                    "at least \(plan.bound)"
                )
            }
        } else {
            let isProven = plan.status == .optimal
            let proof = isProven ? "optimal" : "not proven within the time limit"
            if isForImpact, isCalledOptimal, plan.bytes < recipe.size.bytes {
                add("bytes", "\(recipe.size.bytes)", "the same impact in \(plan.bytes)")
                verdict = "the same impact in fewer bytes, \(plan.bytes)"
            } else if plan.bytes == recipe.size.bytes {
                verdict = "\(proof), the same impact in the same bytes"
            } else {
                verdict = "\(proof), the same impact"
            }
        }
        // A bound above the recipe's own plan is wrong on its face, see `proofDifferences`.
        if recipe.proof.bound > found * (1 + tolerance), recipe.proof.bound <= own {
            add("bound", "\(recipe.proof.bound)", "at most \(found)")
        }
    }

    /// A figure with enough digits to tell apart what is told apart here, and no more.
    private static func figure(_ value: Double) -> String {
        String(format: "%.10g", value)
    }

    private static func text(of breach: RestrictionBreach, in problem: AllocationProblem) -> String {
        func names(_ layers: [Int]) -> String {
            layers.map { problem.layerNames[$0] }.listed(atMost: 3, quoted: false)
        }
        return switch breach {
        case .option(let layers): "\(names(layers)) may not take the format that it has"
        case .tie(let layers): "\(names(layers)) are tied and take several formats"
        case .formatLimit(let taken, let limit): "\(taken) formats are taken, at most \(limit) may be"
        case .secondBudget: "the second budget is exceeded"
        }
    }
}
