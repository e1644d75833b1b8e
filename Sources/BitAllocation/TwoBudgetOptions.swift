/// The options per unit of a problem with two budgets, once every dominated one is dropped.
///
/// An option is dominated when another of its unit is no larger, takes no more of the second budget and costs no more.
struct TwoBudgetOptions {
    struct Entry {
        var bytes: Int
        var second: Double
        var cost: Double
        /// The options of the unit's layers, in their order.
        var options: [Int]
    }

    let units: Units
    private(set) var entries: [[Entry]] = []

    init(
        _ problem: AllocationProblem,
        second: SecondBudget,
        units: Units,
        ceiling: Double,
        isAllowed: [Bool]?,
        cost: (Int) -> Double
    ) {
        self.units = units
        for unit in 0..<units.count {
            var all: [Entry] = []
            if let layer = units.singleLayer(ofUnit: unit) {
                for option in problem.options(ofLayer: layer) where isAllowed?[option] ?? true {
                    all.append(
                        Entry(
                            bytes: problem.optionBytes[option],
                            second: second.cost[option],
                            cost: cost(option),
                            options: [option]
                        )
                    )
                }
            } else {
                for options in units.commonOptions(ofUnit: unit, in: problem, isAllowed: isAllowed) {
                    all.append(
                        Entry(
                            bytes: options.reduce(0) { $0 + problem.optionBytes[$1] },
                            second: options.reduce(0) { $0 + second.cost[$1] },
                            cost: options.reduce(0) { $0 + cost($1) },
                            options: options
                        )
                    )
                }
            }
            all.removeAll { entry in entry.options.contains { problem.optionImpact[$0] > ceiling } }
            all.sort {
                ($0.bytes, $0.second, $0.cost, $0.options[0]) < ($1.bytes, $1.second, $1.cost, $1.options[0])
            }
            var kept: [Entry] = []
            for entry in all
            where !kept.contains(where: { $0.second <= entry.second && $0.cost <= entry.cost }) {
                kept.append(entry)
            }
            entries.append(kept)
        }
    }

    /// The sum over the units of the least of a figure.
    func least<Figure: Comparable & AdditiveArithmetic>(_ figure: (Entry) -> Figure) -> Figure {
        entries.reduce(Figure.zero) { total, unit in
            total + (unit.map(figure).min() ?? .zero)
        }
    }
}
