import BitAllocation
import Planning
import Tensors

/// Why no plan fits a budget: the smallest possible file and what it is made of.
struct Infeasibility {
    let task: PlanningTask
    let budget: Int
    let smallestBytes: Int

    var failure: Failure {
        let planned = smallestBytes - task.problem.fixedBytes
        let short = smallestBytes - budget
        return Failure(
            code: Failure.noPlan,
            message: """
                no plan fits \(ByteSize(budget).both): the smallest possible file has \(ByteSize(smallestBytes).both), \
                \(ByteSize(smallestBytes).grouped) bytes, which is \(ByteSize(short).decimal) more; every layer in its \
                smallest format takes \(ByteSize(planned).decimal) of that, the tensors that are kept \
                \(ByteSize(task.keptBytes).decimal); \(remedy)
                """
        )
    }

    /// What to do; where blocks that do not divide the rows keep layers large, that comes first.
    private var remedy: String {
        guard let rows = UnfitRows(task) else { return "raise the budget or allow smaller formats" }
        return
            "\(rows.sentence); use formats of smaller blocks, such as Q4_0, Q5_0 and Q8_0 with 32, or raise the budget"
    }
}
