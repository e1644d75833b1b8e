public import BitAllocation
import Dispatch
import Foundation
import Synchronization

extension RobustnessStudy {
    /// The most draws that a study may have.
    public static let drawLimit = 1_000_000

    /// Draws tables, solves each, and compares a plan with what is best there.
    ///
    /// - Parameters:
    ///   - choices: The chosen option per layer, an index into the problem's columns, as in `AllocationPlan.choices`.
    ///   - problem: The problem that the plan is for.
    ///   - uncertainty: What is drawn; for the layers of the problem.
    ///   - drawCount: The number of draws, from 1 to ``drawLimit``.
    ///   - seed: The seed of the draws.
    ///   - allocator: What solves each draw; asked to stop, it ends the study after the draws that are solved.
    ///   - workerCount: The number of draws that are solved at a time; `nil` for one per core.
    /// - Throws: `AllocationError.invalidProblem(_:)` for a plan or an uncertainty of another problem, a number of draws
    ///   out of range, and spreads so large that impacts cannot be added; the errors of `Allocator.plan(for:)`.
    public init(
        of choices: [Int],
        for problem: AllocationProblem,
        uncertainty: ImpactUncertainty,
        drawCount: Int,
        seed: UInt64,
        allocator: Allocator = Allocator(),
        workerCount: Int? = nil
    ) throws(AllocationError) {
        try Self.check(choices, problem, uncertainty)
        guard (1...Self.drawLimit).contains(drawCount) else {
            throw .invalidProblem(
                "the number of draws is \(drawCount); it must be from 1 to \(Self.drawLimit)"
            )
        }
        let run = Run(problem, uncertainty, drawCount: drawCount, seed: seed, allocator: allocator)
        let workers = workerCount ?? ProcessInfo.processInfo.activeProcessorCount
        DispatchQueue.concurrentPerform(iterations: min(drawCount, max(1, workers))) { _ in run.work() }
        let solved = try run.result()

        var impacts: [Double] = []
        var bests: [Double] = []
        var draws: [Int] = []
        for (draw, best) in solved.best.enumerated() {
            guard let best else { continue }
            let drawn = uncertainty.impacts(ofDraw: draw, seed: seed, of: problem)
            draws.append(draw)
            bests.append(best)
            impacts.append(problem.impact(ofChoices: choices, impacts: drawn))
        }
        guard !draws.isEmpty else { throw .limitReached }
        self.choices = choices
        self.seed = seed
        self.drawCount = draws.count
        unprovenCount = solved.unprovenCount
        choiceCounts = solved.choiceCounts
        impact = SampleDistribution(impacts)
        bestImpact = SampleDistribution(bests)
        let regrets = zip(impacts, bests).map { max(0, $0 - $1) }
        regret = SampleDistribution(regrets)
        relativeRegret = SampleDistribution(zip(regrets, bests).map { $1 > 0 ? $0 / $1 : 0 })
        solvedDraws = draws
        bestImpacts = bests
    }

    /// The study of another plan over the same draws, which need not be solved again.
    ///
    /// - Parameters:
    ///   - other: The chosen option per layer of the other plan.
    ///   - problem: The problem that the study was made for.
    ///   - uncertainty: What was drawn.
    /// - Returns: The study of the other plan.
    /// - Throws: `AllocationError.invalidProblem(_:)` for a plan or an uncertainty of another problem.
    public func study(
        of other: [Int],
        for problem: AllocationProblem,
        uncertainty: ImpactUncertainty
    ) throws(AllocationError) -> RobustnessStudy {
        try Self.check(other, problem, uncertainty)
        guard choiceCounts.count == problem.optionBytes.count else {
            throw .invalidProblem("the study is of another problem")
        }
        return RobustnessStudy(
            other,
            impacts: solvedDraws.map { draw in
                problem.impact(
                    ofChoices: other,
                    impacts: uncertainty.impacts(ofDraw: draw, seed: seed, of: problem)
                )
            },
            draws: self
        )
    }

    private init(_ choices: [Int], impacts: [Double], draws study: RobustnessStudy) {
        self.choices = choices
        seed = study.seed
        drawCount = study.drawCount
        unprovenCount = study.unprovenCount
        choiceCounts = study.choiceCounts
        impact = SampleDistribution(impacts)
        bestImpact = study.bestImpact
        let regrets = zip(impacts, study.bestImpacts).map { max(0, $0 - $1) }
        regret = SampleDistribution(regrets)
        relativeRegret = SampleDistribution(zip(regrets, study.bestImpacts).map { $1 > 0 ? $0 / $1 : 0 })
        solvedDraws = study.solvedDraws
        bestImpacts = study.bestImpacts
    }

    private static func check(
        _ choices: [Int],
        _ problem: AllocationProblem,
        _ uncertainty: ImpactUncertainty
    ) throws(AllocationError) {
        guard choices.count == problem.layerCount,
            choices.indices.allSatisfy({ problem.options(ofLayer: $0).contains(choices[$0]) })
        else { throw .invalidProblem("the plan is of another problem") }
        guard uncertainty.sourceOfLayer.count == problem.layerCount,
            uncertainty.optionErrors?.count ?? problem.optionImpact.count == problem.optionImpact.count
        else {
            throw .invalidProblem("the spreads are of another problem")
        }
    }

    /// What the draws gave.
    private struct Solved {
        var best: [Double?]
        var choiceCounts: [Int]
        var unprovenCount = 0
        var count = 0
        var error: (draw: Int, error: AllocationError)?
    }

    /// The draws, shared by all workers.
    private final class Run: Sendable {
        private let problem: AllocationProblem
        private let uncertainty: ImpactUncertainty
        private let drawCount: Int
        private let seed: UInt64
        private let allocator: Allocator
        private let nextDraw = Atomic<Int>(0)
        private let solved: Mutex<Solved>

        init(
            _ problem: AllocationProblem,
            _ uncertainty: ImpactUncertainty,
            drawCount: Int,
            seed: UInt64,
            allocator: Allocator
        ) {
            self.problem = problem
            self.uncertainty = uncertainty
            self.drawCount = drawCount
            self.seed = seed
            self.allocator = allocator
            let counts = [Int](repeating: 0, count: problem.optionBytes.count)
            solved = Mutex(
                Solved(best: [Double?](repeating: nil, count: drawCount), choiceCounts: counts)
            )
        }

        /// Solves draws until there are none left.
        func work() {
            while !allocator.shouldStop() {
                let draw = nextDraw.wrappingAdd(1, ordering: .relaxed).oldValue
                guard draw < drawCount else { return }
                do throws(AllocationError) {
                    let drawn = try problem.with(
                        impacts: uncertainty.impacts(ofDraw: draw, seed: seed, of: problem)
                    )
                    let plan = try allocator.plan(for: drawn)
                    // A plan that was cut short says nothing about its draw.
                    guard plan.ending != .stopped else { return }
                    solved.withLock { solved in
                        solved.best[draw] = plan.impact
                        for choice in plan.choices {
                            solved.choiceCounts[choice] += 1
                        }
                        if plan.status != .optimal { solved.unprovenCount += 1 }
                        solved.count += 1
                        allocator.progress(solved.count, drawCount)
                    }
                } catch {
                    solved.withLock { solved in
                        // The first draw's error, whichever worker was quicker.
                        if draw < solved.error?.draw ?? .max { solved.error = (draw, error) }
                    }
                    return
                }
            }
        }

        func result() throws(AllocationError) -> Solved {
            let result = solved.withLock { $0 }
            if let error = result.error, !allocator.shouldStop() { throw error.error }
            return result
        }
    }
}

extension AllocationProblem {
    /// The combined impact of a choice in a draw.
    func impact(ofChoices choices: [Int], impacts: [Double]) -> Double {
        combination.total(choices.lazy.map { impacts[$0] })
    }
}
