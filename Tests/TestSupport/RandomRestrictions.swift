public import BitAllocation
public import Planning
import Tensors
import Testing

/// Restrictions of every kind on small problems, each following from its seed.
public enum RandomRestrictions {
    /// The kinds of restriction, and several at once.
    public static let kinds = [
        "pin", "at-least", "at-most", "tie", "nested", "format limit", "second budget", "several",
    ]
    /// The formats of the problems.
    public static let formats = ["Q2_K", "Q3_K", "Q4_0", "Q4_1", "Q8_0"]

    /// A small problem whose formats are real ones, so that bits per weight mean something.
    public static func problem(seed: Int, combination: ImpactCombination) throws -> AllocationProblem {
        let random = try randomProblem(seed: seed, combination: combination, layerLimit: 5, optionLimit: 5)
        return try AllocationProblem(
            layers: (0..<random.layerCount).map { layer in
                AllocationProblem.Layer(
                    name: "block\(layer / 2).\(layer % 2 == 0 ? "a" : "b")",
                    options: random.options(ofLayer: layer).map {
                        .init(
                            format: formats[Int(random.optionFormat[$0])],
                            bytes: random.optionBytes[$0],
                            impact: random.optionImpact[$0]
                        )
                    }
                )
            },
            fixedBytes: random.fixedBytes,
            budget: random.budget,
            combination: combination
        )
    }

    /// A random restriction of a kind.
    public static func restriction(
        _ kind: String,
        for problem: AllocationProblem,
        using generator: inout SeededGenerator
    ) throws -> Restriction {
        let pattern =
            ["*", "block0.*", "*.a", "block*.b", "block0.a"].filter { pattern in
                problem.layerNames.contains { (try? Glob(pattern))?.matches($0) ?? false }
            }.randomElement(using: &generator) ?? "*"
        let glob = try Glob(pattern)
        let name = Self.formats.randomElement(using: &generator) ?? "Q8_0"
        let format = try #require(QuantizationFormat(named: name))
        switch kind {
        case "pin": return Restriction(.pin(glob, format), description: "--pin \(pattern)=\(name)")
        case "at-least":
            return Restriction(.atLeast(glob, format), description: "--at-least \(pattern)=\(name)")
        case "at-most": return Restriction(.atMost(glob, format), description: "--at-most \(pattern)=\(name)")
        case "tie":
            return Restriction(
                .tie(try Glob(["block*.?", "*", "block?.*"].randomElement(using: &generator) ?? "*")),
                description: "--tie"
            )
        case "nested":
            var formats: [String: QuantizationFormat] = [:]
            for layer in problem.layerNames {
                formats[layer] = QuantizationFormat(
                    named: Self.formats.randomElement(using: &generator) ?? "Q8_0"
                )
            }
            return Restriction(.nestedIn(formats), description: "--nested-in")
        case "format limit":
            return Restriction(
                .formatLimit(Int.random(in: 1...3, using: &generator)),
                description: "--max-formats"
            )
        default:
            let cost = problem.optionBytes.map { _ in Double(Int.random(in: 0...20, using: &generator)) }
            let limit = Double(Int.random(in: 0...(12 * problem.layerCount), using: &generator))
            return Restriction(
                .secondBudget(SecondBudget(cost: cost, limit: limit)),
                description: "--slowdown"
            )
        }
    }
}
