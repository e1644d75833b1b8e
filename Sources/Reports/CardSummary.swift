import Text
public import BitAllocation
public import Planning
public import Runtimes
import Tensors

/// Where a card's memory goes, line by line, and what each part of it would be worth to the plan.
///
/// The worth of a part is the share of the plan's impact that could be saved were the part not there, at the price of a byte at this budget:
/// the curve of best plans bends towards less, so it is the most that the part can be worth.
public struct CardSummary: Sendable {
    private let budget: CardBudget
    private let used: (card: Int, offCard: Int)?
    private let impact: Double
    private let price: BudgetPrice?

    /// Creates a summary of a card, and of the plan on it where there is one.
    ///
    /// - Parameters:
    ///   - budget: The card as a budget.
    ///   - plan: The plan on it.
    ///   - task: The task that was planned.
    public init(_ budget: CardBudget, plan: AllocationPlan? = nil, for task: PlanningTask) {
        self.budget = budget
        guard let plan else {
            (used, impact, price) = (nil, 0, nil)
            return
        }
        used = (
            budget.cardBytes(of: plan, for: task), budget.offCardBytes(ofChoices: plan.choices, for: task)
        )
        impact = plan.impact
        var problem = task.problem
        problem.budget = budget.fileBytes
        price = BudgetPrice(of: problem, at: plan.choices)
    }

    /// The lines for a terminal of so many columns.
    public func lines(width: Int) -> [String] {
        let memory = budget.memory
        var rows = memory.claims.map { Row(name: $0.name, bytes: $0.bytes, note: note(of: $0)) }
        if let used {
            rows.insert(Row(name: "weights", bytes: used.card, note: "of the plan"), at: 0)
            rows.append(Row(name: "left", bytes: memory.bytesForWeights - used.card, note: ""))
        } else {
            rows.insert(
                Row(name: "weights", bytes: memory.bytesForWeights, note: "what is left for them"),
                at: 0
            )
        }
        let off =
            offCardText.map { TerminalStyle.wrapped($0, width: max(40, width - 8)).map { "        " + $0 } }
            ?? []
        return Self.lines(of: rows, on: memory, width: width) + off
    }

    /// The lines for a card without a plan: what is left for weights, where something is, and what takes the rest.
    ///
    /// - Parameters:
    ///   - memory: What takes memory of the card.
    ///   - width: The columns of the terminal.
    /// - Returns: A line for the card, and one for each part.
    public static func lines(of memory: CardMemory, width: Int) -> [String] {
        var rows = memory.claims.map { Row(name: $0.name, bytes: $0.bytes, note: standing(of: $0)) }
        if memory.bytesForWeights > 0 {
            rows.insert(
                Row(name: "weights", bytes: memory.bytesForWeights, note: "what is left for them"),
                at: 0
            )
        }
        return lines(of: rows, on: memory, width: width)
    }

    /// A part of the card.
    private struct Row {
        let name: String
        let bytes: Int
        let note: String
    }

    private static func lines(of rows: [Row], on memory: CardMemory, width: Int) -> [String] {
        let names = rows.map { $0.name.visible }
        let nameWidth = (names.map(\.count).max() ?? 0) + 2
        let sizes = rows.map { ByteSize($0.bytes).binary }
        let sizeWidth = sizes.map(\.count).max() ?? 0
        let indent = 8 + nameWidth + sizeWidth + 2
        var lines = ["Card    \(ByteSize(memory.bytes).both) with \(memory.programName.visible)"]
        for (index, row) in rows.enumerated() {
            let head =
                Table.padded("", to: 8, .left) + Table.padded(names[index], to: nameWidth, .left)
                + Table.padded(sizes[index], to: sizeWidth, .right)
            let notes = TerminalStyle.wrapped(row.note.visible, width: max(24, width - indent))
            lines.append(notes.first.map { head + "  " + $0 } ?? head)
            lines += notes.dropFirst().map { Table.padded("", to: indent, .left) + $0 }
        }
        return lines
    }

    /// What a claim's size follows from, and how far that is known.
    private static func standing(of claim: MemoryClaim) -> String {
        switch claim.certainty {
        case .computed, .bound, .given: claim.note
        case .stated: "\(claim.note); stated, unverified"
        case .assumed: "\(claim.note); assumed"
        }
    }

    private func note(of claim: MemoryClaim) -> String {
        Self.standing(of: claim) + (worth(of: claim.bytes).map { "; worth \($0)" } ?? "")
    }

    /// What so many bytes would be worth, as a share of the plan's impact.
    private func worth(of bytes: Int) -> String? {
        guard let price, price.perByte > 0, impact > 0, bytes > 0 else { return nil }
        let saved = price.perByte * Double(bytes)
        let share =
            price.isSquared
            ? 1 - max(0, 1 - saved / (impact * impact)).squareRoot() : min(1, saved / impact)
        return "up to \(Figures.percent(share)) of the impact"
    }

    private var offCardText: String? {
        let names = budget.memory.offCardTensors.sorted()
        guard !names.isEmpty else { return nil }
        let shown = names.listed(atMost: 2, quoted: false)
        let size = used.map { ", \(ByteSize($0.offCard).binary)" } ?? ""
        return "In the file, not on the card: \(shown) and the header\(size)"
    }

    /// Whether a choice whose file has so many bytes fits the card.
    func fits(_ choices: [Int], fileBytes: Int, for task: PlanningTask) -> Bool {
        budget.fits(choices, fileBytes: fileBytes, for: task)
    }
}
