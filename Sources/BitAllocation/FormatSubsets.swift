/// The sets of so many formats that plans may be made of, where they are few enough to be solved one by one.
struct FormatSubsets: Sendable {
    /// The most sets that are solved one by one.
    static let countLimit = 5_000
    /// The most options that all sets have together, which sets the time that bounds for all of them take.
    private static let optionLimit = 50_000_000

    /// The sets: for every format, by its index in the problem, whether it is in the set.
    let sets: [[Bool]]

    /// Finds the sets that leave every layer an option; `nil` where they are too many.
    ///
    /// A set with fewer formats is part of one with as many as the limit allows, so only those of that size are there, or the
    /// one of all formats.
    init?(of problem: AllocationProblem, limit: Int) {
        let layers = (0..<problem.layerCount).map { layer in
            Set(problem.allowedOptions(ofLayer: layer).map { Int(problem.optionFormat[$0]) })
        }
        let needs = Set(layers)
        // A format that is the only one of some layer is in every set.
        let forced = Set(needs.filter { $0.count == 1 }.joined())
        let free = Set(needs.joined()).subtracting(forced).sorted()
        let size = min(limit - forced.count, free.count)
        guard size >= 0 else {
            sets = []
            return
        }
        let most = min(Self.countLimit, Self.optionLimit / max(1, problem.optionBytes.count))
        guard Self.count(size, of: free.count, upTo: most) <= most else { return nil }
        var sets: [[Bool]] = []
        var chosen: [Int] = []
        func choose(from start: Int) {
            guard chosen.count < size else {
                let set = forced.union(chosen.map { free[$0] })
                guard needs.allSatisfy({ !$0.isDisjoint(with: set) }) else { return }
                sets.append(problem.formatNames.indices.map(set.contains))
                return
            }
            // As many formats have to be left as are still to be chosen.
            var next = start
            while next <= free.count - (size - chosen.count) {
                chosen.append(next)
                choose(from: next + 1)
                chosen.removeLast()
                next += 1
            }
        }
        choose(from: 0)
        self.sets = sets
    }

    /// How many sets of a size there are, or something above a limit where there are more than that.
    private static func count(_ size: Int, of count: Int, upTo limit: Int) -> Int {
        var product = 1
        for step in 0..<min(size, count - size) {
            let (next, overflow) = product.multipliedReportingOverflow(by: count - step)
            guard !overflow else { return .max }
            product = next / (step + 1)
            // Further steps only make it more.
            if product > limit { return product }
        }
        return product
    }
}
