import BitAllocation
import Foundation

// Plans instance files at several budgets and prints one CSV line per plan, then one for all budgets at once.
//
//     swift run -c release AllocationBenchmark [--budgets N] [--runs N] [--method auto|glpk|greedy]
//         [--combine sum|rss|max] [--ties] [--pins] [--time-limit SECONDS] FILE…
//
// `--runs 0` leaves the single plans out. Reading the file is not timed; everything from the problem to the plan is, preparation included.

var budgetCount = 4
var runs = 1
var method = AllocationMethod.auto
var combination = ImpactCombination.sum
var hasTies = false
var hasPins = false
var timeLimit = 10.0
var paths: [String] = []
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--budgets": budgetCount = arguments.next().flatMap(Int.init) ?? budgetCount
    case "--runs": runs = arguments.next().flatMap(Int.init) ?? runs
    case "--method": method = arguments.next().flatMap(AllocationMethod.init) ?? method
    case "--combine": combination = arguments.next().flatMap(ImpactCombination.init) ?? combination
    case "--ties": hasTies = true
    case "--pins": hasPins = true
    case "--time-limit": timeLimit = arguments.next().flatMap(Double.init) ?? timeLimit
    default: paths.append(argument)
    }
}

func milliseconds(_ duration: Duration) -> String {
    String(format: "%.2f", duration / .milliseconds(1))
}

print("instance,combine,restrictions,budget_bytes,impact,bound,gap,status,solver,nodes,milliseconds")
for path in paths {
    let file = try InstanceFile(path: path)
    var problem = file.problem
    problem.combination = combination
    let smallest = problem.smallestBytes
    let largest = problem.uniformPlans().last?.bytes ?? smallest
    if hasTies {
        // Neighbours take one format, as fused projections do.
        for first in stride(from: 0, to: problem.layerCount - 1, by: 2)
        where problem.options(ofLayer: first).count == problem.options(ofLayer: first + 1).count {
            problem.tie([first, first + 1])
        }
    }
    if hasPins {
        // Every tenth layer may not take the smallest half of its formats.
        problem.forbid { [problem] layer, option in
            let range = problem.options(ofLayer: layer)
            guard layer % 10 == 0 else { return false }
            let middle = range.map { problem.optionBytes[$0] }.sorted()[range.count / 2]
            return problem.optionBytes[option] < middle
        }
    }
    let restrictions = [hasTies ? "ties" : nil, hasPins ? "pins" : nil].compactMap(\.self).joined(
        separator: "+"
    )
    let budgets = (1...budgetCount).map {
        smallest + Int(Double(largest - smallest) * Double($0) / Double(budgetCount + 1))
    }
    let allocator = Allocator(method: method, timeLimit: .seconds(timeLimit))
    for budget in budgets where runs > 0 {
        problem.budget = budget
        var times: [Duration] = []
        var plan: AllocationPlan?
        for _ in 0..<runs {
            let start = ContinuousClock.now
            plan = try? allocator.plan(for: problem)
            times.append(start.duration(to: .now))
        }
        guard let plan else {
            print("\(file.name),\(combination.rawValue),\(restrictions),\(budget),,,,infeasible,,,")
            continue
        }
        print(
            "\(file.name),\(combination.rawValue),\(restrictions),\(budget),\(plan.impact),\(plan.bound),\(plan.gap),"
                + "\(plan.status.rawValue),\(plan.solver.rawValue),\(plan.nodeCount),"
                + milliseconds(times.sorted()[times.count / 2])
        )
    }
    let start = ContinuousClock.now
    let plans = allocator.plans(for: problem, budgets: budgets)
    let elapsed = start.duration(to: .now)
    let proven = plans.count { if case .success(let plan) = $0 { plan.status == .optimal } else { false } }
    print(
        "\(file.name),\(combination.rawValue),\(restrictions),all \(budgetCount),,,,\(proven) optimal,,,"
            + milliseconds(elapsed)
    )
}
