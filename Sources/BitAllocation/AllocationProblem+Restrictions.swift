extension AllocationProblem {
    /// Forbids the options that a predicate picks, besides those that are forbidden already.
    ///
    /// - Parameter isForbidden: Given a layer's index and an option's index in the columns.
    public mutating func forbid(where isForbidden: (_ layer: Int, _ option: Int) -> Bool) {
        var mask = isAllowed ?? [Bool](repeating: true, count: optionBytes.count)
        for layer in 0..<layerCount {
            for option in options(ofLayer: layer) where mask[option] && isForbidden(layer, option) {
                mask[option] = false
            }
        }
        isAllowed = mask
    }

    /// Makes layers take one format; a layer that is tied already brings its partners along.
    public mutating func tie(_ layers: [Int]) {
        var merged = Set(layers)
        ties.removeAll { tie in
            guard !merged.isDisjoint(with: tie) else { return false }
            merged.formUnion(tie)
            return true
        }
        guard merged.count > 1 else { return }
        ties.append(merged.sorted())
        ties.sort { $0[0] < $1[0] }
    }

    /// The options of a layer that may be chosen.
    public func allowedOptions(ofLayer layer: Int) -> [Int] {
        options(ofLayer: layer).filter { isAllowed?[$0] ?? true }
    }
}
