import BitAllocation
import Foundation

// Plans instance files at several budgets and prints one line per plan.
//
//     swift run -c release AllocationBenchmark [--budgets N] [--method auto|glpk|greedy] [--combine sum|rss|max] FILE…

var budgetCount = 5
var method = AllocationMethod.auto
var combination = ImpactCombination.sum
var paths: [String] = []
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--budgets": budgetCount = arguments.next().flatMap(Int.init) ?? budgetCount
    case "--method": method = arguments.next().flatMap(AllocationMethod.init) ?? method
    case "--combine": combination = arguments.next().flatMap(ImpactCombination.init) ?? combination
    default: paths.append(argument)
    }
}

print("instance,budget_bytes,impact,bound,gap,status,solver,nodes,milliseconds")
for path in paths {
    let file = try InstanceFile(path: path)
    var problem = file.problem
    problem.combination = combination
    let smallest = problem.smallestBytes
    let largest = problem.uniformPlans().last?.bytes ?? smallest
    for step in 1...budgetCount {
        problem.budget = smallest + Int(Double(largest - smallest) * Double(step) / Double(budgetCount + 1))
        let plan = try Allocator(method: method).plan(for: problem)
        let seconds = plan.duration / .seconds(1)
        print(
            "\(file.name),\(problem.budget),\(plan.impact),\(plan.bound),\(plan.gap),\(plan.status.rawValue),"
                + "\(plan.solver.rawValue),\(plan.nodeCount),\(String(format: "%.2f", seconds * 1000))"
        )
    }
}
