import BitAllocation

/// Plans for one card at several lengths of context and formats of cache, side by side.
public struct CardComparison: Sendable {
    /// One length and format, and the plan for it, or why there is none.
    public struct Row: Sendable {
        /// The length of the context as it was asked for, such as `32k`.
        public let context: String
        /// The format of the cache as it was asked for, such as `q8_0`.
        public let cache: String
        /// The bytes of the cache; nil where the runtime refuses it.
        public let cacheBytes: Int?
        /// What the card leaves for the file, in bytes; nil where that is nothing.
        public let budget: Int?
        /// The size, the impact and the gap of the plan; nil where there is none.
        public let plan: Outcome?
        /// Why there is none.
        public let refusal: String?

        /// Creates a row.
        public init(
            context: String,
            cache: String,
            cacheBytes: Int?,
            budget: Int?,
            plan: Outcome?,
            refusal: String? = nil
        ) {
            self.context = context
            self.cache = cache
            self.cacheBytes = cacheBytes
            self.budget = budget
            self.plan = plan
            self.refusal = refusal
        }
    }

    /// What a plan comes to.
    public struct Outcome: Hashable, Sendable {
        /// The size of the whole file, in bytes.
        public let bytes: Int
        /// The combined impact.
        public let impact: Double
        /// The relative distance between the impact and its bound.
        public let gap: Double

        /// Creates an outcome.
        public init(bytes: Int, impact: Double, gap: Double) {
            self.bytes = bytes
            self.impact = impact
            self.gap = gap
        }
    }

    private let rows: [Row]
    private let parameters: Int

    /// Compares plans of one model on one card.
    public init(_ rows: [Row], parameters: Int) {
        self.rows = rows
        self.parameters = parameters
    }

    /// The impact of the first row that has a plan, to which the others are held.
    private var reference: Outcome? { rows.lazy.compactMap(\.plan).first }

    /// A row per length and format: the cache, the file, its impact, and how much more that is than in the first row.
    public func table() -> Table {
        var table = Table(
            columns: [
                Table.Column("Context", .right, key: "context"), Table.Column("Cache", key: "cache"),
                Table.Column("KV cache", .right, key: "cacheBytes"),
                Table.Column("File at most", .right, key: "budget"),
                Table.Column("Size", .right, key: "bytes"),
                Table.Column("bpw", .right, key: "bitsPerWeight"),
                Table.Column("Impact", .right, key: "impact"), Table.Column("Gap", .right, key: "gap"),
                Table.Column("Costs", .right, key: "excessImpact"),
            ],
            keyColumnCount: 2
        )
        for row in rows {
            var cells = [
                Table.Cell(row.context), Table.Cell(row.cache),
                row.cacheBytes.map(Table.Cell.memory) ?? .empty,
                row.budget.map(Table.Cell.memory) ?? .empty,
            ]
            if let plan = row.plan {
                cells += [
                    Table.Cell.memory(plan.bytes),
                    Table.Cell.bitsPerWeight(bytes: plan.bytes, parameters: parameters),
                    Table.Cell.impact(plan.impact),
                    Table.Cell.gap(plan.gap),
                    reference.map {
                        Table.Cell.excess(plan.impact, over: $0.impact)
                    } ?? .empty,
                ]
            } else {
                cells.append(Table.Cell(row.refusal ?? "does not fit", value: .null))
            }
            table.append(cells)
        }
        return table
    }

    /// What every longer context costs with the first cache, and whether a smaller one buys it back.
    public func sentences() -> [String] {
        let caches = rows.map(\.cache).uniqued()
        let contexts = rows.map(\.context).uniqued()
        guard let first = caches.first else { return [] }
        func plan(_ context: String, _ cache: String) -> Outcome? {
            rows.first { $0.context == context && $0.cache == cache }?.plan
        }
        var sentences: [String] = []
        for (shorter, longer) in zip(contexts, contexts.dropFirst()) {
            guard let before = plan(shorter, first) else { continue }
            let others = caches.dropFirst().compactMap { cache in
                plan(longer, cache).map { (cache, $0.impact) }
            }
            let enough = others.first { $0.1 <= before.impact * (1 + AllocationPlan.impactTolerance) }
            guard let after = plan(longer, first) else {
                let fits = others.first.map { "; with \($0.0) it does" } ?? ""
                sentences.append("\(longer) does not fit with \(first)\(fits)")
                continue
            }
            guard after.impact > before.impact else { continue }
            let times = after.impact / before.impact
            let cost =
                before.impact == 0
                ? "costs \(Figures.impact(after.impact)) of"
                : times < 3
                    ? "costs \(Figures.percent(times - 1)) more" : "has \(Figures.ratio(times)) times the"
            var sentence = "\(longer) instead of \(shorter) \(cost) impact"
            if let enough {
                sentence += "; a \(enough.0) cache buys it back"
            } else if let best = others.min(by: { $0.1 < $1.1 }), best.1 < after.impact {
                let share = (after.impact - best.1) / (after.impact - before.impact)
                sentence += "; a \(best.0) cache buys back \(Figures.percent(share)) of it"
            }
            sentences.append(sentence)
        }
        return sentences
    }
}

extension Sequence where Element: Hashable {
    /// The elements without those that stand further in front already.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
