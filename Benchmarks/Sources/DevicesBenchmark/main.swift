import BitAllocation
import Foundation

// Plans instances on several devices and prints one CSV line per instance.
//
//     swift run -c release DevicesBenchmark [--runs N] [--method auto|glpk|greedy] [--time-limit SECONDS] FILE…
//
// Reading the file is not timed; everything from the problem to the plan is.

var runs = 1
var method = AllocationMethod.auto
var timeLimit = 10.0
var paths: [String] = []
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--runs": runs = arguments.next().flatMap(Int.init) ?? runs
    case "--method": method = arguments.next().flatMap(AllocationMethod.init) ?? method
    case "--time-limit": timeLimit = arguments.next().flatMap(Double.init) ?? timeLimit
    default: paths.append(argument)
    }
}

print("instance,cost,bound,gap,status,solver,milliseconds")
for path in paths {
    let file = try InstanceFile(path: path)
    var times: [Duration] = []
    var answer = OrderedResourceAnswer.unknown
    for _ in 0..<max(1, runs) {
        let start = ContinuousClock.now
        answer = OrderedResourceSearch(file.problem, method: method).solve(timeLimit: .seconds(timeLimit))
        times.append(start.duration(to: .now))
    }
    let time = String(format: "%.2f", times.sorted()[times.count / 2] / .milliseconds(1))
    switch answer {
    case .plan(let plan):
        print(
            "\(file.name),\(plan.cost),\(plan.bound),\(plan.gap),\(plan.status.rawValue),\(plan.solver.rawValue),\(time)"
        )
    case .infeasible: print("\(file.name),,,,infeasible,,\(time)")
    case .unknown: print("\(file.name),,,,unknown,,\(time)")
    }
}
