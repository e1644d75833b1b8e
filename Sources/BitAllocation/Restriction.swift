public import Tensors

/// Something that a user asks of a plan besides the budget.
public struct Restriction: Hashable, Sendable, CustomStringConvertible {
    /// What is asked.
    public enum Kind: Hashable, Sendable {
        /// The layers that a pattern matches take one given format.
        case pin(Glob, QuantizationFormat)
        /// The layers that a pattern matches take no format with fewer bits per weight.
        case atLeast(Glob, QuantizationFormat)
        /// The layers that a pattern matches take no format with more bits per weight.
        case atMost(Glob, QuantizationFormat)
        /// Of the layers that a pattern matches, those whose `*` captures are the same take one format.
        case tie(Glob)
        /// The layers of each set take one format.
        case tieSets([[String]])
        /// No layer takes a format with fewer bits per weight than given here by layer name.
        case nestedIn([String: QuantizationFormat])
        /// At most so many different formats.
        case formatLimit(Int)
        /// A second cost, given per layer and format, stays within a limit.
        case secondBudget(SecondBudget)
    }

    /// What is asked.
    public let kind: Kind
    /// The restriction as the user wrote it, for messages: `--pin layer05.txt=Q8_0`.
    public let description: String

    /// Creates a restriction.
    public init(_ kind: Kind, description: String) {
        self.kind = kind
        self.description = description
    }
}

extension AllocationProblem {
    /// Adds restrictions to the problem.
    ///
    /// - Throws: ``AllocationError/patternMatchesNothing(_:)`` for a pattern without a layer;
    ///   ``AllocationError/contradiction(relax:budget:)`` where the restrictions leave some layer no format, naming the smallest
    ///   set to relax; ``AllocationError/invalidProblem(_:)``.
    public mutating func apply(_ restrictions: [Restriction]) throws(AllocationError) {
        let original = self
        for restriction in restrictions {
            try add(restriction)
        }
        if !hasOptionsForAll {
            throw .contradiction(
                relax: original.smallestRelaxation(of: restrictions) { $0.hasOptionsForAll },
                budget: nil
            )
        }
    }

    /// The descriptions of the fewest restrictions without which some plan fits a budget; `nil` where the budget is too small
    /// for any plan.
    public func relaxation(
        of restrictions: [Restriction],
        within budget: Int,
        allocator: Allocator
    ) -> [String]? {
        guard !restrictions.isEmpty, smallestBytes <= budget else { return nil }
        var allocator = allocator
        allocator.method = .greedy
        return smallestRelaxation(of: restrictions) { problem in
            var problem = problem
            problem.budget = budget
            return (try? allocator.plan(for: problem)) != nil
        }
    }

    private var hasOptionsForAll: Bool {
        Candidates(self, units: Units(self), isAllowed: isAllowed) { optionImpact[$0] }.emptyUnit == nil
    }

    /// The fewest restrictions whose removal makes a predicate true: single ones first, then pairs, then threes, then all.
    private func smallestRelaxation(
        of restrictions: [Restriction],
        until predicate: (AllocationProblem) -> Bool
    ) -> [String] {
        func isEnough(without removed: [Int]) -> Bool {
            var problem = self
            do throws(AllocationError) {
                for (index, restriction) in restrictions.enumerated() where !removed.contains(index) {
                    try problem.add(restriction)
                }
            } catch {
                return false
            }
            return problem.hasOptionsForAll && predicate(problem)
        }
        let deadline = ContinuousClock.now.advanced(by: .seconds(2))
        for size in 1...3 where size < restrictions.count {
            var picked = Array(0..<size)
            while true {
                if isEnough(without: picked) { return picked.map { restrictions[$0].description } }
                guard ContinuousClock.now < deadline else { return restrictions.map(\.description) }
                // The next combination in order.
                guard let place = (0..<size).last(where: { picked[$0] < restrictions.count - size + $0 })
                else { break }
                picked[place] += 1
                for later in place + 1..<max(place + 1, size) {
                    picked[later] = picked[later - 1] + 1
                }
            }
        }
        return restrictions.map(\.description)
    }

    private mutating func add(_ restriction: Restriction) throws(AllocationError) {
        let bits = formatNames.map { QuantizationFormat(named: $0)?.bitsPerWeight }
        // Copies, so that the predicates do not read the problem while it is changed.
        let (names, formatOf, layerNames) = (formatNames, optionFormat, layerNames)
        switch restriction.kind {
        case .pin(let glob, let format):
            let layers = try layers(matching: glob, of: restriction)
            forbid { layers.contains($0) && names[Int(formatOf[$1])] != format.name }
        case .atLeast(let glob, let format):
            let layers = try layers(matching: glob, of: restriction)
            forbid { layers.contains($0) && bits[Int(formatOf[$1])] ?? 0 < format.bitsPerWeight }
        case .atMost(let glob, let format):
            let layers = try layers(matching: glob, of: restriction)
            forbid { layers.contains($0) && bits[Int(formatOf[$1])] ?? .infinity > format.bitsPerWeight }
        case .tie(let glob):
            var groups: [[Substring]: [Int]] = [:]
            for layer in try layers(matching: glob, of: restriction) {
                groups[glob.match(layerNames[layer]) ?? [], default: []].append(layer)
            }
            for group in groups.values {
                tie(group)
            }
        case .tieSets(let sets):
            var index: [String: Int] = [:]
            for (layer, name) in layerNames.enumerated() {
                index[name] = layer
            }
            for set in sets {
                tie(set.compactMap { index[$0] })
            }
        case .nestedIn(let formats):
            let missing = layerNames.filter { formats[$0] == nil }
            guard missing.isEmpty else {
                throw .invalidProblem(
                    "\(restriction.description) does not have the layer \(missing[0]); name a recipe of the same model"
                )
            }
            forbid { layer, option in
                bits[Int(formatOf[option])] ?? 0 < formats[layerNames[layer]]?.bitsPerWeight ?? 0
            }
        case .formatLimit(let limit):
            guard limit > 0 else {
                throw .invalidProblem("\(restriction.description): at least one format is needed")
            }
            formatLimit = min(formatLimit ?? limit, limit)
        case .secondBudget(let second):
            try setSecondBudget(second)
        }
    }

    private func layers(matching glob: Glob, of restriction: Restriction) throws(AllocationError) -> Set<Int>
    {
        let found = Set(layerNames.indices.filter { glob.matches(layerNames[$0]) })
        guard !found.isEmpty else { throw .patternMatchesNothing(restriction.description) }
        return found
    }
}
