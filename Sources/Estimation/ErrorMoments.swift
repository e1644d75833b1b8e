import Sensitivity

/// The moments over rows of what each row adds, by both norms.
struct ErrorMoments: Sendable {
    var plain: NormMoments
    var weighted: NormMoments

    init(formatCount: Int) {
        plain = NormMoments(formatCount: formatCount)
        weighted = plain
    }

    mutating func merge(_ other: ErrorMoments) {
        plain.merge(other.plain)
        weighted.merge(other.weighted)
    }
}

/// The moments over rows of what each row adds, by one norm.
struct NormMoments: Sendable {
    private(set) var signal = RunningMoments()
    private var errors: [RunningMoments]
    /// The formats that cannot hold a weight of some row, by which it becomes infinite or not a number.
    private var overflowing: Set<Int> = []

    init(formatCount: Int) {
        errors = Array(repeating: RunningMoments(), count: formatCount)
    }

    mutating func add(signal row: Double) {
        signal.add(row)
    }

    mutating func add(error: Double, format: Int) {
        if error.isFinite {
            errors[format].add(error)
        } else {
            overflowing.insert(format)
        }
    }

    mutating func merge(_ other: NormMoments) {
        signal.merge(other.signal)
        for index in errors.indices { errors[index].merge(other.errors[index]) }
        overflowing.formUnion(other.overflowing)
    }

    /// The sum over all rows of a format's errors.
    func error(_ index: Int, of rowCount: Int) -> EstimatedSum {
        overflowing.contains(index)
            ? EstimatedSum(value: .infinity, standardError: 0) : EstimatedSum(errors[index], of: rowCount)
    }
}
