public import BitAllocation
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
        /// No layer takes a format with fewer bits per weight than given here by layer name, or by the names of all of its tensors, of
        /// which the smallest format counts, as a recipe names what it keeps.
        case nestedIn([String: QuantizationFormat])
        /// At most so many different formats.
        case formatLimit(Int)
        /// A second cost, given per layer and format, stays within a limit.
        case secondBudget(SecondBudget)

        /// The pattern of the layers that are meant, or nil where there is none.
        var glob: Glob? {
            switch self {
            case .pin(let glob, _), .atLeast(let glob, _), .atMost(let glob, _), .tie(let glob): glob
            case .tieSets, .nestedIn, .formatLimit, .secondBudget: nil
            }
        }
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

    /// The one format that is named, or nil.
    public var format: QuantizationFormat? {
        switch kind {
        case .pin(_, let format), .atLeast(_, let format), .atMost(_, let format): format
        case .tie, .tieSets, .nestedIn, .formatLimit, .secondBudget: nil
        }
    }
}

extension Restriction {
    /// The same restriction with the formats of layers that another plan names by their tensors, which it keeps.
    func nestedByTensors(of layers: [ModelLayer]) -> Restriction {
        guard case .nestedIn(var formats) = kind else { return self }
        for layer in layers where formats[layer.name] == nil {
            let known = layer.tensors.compactMap { formats[$0.name] }
            guard known.count == layer.tensors.count else { continue }
            formats[layer.name] = known.min { $0.bitsPerWeight < $1.bitsPerWeight }
        }
        return Restriction(.nestedIn(formats), description: description)
    }
}

extension AllocationProblem {
    /// Adds restrictions to the problem.
    ///
    /// - Throws: ``PlanningError/patternMatchesNothing(_:near:)`` for a pattern without a layer;
    ///   ``PlanningError/contradiction(relax:budget:)`` where the restrictions leave some layer no format, naming the smallest
    ///   set to relax; ``PlanningError/allocation(_:)``.
    public mutating func apply(_ restrictions: [Restriction]) throws(PlanningError) {
        let original = self
        for restriction in restrictions {
            try add(restriction)
        }
        if !hasOptionsForAll {
            throw .contradiction(
                relax: original.smallestRelaxation(of: restrictions) { problem, _ in problem.hasOptionsForAll
                },
                budget: nil
            )
        }
    }

    /// The restrictions that rule an option out, each by itself.
    ///
    /// - Parameters:
    ///   - option: The option's index in the problem's columns.
    ///   - restrictions: The restrictions, none of them applied to this problem yet.
    /// - Returns: Those of the restrictions that forbid the option.
    public func restrictions(forbidding option: Int, of restrictions: [Restriction]) -> [Restriction] {
        restrictions.filter { restriction in
            var problem = self
            guard (try? problem.add(restriction)) != nil else { return false }
            return problem.isAllowed?[option] == false
        }
    }

    /// The descriptions of the fewest restrictions without which some plan fits a budget.
    ///
    /// - Returns: `nil` where there are no restrictions or the budget is too small for any plan; none where it was not found out
    ///   in two seconds which they are.
    public func relaxation(of restrictions: [Restriction], within budget: Int) -> [String]? {
        guard !restrictions.isEmpty, smallestBytes <= budget else { return nil }
        return smallestRelaxation(of: restrictions) { problem, clock in
            ProblemSearch(problem, method: .greedy).isFeasible(within: budget, clock: clock) ?? false
        }
    }

    /// The descriptions of the fewest restrictions without which some plan has at most an impact; as for a budget.
    public func relaxation(of restrictions: [Restriction], maximumImpact: Double) -> [String]? {
        guard !restrictions.isEmpty else { return nil }
        func isEnough(_ problem: AllocationProblem, _ clock: StopClock) -> Bool {
            let search = ProblemSearch(problem, method: .greedy)
            return (try? search.plan(within: problem.largestBytes, clock: clock)).map {
                $0.impact <= maximumImpact
            } ?? false
        }
        let clock = StopClock(timeLimit: .seconds(1)) { false }
        guard isEnough(self, clock) else { return nil }
        return smallestRelaxation(of: restrictions, until: isEnough)
    }

    private var hasOptionsForAll: Bool {
        smallestAllowedBytes != nil
    }

    /// The fewest restrictions whose removal makes a predicate true: single ones first, then pairs, and so on; none where
    /// that takes more than two seconds.
    private func smallestRelaxation(
        of restrictions: [Restriction],
        until predicate: (AllocationProblem, StopClock) -> Bool
    ) -> [String] {
        let clock = StopClock(timeLimit: .seconds(2)) { false }
        func isEnough(without removed: [Int]) -> Bool {
            var problem = self
            do throws(PlanningError) {
                for (index, restriction) in restrictions.enumerated() where !removed.contains(index) {
                    try problem.add(restriction)
                }
            } catch {
                return false
            }
            return problem.hasOptionsForAll && predicate(problem, clock)
        }
        for size in 1...max(1, restrictions.count) where size < restrictions.count {
            var picked = Array(0..<size)
            while true {
                if isEnough(without: picked) { return picked.map { restrictions[$0].description } }
                guard !clock.shouldStop() else { return [] }
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

    private mutating func add(_ restriction: Restriction) throws(PlanningError) {
        let bits = formatNames.map { QuantizationFormat(named: $0)?.bitsPerWeight }
        // Copies, so that the predicates do not read the problem while it is changed.
        let (names, formatOf, layerNames) = (formatNames, optionFormat, layerNames)
        switch restriction.kind {
        case .pin(let glob, let format):
            let layers = try layers(matching: glob, of: restriction)
            guard
                layers.contains(where: { layer in
                    options(ofLayer: layer).contains { names[Int(formatOf[$0])] == format.name }
                })
            else { throw .formatNowhere(restriction.description, format: format.name, known: names) }
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
            guard groups.values.contains(where: { $0.count > 1 }) else {
                throw .tiesNothing(restriction.description)
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
                throw .allocation(
                    .invalidProblem(
                        "\(restriction.description) does not have the layer \(missing[0]); name a recipe of the same model"
                    )
                )
            }
            forbid { layer, option in
                bits[Int(formatOf[option])] ?? 0 < formats[layerNames[layer]]?.bitsPerWeight ?? 0
            }
        case .formatLimit(let limit):
            guard limit > 0 else {
                throw .allocation(
                    .invalidProblem("\(restriction.description): at least one format is needed")
                )
            }
            formatLimit = min(formatLimit ?? limit, limit)
        case .secondBudget(let second):
            do throws(AllocationError) {
                try setSecondBudget(second)
            } catch {
                throw .allocation(error)
            }
        }
    }

    private func layers(matching glob: Glob, of restriction: Restriction) throws(PlanningError) -> Set<Int> {
        let found = Set(layerNames.indices.filter { glob.matches(layerNames[$0]) })
        guard !found.isEmpty else {
            throw .patternMatchesNothing(restriction.description, near: NearNames.of(glob, in: layerNames))
        }
        return found
    }
}
