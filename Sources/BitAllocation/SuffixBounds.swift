/// Lower limits on what the layers of a core that are still open can add, at several prices of a byte.
///
/// For any price `λ ≥ 0` the open layers add at least `Σ min(Δcost + λ·Δweight) − λ·room`. The price that the relaxation
/// found is the best one where the room is near zero; a state far above or below the budget is judged by a higher or a lower price.
struct SuffixBounds {
    /// The prices, rising.
    let prices: [Double]
    /// The sums, one row of prices per place, and a last row of zeros.
    private var sums: [Double]

    init(_ core: Core, multiplier: Double, priceLimit: Int = 24) {
        var ratios: [Double] = []
        for alternative in core.alternatives where alternative.weight != 0 {
            let price = -alternative.cost / Double(alternative.weight)
            if price > 0, price.isFinite {
                ratios.append(price)
            }
        }
        ratios.sort()
        var chosen: [Double] = [0, multiplier]
        if !ratios.isEmpty {
            for rank in 0..<priceLimit {
                chosen.append(ratios[rank * (ratios.count - 1) / max(1, priceLimit - 1)])
            }
        }
        chosen.sort()
        var distinct: [Double] = []
        for price in chosen where price != distinct.last {
            distinct.append(price)
        }
        prices = distinct
        let width = distinct.count
        let places = core.units.count
        sums = [Double](repeating: 0, count: (places + 1) * width)
        for place in stride(from: places - 1, through: 0, by: -1) {
            for (column, price) in distinct.enumerated() {
                var least = 0.0
                for alternative in core.alternatives(ofPlace: place) {
                    least = min(least, alternative.cost + price * Double(alternative.weight))
                }
                sums[place * width + column] = sums[(place + 1) * width + column] + least
            }
        }
    }

    /// The highest of the limits, over the prices, on what the layers from a place on add where so much room is left.
    ///
    /// - Parameters:
    ///   - place: The place.
    ///   - room: The bytes that are left, perhaps fewer than none.
    ///   - column: The price to begin with, and then that of the limit: the less room, the higher the best price, so that states in order
    ///     of weight pass through the prices once.
    /// - Returns: The limit.
    @inline(__always)
    func least(fromPlace place: Int, room: Double, column: inout Int) -> Double {
        let row = place * prices.count
        var limit = sums[row + column] - prices[column] * room
        while column + 1 < prices.count {
            let other = sums[row + column + 1] - prices[column + 1] * room
            guard other >= limit else { break }
            limit = other
            column += 1
        }
        return limit
    }
}
