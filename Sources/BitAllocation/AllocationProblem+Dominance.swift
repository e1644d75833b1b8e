extension AllocationProblem {
    /// The option of the same layer that makes an option needless, or `nil`.
    ///
    /// It may be chosen, takes no more of the budget, is no worse, and takes no more of a second budget. Layers that are tied are judged
    /// together, by the sums over them. Where the number of formats is limited, only the formats of a plan can stand in for
    /// others.
    ///
    /// - Parameters:
    ///   - option: The option's index in the problem's columns.
    ///   - layer: The layer's index.
    ///   - choices: The plan, per layer; without it nothing is said of a problem with a limited number of formats.
    /// - Returns: The other option's index.
    public func dominator(ofOption option: Int, inLayer layer: Int, at choices: [Int]? = nil) -> Int? {
        guard formatLimit == nil || choices != nil else { return nil }
        let isAllowed = choices.map(isAllowed(withinFormatsOf:)) ?? isAllowed
        guard let tie = ties.first(where: { $0.contains(layer) }), let place = tie.firstIndex(of: layer)
        else {
            return options(ofLayer: layer).first {
                isAllowed?[$0] ?? true
                    && dominates([$0], [option], isFirst: $0 < option) { optionImpact[$0] }
            }
        }
        // An option that is forbidden for a partner is no option of the tied layers, and nothing is said of it.
        let common = commonOptions(ofLayers: tie, isAllowed: self.isAllowed)
        guard let own = common.firstIndex(where: { $0[place] == option }) else { return nil }
        let scale = ImpactScale(self)
        return common.indices.first {
            isAllowed?[common[$0][place]] ?? true
                && dominates(common[$0], common[own], isFirst: $0 < own) {
                    scale.cost(ofImpact: optionImpact[$0])
                }
        }.map { common[$0][place] }
    }

    /// Whether one choice for some layers makes another needless; of two that are equal in every figure the first does.
    private func dominates(_ one: [Int], _ other: [Int], isFirst: Bool, cost: (Int) -> Double) -> Bool {
        guard one != other else { return false }
        func figures(_ options: [Int]) -> [Double] {
            let worst = combination == .max ? options.map { optionImpact[$0] }.max() ?? 0 : 0
            return options.reduce(into: [0, 0, 0, worst]) { sum, option in
                sum[0] += Double(optionBytes[option] - (uncountedBytes?[option] ?? 0))
                sum[1] += cost(option)
                sum[2] += secondBudget?.cost[option] ?? 0
            }
        }
        let (left, right) = (figures(one), figures(other))
        return zip(left, right).allSatisfy { $0 <= $1 } && (left != right || isFirst)
    }

    /// Whether an option may be chosen once the number of formats is limited to those that a plan takes.
    ///
    /// - Parameter choices: The plan: the index of the chosen option, per layer.
    /// - Returns: A mask like ``isAllowed``, which is all there is where the number is not limited.
    func isAllowed(withinFormatsOf choices: [Int]) -> [Bool]? {
        guard formatLimit != nil else { return isAllowed }
        let formats = Set(choices.map { optionFormat[$0] })
        return optionFormat.indices.map {
            formats.contains(optionFormat[$0]) && isAllowed?[$0] ?? true
        }
    }

    /// For every format that all of some layers may take, the option of each.
    func commonOptions(ofLayers layers: [Int], isAllowed: [Bool]?) -> [[Int]] {
        let optionOf = layers.map { layer in
            var options: [UInt16: Int] = [:]
            for option in self.options(ofLayer: layer) where isAllowed?[option] ?? true {
                let format = optionFormat[option]
                // A layer may list a format twice; the better option stands for it.
                if let known = options[format], optionImpact[known] <= optionImpact[option] { continue }
                options[format] = option
            }
            return options
        }
        return (optionOf.first ?? [:]).keys.sorted().compactMap { format in
            let options = optionOf.compactMap { $0[format] }
            return options.count == layers.count ? options : nil
        }
    }
}
