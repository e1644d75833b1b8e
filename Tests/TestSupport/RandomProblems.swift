public import BitAllocation

/// Small problems of many kinds, each following from its seed.
public func randomProblem(
    seed: Int,
    combination: ImpactCombination = .sum,
    layerLimit: Int = 6,
    optionLimit: Int = 5
) throws -> AllocationProblem {
    var generator = SeededGenerator(seed: seed)
    let layers = Int.random(in: 1...layerLimit, using: &generator)
    let kind = Int.random(in: 0..<6, using: &generator)
    var smallest = 0
    var largest = 0
    let fixed = Int.random(in: 0...50, using: &generator)
    let built = (0..<layers).map { layer in
        // Forbidden cells are options that are missing, so the number of options differs.
        let count = Int.random(in: 1...optionLimit, using: &generator)
        let options = (0..<count).map { index in
            let bytes: Int
            let impact: Double
            switch kind {
            case 0:  // few sizes, few costs: many ties
                bytes = Int.random(in: 0...3, using: &generator) * 10
                impact = Double(Int.random(in: 0...3, using: &generator))
            case 1:  // all sizes equal
                bytes = 10
                impact = Double.random(in: 0...1, using: &generator)
            case 2:  // all costs equal
                bytes = Int.random(in: 0...100, using: &generator)
                impact = 0.5
            case 3:  // twenty orders of magnitude
                bytes = Int.random(in: 0...100, using: &generator)
                impact =
                    Double.random(in: 1...10, using: &generator)
                    * power(10, Int.random(in: -10...10, using: &generator))
            case 4:  // cost strongly correlated with size
                bytes = Int.random(in: 1...1000, using: &generator)
                impact = Double(1001 - bytes) * (1 + 1e-3 * Double.random(in: 0...1, using: &generator))
            default:  // huge and odd sizes
                bytes = Int.random(in: 1...(1 << 55), using: &generator)
                impact = Double.random(in: 0...1, using: &generator)
            }
            return AllocationProblem.Option(format: "F\(index)", bytes: bytes, impact: impact)
        }
        smallest += options.map(\.bytes).min() ?? 0
        largest += options.map(\.bytes).max() ?? 0
        return AllocationProblem.Layer(name: "layer\(layer)", options: options)
    }
    // From a little below what fits to a little above what everything takes.
    let span = max(1, largest - smallest)
    let budget = fixed + smallest + Int(Double(span) * Double.random(in: -0.05...1.05, using: &generator))
    return try AllocationProblem(
        layers: built,
        fixedBytes: fixed,
        budget: max(0, budget),
        combination: combination
    )
}

/// The best plan by trying every one: its impact, among plans of that impact its size, and its sum among those of that size;
/// `nil` where none fits.
public func exhaustiveOptimum(_ problem: AllocationProblem) -> (impact: Double, bytes: Int, sum: Double)? {
    var best: (impact: Double, bytes: Int, sum: Double)?
    forEachChoice(of: problem) { choices in
        let bytes = problem.bytes(ofChoices: choices)
        guard bytes <= problem.budget, problem.isAdmissible(choices) else { return }
        let impact = problem.impact(ofChoices: choices)
        let sum = ImpactCombination.sum.total(choices.map { problem.optionImpact[$0] })
        if best.map({ (impact, bytes, sum) < $0 }) ?? true { best = (impact, bytes, sum) }
    }
    return best
}

/// Calls a function with every choice of one option per layer.
public func forEachChoice(of problem: AllocationProblem, _ body: ([Int]) -> Void) {
    var choices = (0..<problem.layerCount).map { problem.firstOption[$0] }
    while true {
        body(choices)
        var layer = 0
        while layer < problem.layerCount {
            choices[layer] += 1
            if choices[layer] < problem.firstOption[layer + 1] { break }
            choices[layer] = problem.firstOption[layer]
            layer += 1
        }
        if layer == problem.layerCount { return }
    }
}

/// A number to a whole power.
public func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= base }
    return exponent < 0 ? 1 / result : result
}
