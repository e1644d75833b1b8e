import Foundation

extension ImpactTable {
    /// What is odd about the table as a whole.
    ///
    /// Cells of one layer are compared whose formats are a bit or more apart. That impacts fall with the bits is how rounding
    /// works: with every bit the step halves, and with it an error's size, whose square falls to a quarter.
    ///
    /// - Parameters:
    ///   - bitsPerWeight: The bits per weight of a format, or nil if unknown.
    ///   - kind: What the rule that combines the cells takes them for; `unknown` for a rule that takes any.
    /// - Returns: The oddities; none is fatal.
    public func oddities(
        bitsPerWeight: (String) -> Double?,
        combinedAs kind: ImpactKind = .unknown
    ) -> [TableOddity] {
        let bits = formats.map(bitsPerWeight)
        var oddities: [TableOddity] = []
        for (column, format) in formats.enumerated() {
            guard let own = bits[column], own < 16 else { continue }
            let cells = cells.compactMap { $0[column].impact }
            if cells.count > 1, cells.allSatisfy({ $0 == 0 }) { oddities.append(.free(format: format)) }
        }
        let falls = falls(bits)
        if let range = nearlyEqualRange(falls: falls) {
            oddities.append(.nearlyEqual(low: range.lowerBound, high: range.upperBound))
            return oddities
        }
        let inverted = falls.count { $0 < 0 }
        if falls.count >= 4, Double(inverted) >= 0.9 * Double(falls.count) {
            oddities.append(.inverted(pairs: inverted, of: falls.count))
            return oddities
        }
        if let perBit = Self.decay(falls) {
            let seen: ImpactKind = perBit < 1.5 ? .amplitude : .loss
            if kind != .unknown, kind != seen { oddities.append(.decay(perBit: perBit, as: seen)) }
        }
        return oddities
    }

    /// By which power of two per bit cells fall, for every two of a layer whose formats are neighbours a bit or more apart.
    private func falls(_ bits: [Double?]) -> [Double] {
        let sized = bits.indices.compactMap { column in bits[column].map { (column: column, bits: $0) } }
            .filter { $0.bits < 16 }.sorted { ($0.bits, $0.column) < ($1.bits, $1.column) }
        var falls: [Double] = []
        for row in cells {
            for (place, smaller) in sized.enumerated() {
                guard let low = row[smaller.column].impact, low > 0,
                    let larger = sized[(place + 1)...].first(where: {
                        $0.bits >= smaller.bits + 1 && (row[$0.column].impact ?? 0) > 0
                    }), let high = row[larger.column].impact
                else { continue }
                falls.append(log2(low / high) / (larger.bits - smaller.bits))
            }
        }
        return falls
    }

    /// From where to where cells are that are nearly the same in all formats, or nil where they are not.
    private func nearlyEqualRange(falls: [Double]) -> ClosedRange<Double>? {
        // Nearly every table falls with the bits, and is told by that before its cells are sorted.
        guard formats.count > 1, falls.allSatisfy({ abs($0) < 0.1 }) else { return nil }
        let values = cells.joined().compactMap(\.impact).filter { $0 > 0 }.sorted()
        guard values.count >= 8 else { return nil }
        let low = values[values.count / 10]
        let high = values[values.count - 1 - values.count / 10]
        guard high <= 1.05 * low else { return nil }
        return low...high
    }

    /// The median power of two per bit, or nil where the pairs are few or do not agree.
    private static func decay(_ falls: [Double]) -> Double? {
        let sorted = falls.sorted()
        guard sorted.count >= 8 else { return nil }
        let (low, high) = (sorted[sorted.count / 4], sorted[sorted.count - 1 - sorted.count / 4])
        let median = sorted[sorted.count / 2]
        let isClear = low >= 0.6 && high <= 1.4 || low >= 1.6 && high <= 2.6
        return isClear ? median : nil
    }
}
