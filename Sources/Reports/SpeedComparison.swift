import Text

/// What speed costs on several devices: a plan for each floor on the tokens per second, side by side.
public struct SpeedComparison: Sendable {
    /// What a plan comes to.
    public struct Outcome: Hashable, Sendable {
        /// The bytes of the file.
        public var bytes: Int
        /// The tokens per second that the bandwidths allow at most, where they are known.
        public var speed: Double?
        /// The bytes of weights on each device.
        public var weights: [Int]
        /// The combined impact.
        public var impact: Double
        /// The gap to the proven bound.
        public var gap: Double

        /// Creates an outcome.
        public init(bytes: Int, speed: Double?, weights: [Int], impact: Double, gap: Double) {
            self.bytes = bytes
            self.speed = speed
            self.weights = weights
            self.impact = impact
            self.gap = gap
        }
    }

    /// A floor on the speed, and the plan that keeps to it.
    public struct Row: Hashable, Sendable {
        /// The tokens per second that were asked for, or nil for none.
        public var floor: Double?
        /// The plan, or nil where none is so fast.
        public var plan: Outcome?

        /// Creates a row.
        public init(floor: Double?, plan: Outcome?) {
            self.floor = floor
            self.plan = plan
        }
    }

    private let rows: [Row]
    private let devices: [String]
    private let parameters: Int

    /// Compares plans of one model on the same devices.
    ///
    /// - Parameters:
    ///   - rows: A row per floor.
    ///   - devices: The devices' names, in the order of the weights.
    ///   - parameters: The model's parameters.
    public init(_ rows: [Row], on devices: [String], parameters: Int) {
        self.rows = rows
        self.devices = devices
        self.parameters = parameters
    }

    /// A row per floor: what was asked for and what there is, the file, the weights on each device, the impact, and how much more that
    /// is than in the first row that has a plan.
    public func table() -> Table {
        var table = Table(
            columns: [
                Table.Column("Asked", .right, key: "minSpeed"),
                Table.Column("Tokens/s", .right, key: "speed"),
                Table.Column("Size", .right, key: "bytes"), Table.Column("bpw", .right, key: "bitsPerWeight"),
            ] + devices.map { Table.Column("On \($0.visible)", .right, key: "weights.\($0)") } + [
                Table.Column("Impact", .right, key: "impact"), Table.Column("Gap", .right, key: "gap"),
                Table.Column("Costs", .right, key: "excessImpact"),
            ]
        )
        let reference = rows.lazy.compactMap(\.plan).first
        for row in rows {
            var cells = [row.floor.map(Table.Cell.speed) ?? .empty]
            guard let plan = row.plan else {
                table.append(cells + [Table.Cell("none is so fast", value: .null)])
                continue
            }
            cells += [
                plan.speed.map(Table.Cell.speed) ?? .empty,
                Table.Cell.memory(plan.bytes),
                Table.Cell.bitsPerWeight(bytes: plan.bytes, parameters: parameters),
            ]
            cells += plan.weights.map(Table.Cell.memory)
            cells += [
                Table.Cell.impact(plan.impact),
                Table.Cell.gap(plan.gap),
            ]
            if let reference {
                cells.append(
                    Table.Cell.excess(plan.impact, over: reference.impact)
                )
            }
            table.append(cells)
        }
        return table
    }
}
