import BitAllocation
import Runtimes

/// The search for a plan on devices whose tied layers take one format, each on a device of its own.
///
/// With its ties loose the problem is one that is solved as it stands, and whose bound holds for it. Where that plan tears a tie, the
/// tie is given each of its formats in turn, which again leaves problems with fewer ties; those of the least bound come first.
/// What is not looked into when the time is up stays in the bound.
struct DeviceTieSearch {
    /// A problem in which some ties have their format.
    private struct Node {
        /// The format of each tie, by its number; nil where it is open.
        var formats: [UInt16?]
        /// What its plans cost at least.
        var bound: Double
    }

    private let task: PlanningTask
    private let make: (PlanningTask, DeviceProblem.Ties) throws(PlanningError) -> DeviceProblem
    private let method: AllocationMethod
    private let clock: StopClock
    private let ties: [[Int]]

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - task: The task, which has ties.
    ///   - method: What may be used.
    ///   - clock: Ends the search early.
    ///   - make: Makes the problem of a task that differs from the given one in what it forbids.
    init(
        _ task: PlanningTask,
        method: AllocationMethod,
        clock: StopClock,
        make: @escaping (PlanningTask, DeviceProblem.Ties) throws(PlanningError) -> DeviceProblem
    ) {
        self.task = task
        self.method = method
        self.clock = clock
        self.make = make
        ties = task.problem.ties
    }

    /// Searches.
    ///
    /// - Returns: The plan, or nil where none keeps to the limits and the ties.
    /// - Throws: ``PlanningError/allocation(_:)``, with `AllocationError.limitReached` where the search ended with neither.
    func solve() throws(PlanningError) -> DeviceProblem.Found? {
        var best: DeviceProblem.Found?
        // The least bound of what was not looked into to the end.
        var open = Double.infinity
        func bestCost() -> Double { best?.cost ?? .infinity }
        func adopt(_ found: DeviceProblem.Found?) {
            if let found, isKept(found), found.cost < bestCost() { best = found }
        }
        var nodes = [Node(formats: ties.map { _ in nil }, bound: 0)]
        var isCutShort = false
        var isFirst = true
        while let place = nodes.indices.min(by: { nodes[$0].bound < nodes[$1].bound }) {
            let node = nodes[place]
            let bound = min(open, node.bound)
            if isClose(bestCost(), bound) { break }
            guard isFirst || !clock.shouldStop() else {
                isCutShort = true
                break
            }
            nodes.remove(at: place)
            var found: DeviceProblem.Found?
            do throws(PlanningError) {
                found = try solve(node.formats, within: clock.share(of: isFirst ? 3 : 2))
            } catch .allocation(.limitReached) {
                // Nothing is known of it but what was known before.
                if isFirst { adopt(try? welded()) }
                isFirst = false
                open = min(open, node.bound)
                continue
            }
            defer { isFirst = false }
            guard let found else { continue }
            let least = max(node.bound, found.bound)
            adopt(found)
            guard !isKept(found) else {
                open = min(open, least)
                continue
            }
            if isFirst {
                // Plans to compare with: of what the problem without ties took, and of tied layers on one device.
                adopt(try? solve(rounded(found), within: clock.share(of: 3)))
                adopt(try? welded())
            }
            guard let torn = mostTorn(found) else { continue }
            for format in formats(of: torn) {
                var child = node
                child.formats[torn] = format
                child.bound = least
                nodes.append(child)
            }
        }
        let untried = nodes.map(\.bound).min() ?? .infinity
        guard var best else {
            guard min(open, untried) == .infinity else { throw .allocation(.limitReached) }
            return nil
        }
        let bound = min(open, untried, best.cost)
        let isProven = best.cost - bound <= SameImpact.tolerance * best.cost
        let own = best.plan.plan
        best.plan.plan = try make(task, .loose).allocation(
            own.choices,
            seconds: own.seconds ?? 0,
            bound: bound,
            status: isProven ? .optimal : .feasible,
            solver: own.solver,
            ending: isProven
                ? .proven
                : method == .greedy
                    ? .greedyOnly : isCutShort || clock.shouldStop() ? .timeLimit : .stateLimit
        )
        return DeviceProblem.Found(plan: best.plan, cost: best.cost, bound: bound)
    }

    /// Whether a plan need not be improved any more.
    private func isClose(_ cost: Double, _ bound: Double) -> Bool {
        guard cost < .infinity else { return false }
        let isLarge = task.problem.optionImpact.count > OrderedResourceSearch.manyOptions
        return cost - bound <= (isLarge ? OrderedResourceSearch.closeGap : SameImpact.tolerance) * cost
    }

    /// The plan of some formats of ties.
    private func solve(
        _ formats: [UInt16?],
        within clock: StopClock
    ) throws(PlanningError) -> DeviceProblem.Found? {
        var own = task
        var formatOf: [Int: UInt16] = [:]
        for (tie, format) in zip(ties, formats) {
            guard let format else { continue }
            for layer in tie { formatOf[layer] = format }
        }
        let formats = task.problem.optionFormat
        own.problem.forbid { layer, option in formatOf[layer].map { formats[option] != $0 } ?? false }
        return try make(own, .loose).solve(method: method, clock: clock)
    }

    /// The plan with tied layers on one device.
    private func welded() throws(PlanningError) -> DeviceProblem.Found? {
        try make(task, .welded).solve(method: method, clock: clock.share(of: 3))
    }

    /// Whether every tie has one format.
    private func isKept(_ found: DeviceProblem.Found) -> Bool {
        ties.indices.allSatisfy { taken(by: $0, found).count == 1 }
    }

    private func taken(by tie: Int, _ found: DeviceProblem.Found) -> Set<UInt16> {
        Set(ties[tie].map { task.problem.optionFormat[found.plan.plan.choices[$0]] })
    }

    /// The tie of most bytes that a plan gives several formats.
    private func mostTorn(_ found: DeviceProblem.Found) -> Int? {
        func bytes(_ tie: Int) -> Int {
            ties[tie].reduce(0) { $0 + task.problem.optionBytes[found.plan.plan.choices[$1]] }
        }
        return ties.indices.filter { taken(by: $0, found).count > 1 }
            .max { (bytes($0), $1) < (bytes($1), $0) }
    }

    /// The formats that all layers of a tie may take.
    private func formats(of tie: Int) -> [UInt16] {
        let sets = ties[tie].map { layer in
            Set(task.problem.allowedOptions(ofLayer: layer).map { task.problem.optionFormat[$0] })
        }
        return sets.dropFirst().reduce(sets[0]) { $0.intersection($1) }.sorted()
    }

    /// Of each tie the smallest format that a plan gives any of its layers, and that all of them may take.
    private func rounded(_ found: DeviceProblem.Found) -> [UInt16?] {
        ties.indices.map { tie in
            let common = Set(formats(of: tie))
            let smallest = ties[tie].map { found.plan.plan.choices[$0] }
                .filter { common.contains(task.problem.optionFormat[$0]) }
                .min { bits($0, tie) < bits($1, tie) }
            return smallest.map { task.problem.optionFormat[$0] } ?? common.min()
        }
    }

    /// How large a format makes the layers of a tie: the bytes of an option against those of the largest of its layer.
    private func bits(_ option: Int, _ tie: Int) -> Double {
        let problem = task.problem
        let layer = ties[tie].first { problem.options(ofLayer: $0).contains(option) } ?? ties[tie][0]
        let largest = problem.options(ofLayer: layer).map { problem.optionBytes[$0] }.max() ?? 1
        return Double(problem.optionBytes[option]) / Double(max(1, largest))
    }
}
