/// The options that are left per unit once every forbidden and dominated one is dropped, as weights and costs.
///
/// A unit is a layer, or the layers that are tied to take one format. An option is dominated when another option of its unit
/// is no larger and costs no more: a best plan never needs it. What remains stands in order of strictly growing weight and
/// strictly falling cost.
struct Candidates: Sendable {
    /// What an option, given by its index in the problem's columns, costs in the sum that is minimised.
    typealias Cost = (Int) -> Double

    /// Where each unit's candidates start; one more element than there are units.
    private(set) var first: [Int32] = [0]
    /// Bytes above the smallest option of the unit.
    private(set) var weight: [Int] = []
    /// The cost that is summed: the impact, or its scaled square.
    private(set) var cost: [Double] = []
    /// The option's index in the problem's columns, or the complement of an index into ``tiedOptions``.
    private(set) var source: [Int32] = []
    /// The options that a candidate of tied layers stands for, in the order of the unit's layers.
    private(set) var tiedOptions: [[Int]] = []
    /// The sum over the units of their smallest sizes, in bytes.
    private(set) var smallestBytes = 0
    /// The first unit without any candidate, or `nil`.
    private(set) var emptyUnit: Int?
    /// The layers of each unit.
    let units: Units

    var unitCount: Int { first.count - 1 }

    func range(ofUnit unit: Int) -> Range<Int> {
        Int(first[unit])..<Int(first[unit + 1])
    }

    /// One option of a unit before dominated ones are dropped.
    private struct Entry {
        var bytes: Int
        var cost: Double
        var source: Int32
    }

    /// Reduces a problem's options.
    ///
    /// - Parameters:
    ///   - problem: The layers and their options.
    ///   - units: The problem's units.
    ///   - ceiling: Options with a larger impact are left out.
    ///   - isAllowed: Whether an option may be chosen, or `nil` where all may.
    ///   - cost: What an option costs.
    init(
        _ problem: AllocationProblem,
        units: Units,
        ceiling: Double = .infinity,
        isAllowed: [Bool]?,
        cost: Cost
    ) {
        self.units = units
        first.reserveCapacity(units.count + 1)
        weight.reserveCapacity(problem.optionBytes.count)
        self.cost.reserveCapacity(problem.optionBytes.count)
        source.reserveCapacity(problem.optionBytes.count)
        var entries: [Entry] = []
        for unit in 0..<units.count {
            entries.removeAll(keepingCapacity: true)
            if let layer = units.singleLayer(ofUnit: unit) {
                for option in problem.options(ofLayer: layer)
                where problem.optionImpact[option] <= ceiling && isAllowed?[option] ?? true {
                    Self.insert(
                        Entry(
                            bytes: problem.optionBytes[option],
                            cost: cost(option),
                            source: Int32(option)
                        ),
                        into: &entries
                    )
                }
            } else {
                for options in units.commonOptions(ofUnit: unit, in: problem, isAllowed: isAllowed)
                where options.allSatisfy({ problem.optionImpact[$0] <= ceiling }) {
                    Self.insert(
                        Entry(
                            bytes: options.reduce(0) { $0 + problem.optionBytes[$1] },
                            cost: options.reduce(0) { $0 + cost($1) },
                            source: ~Int32(tiedOptions.count)
                        ),
                        into: &entries
                    )
                    tiedOptions.append(options)
                }
            }
            if entries.isEmpty, emptyUnit == nil {
                emptyUnit = unit
            }
            let smallest = entries.first?.bytes ?? 0
            var least = Double.infinity
            for entry in entries where entry.cost < least {
                least = entry.cost
                weight.append(entry.bytes - smallest)
                self.cost.append(entry.cost)
                source.append(entry.source)
            }
            smallestBytes += smallest
            first.append(Int32(weight.count))
        }
    }

    /// Keeps the few options of a unit in order of size, then cost, then position.
    private static func insert(_ entry: Entry, into entries: inout [Entry]) {
        var place = entries.count
        entries.append(entry)
        while place > 0 {
            let other = entries[place - 1]
            guard other.bytes > entry.bytes || (other.bytes == entry.bytes && other.cost > entry.cost) else {
                break
            }
            entries[place] = other
            place -= 1
        }
        entries[place] = entry
    }

    /// The chosen option per layer for a chosen candidate per unit.
    func choices(_ choice: some Sequence<Int32>) -> [Int] {
        var choices = [Int](repeating: 0, count: units.layerCount)
        for (unit, candidate) in choice.enumerated() {
            let source = source[Int(candidate)]
            if let layer = units.singleLayer(ofUnit: unit) {
                choices[layer] = Int(source)
            } else {
                for (layer, option) in zip(units.layers(ofUnit: unit), tiedOptions[Int(~source)]) {
                    choices[layer] = option
                }
            }
        }
        return choices
    }
}

extension Candidates {
    /// The last candidate of a unit that has at most so many bytes, or `nil`.
    func lastCandidate(ofUnit unit: Int, upTo bytes: Int, in problem: AllocationProblem) -> Int32? {
        let range = range(ofUnit: unit)
        guard let first = range.first else { return nil }
        let smallest = self.bytes(ofCandidate: first, in: problem)
        return range.last { smallest + weight[$0] <= bytes }.map(Int32.init)
    }

    private func bytes(ofCandidate candidate: Int, in problem: AllocationProblem) -> Int {
        let source = source[candidate]
        return source >= 0
            ? problem.optionBytes[Int(source)]
            : tiedOptions[Int(~source)].reduce(0) { $0 + problem.optionBytes[$1] }
    }
}
