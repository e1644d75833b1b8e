/// Every layer in one format: the plan that a planner has to beat.
public struct UniformPlan: Hashable, Sendable {
    /// The format's name.
    public let format: String
    /// The index of the chosen option in the problem's columns, per layer.
    public let choices: [Int]
    /// The size of the whole file, in bytes.
    public let bytes: Int
    /// The combined impact.
    public let impact: Double
    /// The layers that may not take the format and take the next larger one that they may.
    public let exceptions: [Int]
}

extension AllocationProblem {
    /// The uniform plans, from the smallest format to the largest.
    ///
    /// A layer that may not take a format takes the next larger one that it may; a format for which some layer has
    /// neither has no uniform plan.
    public func uniformPlans() -> [UniformPlan] {
        // Formats are ordered by the bytes they take relative to their layer's largest option.
        var share = [Double](repeating: 0, count: formatNames.count)
        var layersWith = [Int](repeating: 0, count: formatNames.count)
        for layer in 0..<layerCount {
            let largest = options(ofLayer: layer).reduce(1) { max($0, optionBytes[$1]) }
            for option in options(ofLayer: layer) {
                share[Int(optionFormat[option])] += Double(optionBytes[option]) / Double(largest)
                layersWith[Int(optionFormat[option])] += 1
            }
        }
        let order = formatNames.indices.filter { layersWith[$0] > 0 }.sorted {
            let left = share[$0] / Double(layersWith[$0])
            let right = share[$1] / Double(layersWith[$1])
            return left != right ? left < right : $0 < $1
        }
        var choices = order.map { _ in [Int]() }
        for place in choices.indices { choices[place].reserveCapacity(layerCount) }
        var exceptions = order.map { _ in [Int]() }
        var optionOf = [Int](repeating: -1, count: formatNames.count)
        for layer in 0..<layerCount {
            for option in options(ofLayer: layer) {
                let format = Int(optionFormat[option])
                let known = optionOf[format]
                if known < 0 || optionImpact[option] < optionImpact[known] {
                    optionOf[format] = option
                }
            }
            var nextLarger = -1
            for place in order.indices.reversed() {
                let own = optionOf[order[place]]
                if own >= 0 {
                    nextLarger = own
                } else if nextLarger >= 0 {
                    exceptions[place].append(layer)
                }
                if nextLarger >= 0 { choices[place].append(nextLarger) }
            }
            for option in options(ofLayer: layer) {
                optionOf[Int(optionFormat[option])] = -1
            }
        }
        return order.indices.compactMap { place in
            guard choices[place].count == layerCount else { return nil }
            return UniformPlan(
                format: formatNames[order[place]],
                choices: choices[place],
                bytes: bytes(ofChoices: choices[place]),
                impact: impact(ofChoices: choices[place]),
                exceptions: exceptions[place]
            )
        }
    }

    /// The size of the whole file under a choice of one option per layer, in bytes.
    public func bytes(ofChoices choices: [Int]) -> Int {
        choices.reduce(fixedBytes) { $0 + optionBytes[$1] }
    }

    /// The combined impact of a choice of one option per layer.
    public func impact(ofChoices choices: [Int]) -> Double {
        combination.total(choices.lazy.map { optionImpact[$0] })
    }

    /// The size of the smallest possible file, in bytes.
    public var smallestBytes: Int {
        (0..<layerCount).reduce(fixedBytes) { total, layer in
            total + options(ofLayer: layer).reduce(Int.max) { min($0, optionBytes[$1]) }
        }
    }

    /// The size of the smallest file that ties and forbidden options allow, in the bytes that the budget counts, or `nil` where
    /// they leave nothing.
    public var smallestAllowedBytes: Int? {
        let problem = counted
        let candidates = Candidates(problem, units: Units(problem), isAllowed: isAllowed) { optionImpact[$0] }
        return candidates.emptyUnit == nil ? fixedBytes + candidates.smallestBytes : nil
    }
}
