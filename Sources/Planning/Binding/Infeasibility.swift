import BitAllocation
public import Sensitivity
import Tensors

/// Why no plan fits a budget: the smallest possible file and what it is made of.
public struct Infeasibility: Hashable, Sendable {
    /// The budget, in bytes of the whole file.
    public let budget: Int
    /// The bytes of the smallest possible file.
    public let smallestBytes: Int
    /// The bytes of the planned layers in that.
    public let plannedBytes: Int
    /// The bytes of the tensors that are kept.
    public let keptBytes: Int
    /// The formats whose blocks keep layers large because they do not divide the rows, or nil.
    public let unfitRows: UnfitRows?

    /// The table and the smallest of its formats, where smaller ones than those of the task are not to be had of it; nil elsewhere.
    public private(set) var wholeTable: WholeTable?

    /// The same of a table that stands for one that will be measured, which no other would be better than.
    public var withoutTable: Infeasibility {
        var infeasibility = self
        infeasibility.wholeTable = nil
        return infeasibility
    }

    /// A table all of whose formats are in the task.
    public struct WholeTable: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// The smallest of its formats.
        public let smallestFormat: String
    }

    /// Looks at what the smallest file is made of.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - budget: The budget, in bytes of the whole file.
    ///   - smallestBytes: The bytes of the smallest possible file.
    ///   - table: The table, where nothing keeps its formats out of the task; nil elsewhere.
    public init(_ task: PlanningTask, budget: Int, smallestBytes: Int, table: ImpactTable? = nil) {
        self.budget = budget
        self.smallestBytes = smallestBytes
        plannedBytes = smallestBytes - task.problem.fixedBytes
        keptBytes = task.keptBytes
        unfitRows = UnfitRows(task)
        wholeTable = table.flatMap { table in
            table.formats.compactMap(QuantizationFormat.init(named:))
                .min { $0.bitsPerWeight < $1.bitsPerWeight }
                .map { WholeTable(name: table.name, smallestFormat: $0.name) }
        }
    }

    /// The cause and what to do, in a sentence.
    var sentence: String {
        """
        no plan fits \(ByteSize(budget).both): the smallest possible file has \(ByteSize(smallestBytes).both), \
        \(ByteSize(smallestBytes).grouped) bytes, which is \(ByteSize(smallestBytes - budget).decimal) more; every layer in its \
        smallest format takes \(ByteSize(plannedBytes).decimal) of that, the tensors that are kept \
        \(ByteSize(keptBytes).decimal); \(remedy)
        """
    }

    /// What to do; where blocks that do not divide the rows keep layers large, that comes first.
    private var remedy: String {
        // Whatever the layers take, what is kept does not fit.
        if budget < smallestBytes - plannedBytes {
            return
                "no format of the layers helps, as what is kept does not fit by itself; raise the budget, or keep less"
        }
        guard let unfitRows else {
            return wholeTable.map {
                """
                raise the budget, or take a table with smaller formats, such as plan estimate makes of the model's weights: \
                \($0.smallestFormat) is the smallest of \($0.name)
                """
            } ?? "raise the budget or allow smaller formats"
        }
        let formats =
            unfitRows.areOfSmallBlocks
            ? "use formats of smaller blocks, such as Q4_0, Q5_0 and Q8_0 with 32, or raise the budget"
            : "no format of few bits fits these, so they stay large; raise the budget"
        return "\(unfitRows.sentence); \(formats)"
    }
}
