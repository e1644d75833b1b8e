/// The search for the least cost of an ordered problem.
///
/// Prices for the limits give a bound for all ways to place the segments together, as the least of them is found by going
/// through segments and places once. Where it is not met, the ways are halved by where places begin, each part with
/// prices of its own, and the ways of the least bounds are searched as problems of their own. Where that finds nothing, the ways come one by
/// one, the one with the least bound at the first prices first. Ways that are left untried stay in the bound.
public struct OrderedResourceSearch: Sendable {
    /// Options that are gone through, over all ways, before the search is content with ``closeGap``.
    static let thoroughOptions = 400_000
    /// The options of a problem that is not searched any further once it is solved to within ``closeGap``.
    package static let manyOptions = 10_000
    /// The ways, of the least bound, that are searched by random exchanges, too.
    private static let thoroughWays = 4
    /// The most ways that are tried.
    private static let mostWays = 2_000
    /// The gap that is enough for a problem of many options.
    package static let closeGap = 1e-4

    private let problem: OrderedResourceProblem
    private let method: AllocationMethod
    private let branches: Bool

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - method: What may be used.
    public init(_ problem: OrderedResourceProblem, method: AllocationMethod = .auto) {
        self.init(problem, method: method, branches: true)
    }

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - method: What may be used.
    ///   - branches: Whether the ways are searched by where the places begin, and not only one after the other.
    init(_ problem: OrderedResourceProblem, method: AllocationMethod = .auto, branches: Bool) {
        self.problem = problem
        self.method = method
        self.branches = branches
    }

    /// Searches until the best choice is proven, a problem of many options is solved to within a ten thousandth, or the clock
    /// says stop.
    ///
    /// - Parameters:
    ///   - timeLimit: The time to spend, which stands for a number of steps; a machine of usual speed takes less.
    ///   - shouldStop: Asked between steps; `true` ends the search with the best choice so far.
    /// - Returns: The plan, or why there is none.
    public func solve(
        timeLimit: Duration = .seconds(10),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) -> OrderedResourceAnswer {
        solve(clock: .counting(timeLimit: timeLimit, shouldStop: shouldStop))
    }

    /// Searches until the clock says stop.
    ///
    /// - Parameter clock: Ends the search early.
    /// - Returns: The plan, or why there is none.
    package func solve(clock: StopClock) -> OrderedResourceAnswer {
        if problem.peakResource != nil { return PeakSearch(problem, method: method).solve(clock: clock) }
        var effort = 0
        let (plan, bound) = solve(at: prices(clock: clock), effort: &effort, clock: clock)
        return plan.map { .plan($0) } ?? (bound == .infinity ? .infeasible : .unknown)
    }

    /// Whether no choice keeps to the limits, as far as prices tell, without a search.
    ///
    /// - Parameter clock: Ends the look early.
    /// - Returns: `false` where there may be one.
    package func isRuledOut(clock: StopClock) -> Bool { leastCost(clock: clock) == .infinity }

    /// What any choice costs at least, as far as prices tell, without a search.
    ///
    /// - Parameter clock: Ends the look early.
    /// - Returns: The bound; infinite where no choice keeps to the limits.
    package func leastCost(clock: StopClock) -> Double {
        if problem.peakResource != nil { return PeakSearch(problem, method: method).leastCost(clock: clock) }
        let bound = prices(clock: clock).bound
        return bound > dearest * (1 + 1e-9) + .leastNormalMagnitude ? .infinity : max(0, bound)
    }

    /// The steps of one look at all ways, by ``least(at:)``.
    ///
    /// ``OrderedRelaxation/stepsPerLook`` is that of a look within a window. Both go through every option with what it takes of every
    /// resource. For a segment on a place, this one has a fixed worth, as it makes the arrays and the heap of the ways anew, whatever the
    /// number of limits; the other works in memory that it has, so that the limits are what counts. Plans hang on both figures, as the
    /// clock counts these steps.
    private var stepsPerLook: Int {
        problem.optionCount * (problem.limits.count + 1) + problem.segmentCount * problem.placeCount * 8
    }

    /// The best prices, whose bound is above what the choice has to cost less than where there is none.
    func prices(
        below cutoff: Double = .infinity,
        start: [Double]? = nil,
        clock: StopClock
    ) -> PriceSearch {
        PriceSearch(
            limits: problem.limits,
            ceiling: min(dearest, cutoff),
            start: start,
            stepsPerLook: stepsPerLook,
            clock: clock,
            leastAt: least(at:)
        )
    }

    /// Searches for a choice that costs less than another one.
    ///
    /// - Parameters:
    ///   - cutoff: What the choice has to cost less than.
    ///   - search: The best prices.
    ///   - options: The options that were gone through, to which those of this search are added.
    ///   - clock: Ends the search early.
    /// - Returns: The plan, or nil where none was found; and a bound on what any choice below the cutoff costs, infinite where
    ///   there is none.
    func solve(
        below cutoff: Double = .infinity,
        at search: PriceSearch,
        effort options: inout Int,
        clock: StopClock
    ) -> (plan: OrderedResourcePlan?, bound: Double) {
        let ceiling = min(dearest, cutoff)
        guard search.bound <= ceiling * (1 + 1e-9) + .leastNormalMagnitude else { return (nil, .infinity) }
        var findings = OrderedFindings(cutoff: cutoff, options: options)
        let hasBranched = branches && method != .greedy && problem.placeCount > 1 && problem.segmentCount > 0
        if hasBranched { findings = branch(below: ceiling, from: search, findings, clock: clock) }
        // One way after the other where nothing was found so.
        let isDone =
            hasBranched && (findings.hasChoice || cutoff < .infinity || findings.proven >= ceiling)
        if !isDone { tryWays(from: search, &findings, clock: clock) }
        options = findings.options
        return conclusion(findings, search, clock: clock)
    }

    /// Searches the ways by where the places begin, each part with prices of its own.
    private func branch(
        below ceiling: Double,
        from search: PriceSearch,
        _ before: OrderedFindings,
        clock: StopClock
    ) -> OrderedFindings {
        var findings = before
        var branching = OrderedBranching(
            OrderedRelaxation(problem),
            closeTo: problem.optionCount > Self.manyOptions ? Self.closeGap : Self.proofTolerance,
            clock: clock,
            cost: { findings.cost }
        ) { places, least, prices, steps in
            guard let own = problem.problem(placing: places) else { return .infinity }
            let fixed = standingCost(of: places)
            findings.options += own.cost.count
            let answer = ResourceSearch(own, method: method).solve(
                below: findings.cost - fixed,
                closeTo: Self.enough(for: own),
                start: prices,
                from: findings.best?.places == places ? findings.best?.plan.choices : nil,
                steps: steps,
                clock: clock
            )
            switch answer {
            case .infeasible: return .infinity
            case .unknown: return least
            case .plan(let plan):
                findings.take(plan, placing: places, fixed: fixed)
                return max(least, plan.bound + fixed)
            }
        }
        let proven = branching.run(below: ceiling, start: search.prices)
        findings.proven = proven
        return findings
    }

    /// Searches one way after the other, that of the least bound first, until no other can be better or enough was done.
    private func tryWays(from search: PriceSearch, _ findings: inout OrderedFindings, clock: StopClock) {
        let free = ResourceRelaxation.leastChoice(problem.free, prices: search.prices).bound
        var ways = OrderedPlaces(values(at: search.prices))
        var tried = 0
        while true {
            guard let way = ways.next() else {
                findings.untried = .infinity
                break
            }
            findings.untried = max(0, free + way.cost)
            if isEnough(findings) { break }
            guard !clock.shouldStop(), tried < Self.mostWays else {
                findings.isCutShort = true
                break
            }
            tried += 1
            let steps = ResourceSearch.steps.filter {
                tried <= Self.thoroughWays || $0 != .exchanges(seed: 0)
            }
            tryWay(way.places, steps, from: search, &findings, clock: clock)
        }
    }

    /// Whether the ways that are left, none of a lower bound than the next, are not worth a search.
    private func isEnough(_ findings: OrderedFindings) -> Bool {
        if findings.untried >= findings.cost * (1 - Self.proofTolerance) { return true }
        guard findings.hasChoice || findings.cutoff < .infinity, isLarge(after: findings.options) else {
            return false
        }
        let bound = max(findings.proven, min(findings.open, findings.untried, findings.cost))
        return findings.cost - bound <= Self.closeGap * findings.cost
    }

    /// Searches the way that is next.
    private func tryWay(
        _ places: [Int],
        _ steps: [ResourceSearch.Step],
        from search: PriceSearch,
        _ findings: inout OrderedFindings,
        clock: StopClock
    ) {
        guard let own = problem.problem(placing: places) else { return }
        findings.options += own.cost.count
        let fixed = standingCost(of: places)
        let answer = ResourceSearch(own, method: method).solve(
            below: findings.cost - fixed,
            closeTo: Self.enough(for: own),
            start: search.prices,
            steps: steps,
            clock: clock
        )
        switch answer {
        case .infeasible: break
        case .unknown: findings.open = min(findings.open, findings.untried)
        case .plan(let plan):
            findings.open = min(findings.open, max(findings.untried, plan.bound + fixed))
            findings.take(plan, placing: places, fixed: fixed)
        }
    }

    /// What was found as a plan of the whole, with a bound on what any choice costs that is below the cutoff.
    private func conclusion(
        _ findings: OrderedFindings,
        _ search: PriceSearch,
        clock: StopClock
    ) -> (plan: OrderedResourcePlan?, bound: Double) {
        let left = max(findings.proven, search.bound, min(findings.open, findings.untried))
        guard let best = findings.best else {
            return (nil, left >= findings.cutoff * (1 - Self.proofTolerance) ? .infinity : left)
        }
        let bound = max(findings.proven, search.bound, min(findings.open, findings.untried, best.cost))
        let isProven = best.cost - bound <= Self.proofTolerance * best.cost
        let plan = plan(
            best.plan,
            placing: best.places,
            cost: best.cost,
            bound: min(bound, best.cost),
            prices: search.prices,
            isProven: isProven,
            ending: isProven ? .proven : ending(findings, clock: clock)
        )
        return (plan, plan.bound)
    }

    /// Why a search ended without a proof.
    private func ending(_ findings: OrderedFindings, clock: StopClock) -> AllocationPlan.Ending {
        if method == .greedy { return .greedyOnly }
        if clock.isStopped { return .stopped }
        return findings.isCutShort || clock.isLate ? .timeLimit : .stateLimit
    }

    /// The relative distance between cost and bound at which a choice counts as the best.
    private static let proofTolerance = SumMinimizer.proofTolerance

    /// Whether a gap of ``closeGap`` is enough, once so many options were gone through.
    func isLarge(after options: Int) -> Bool {
        options > Self.thoroughOptions || problem.optionCount > Self.manyOptions
    }

    /// The gap that is enough for one way.
    private static func enough(for way: ResourceProblem) -> Double {
        way.cost.count > manyOptions ? closeGap / 2 : proofTolerance
    }

    /// What the segments of a way cost whatever is chosen.
    private func standingCost(of places: [Int]) -> Double {
        zip(problem.segments, places).reduce(0) { $0 + $1.0[$1.1].cost }
    }

    /// The plan of one way as a plan of the whole.
    private func plan(
        _ plan: ResourcePlan,
        placing places: [Int],
        cost: Double,
        bound: Double,
        prices: [Double],
        isProven: Bool,
        ending: AllocationPlan.Ending
    ) -> OrderedResourcePlan {
        var layer = 0
        var option = 0
        func numbers(_ part: ResourceProblem) -> [Int] {
            let numbers = (0..<part.layerCount).map {
                plan.choices[layer + $0] - option - part.firstOption[$0]
            }
            layer += part.layerCount
            option += part.cost.count
            return numbers
        }
        let free = numbers(problem.free)
        return OrderedResourcePlan(
            places: places,
            freeChoices: free,
            segmentChoices: zip(problem.segments, places).map { numbers($0[$1].layers) },
            cost: cost,
            bound: bound,
            prices: prices,
            status: isProven ? .optimal : .feasible,
            solver: plan.solver,
            ending: ending
        )
    }

    /// What every segment costs on every place at some prices.
    private func values(at prices: [Double]) -> [[Double]] {
        problem.segments.map { segment in
            segment.map { place in
                guard place.isOpen else { return .infinity }
                var value = place.cost + Self.leastLayers(of: place, prices).value
                for (price, use) in zip(prices, place.uses) { value += price * use }
                return value
            }
        }
    }

    /// The least options of a segment's layers on a place, and what they cost at the prices.
    private static func leastLayers(
        of place: OrderedResourceProblem.SegmentPlace,
        _ prices: [Double]
    ) -> (choices: [Int], value: Double) {
        let (choices, bound) = ResourceRelaxation.leastChoice(place.layers, prices: prices)
        return (choices, bound + zip(prices, place.layers.limits).reduce(0) { $0 + $1.0 * $1.1 })
    }

    /// What is least at some prices, over all choices and all ways.
    private func least(at prices: [Double]) -> PriceSearch.Look {
        let (choices, bound) = ResourceRelaxation.leastChoice(problem.free, prices: prices)
        var look = PriceSearch.Look(
            cost: problem.free.cost(ofChoices: choices),
            uses: problem.free.uses(ofChoices: choices),
            bound: bound
        )
        var ways = OrderedPlaces(values(at: prices))
        guard let way = ways.next() else {
            // Some segment can be nowhere.
            look.bound = problem.segments.isEmpty ? bound : .infinity
            return look
        }
        look.bound += way.cost
        for (segment, place) in zip(problem.segments, way.places) {
            let own = Self.leastLayers(of: segment[place], prices).choices
            look.cost += segment[place].cost + segment[place].layers.cost(ofChoices: own)
            let uses = segment[place].layers.uses(ofChoices: own)
            for resource in uses.indices {
                look.uses[resource] += uses[resource] + segment[place].uses[resource]
            }
        }
        return look
    }

    /// The cost of the dearest choice there is.
    var dearest: Double {
        problem.segments.reduce(Self.dearest(of: problem.free)) { total, segment in
            total + (segment.map { $0.isOpen ? $0.cost + Self.dearest(of: $0.layers) : 0 }.max() ?? 0)
        }
    }

    private static func dearest(of part: ResourceProblem) -> Double {
        CompensatedSum.of(
            (0..<part.layerCount).lazy.map { layer in
                part.options(ofLayer: layer).reduce(0) { max($0, part.cost[$1]) }
            }
        )
    }
}
