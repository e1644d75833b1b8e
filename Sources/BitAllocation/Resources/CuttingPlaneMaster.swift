/// The least cost of a mixture of choices that together keep to the limits, and the prices at which it is least.
///
/// A column per choice, a slack and a penalised excess per limit, and the row by which the mixture's shares add up to 1. The
/// inverse of the basis, as small as the number of limits and one, is updated at every step of the simplex method.
struct CuttingPlaneMaster {
    private let limits: [Double]
    /// What an excess of a whole limit costs.
    private(set) var penalty: Double
    private var columns: [(cost: Double, row: [Double])] = []
    private var basis: [Int] = []
    private var inverse: [[Double]] = []

    private var size: Int { limits.count + 1 }

    init(limits: [Double], penalty: Double) {
        self.limits = limits
        self.penalty = penalty
        for resource in limits.indices {
            var slack = [Double](repeating: 0, count: limits.count + 1)
            slack[resource] = 1
            columns.append((0, slack))
            columns.append((penalty, slack.map { -$0 }))
        }
    }

    /// Takes a choice in.
    ///
    /// - Returns: Whether it is cheaper than the mixture at the present prices.
    mutating func add(cost: Double, uses: [Double]) -> Bool {
        columns.append((cost, uses + [1]))
        guard !basis.isEmpty else {
            begin(with: columns.count - 1)
            return true
        }
        return reducedCost(of: columns.count - 1, duals()) < -1e-12 * max(1, cost.magnitude)
    }

    /// Solves the programme of the columns so far.
    ///
    /// - Returns: The prices and the least cost; nil where rounding has spoilt the basis.
    mutating func solve() -> (prices: [Double], value: Double)? {
        for step in 0..<500 {
            let duals = duals()
            var entering: Int?
            var least = -1e-11
            for column in columns.indices where !basis.contains(column) {
                let reduced = reducedCost(of: column, duals)
                if reduced < least {
                    entering = column
                    // After many steps the first that helps is taken, which cannot go in circles.
                    if step > 200 { break }
                    least = reduced
                }
            }
            guard let entering else {
                let value = zip(basis, values()).reduce(0) { $0 + columns[$1.0].cost * $1.1 }
                guard value.isFinite else { return nil }
                return (limits.indices.map { max(0, min(penalty, -duals[$0])) }, value)
            }
            guard pivot(entering) else { return nil }
        }
        return nil
    }

    /// Whether some limit is kept only by paying the penalty.
    var paysPenalty: Bool {
        zip(basis, values()).contains { column, value in
            column < 2 * limits.count && !column.isMultiple(of: 2) && value > 1e-9
        }
    }

    /// Makes the penalty a hundred times as large.
    mutating func raisePenalty() {
        penalty *= 100
        for resource in limits.indices { columns[2 * resource + 1].cost = penalty }
    }

    /// The shares of the choices in the mixture, by the order in which they were taken in.
    func shares() -> [(choice: Int, share: Double)] {
        zip(basis, values()).compactMap { column, value in
            let choice = column - 2 * limits.count
            return choice >= 0 && value > 0 ? (choice, value) : nil
        }
    }

    /// The basis of one choice, and of a slack or an excess per limit.
    private mutating func begin(with column: Int) {
        let row = columns[column].row
        basis = limits.indices.map { row[$0] <= limits[$0] ? 2 * $0 : 2 * $0 + 1 } + [column]
        inverse = (0..<size).map { _ in [Double](repeating: 0, count: size) }
        inverse[size - 1][size - 1] = 1
        for resource in limits.indices {
            let sign = row[resource] <= limits[resource] ? 1.0 : -1.0
            inverse[resource][resource] = sign
            inverse[resource][size - 1] = -sign * row[resource]
        }
    }

    private func values() -> [Double] {
        let right = limits + [1]
        return inverse.map { zip($0, right).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    private func duals() -> [Double] {
        (0..<size).map { column in
            (0..<size).reduce(0) { $0 + columns[basis[$1]].cost * inverse[$1][column] }
        }
    }

    private func reducedCost(of column: Int, _ duals: [Double]) -> Double {
        columns[column].cost - zip(columns[column].row, duals).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private mutating func pivot(_ entering: Int) -> Bool {
        let direction = inverse.map { zip($0, columns[entering].row).reduce(0) { $0 + $1.0 * $1.1 } }
        let values = values()
        var leaving: Int?
        var ratio = Double.infinity
        for row in 0..<size where direction[row] > 1e-11 {
            let own = max(0, values[row]) / direction[row]
            if own < ratio || own == ratio && basis[row] < basis[leaving ?? row] {
                ratio = own
                leaving = row
            }
        }
        guard let leaving else { return false }
        let scale = 1 / direction[leaving]
        for column in 0..<size { inverse[leaving][column] *= scale }
        for row in 0..<size where row != leaving && direction[row] != 0 {
            for column in 0..<size { inverse[row][column] -= direction[row] * inverse[leaving][column] }
        }
        basis[leaving] = entering
        return true
    }
}
