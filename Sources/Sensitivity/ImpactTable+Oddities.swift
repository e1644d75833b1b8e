import Foundation

extension ImpactTable {
    /// What is odd about the table as a whole.
    ///
    /// Columns of formats that are not known are looked at no further, as a plan leaves them out. Cells of one layer are compared
    /// whose formats are a bit or more apart. That impacts fall with the bits is how rounding
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
        let below = belowZero()
        if let below { oddities.append(below.oddity) }
        let references = readingFindings.filter { if case .reference = $0.kind { true } else { false } }
            .flatMap(\.formats)
        for (column, format) in formats.enumerated() where !references.contains(format) {
            guard let own = bits[column], own < 16, below?.columns.contains(format) != true else { continue }
            let cells = cells.compactMap { $0[column].impact }
            if cells.count > 1, cells.allSatisfy({ $0 == 0 }) { oddities.append(.free(format: format)) }
        }
        let falls = falls(bits)
        if let range = nearlyEqualRange(bits, falls: falls) {
            oddities.append(.nearlyEqual(low: range.lowerBound, high: range.upperBound))
            return oddities
        }
        let inverted = falls.count { $0 < 0 }
        if falls.count >= 4, Double(inverted) >= 0.9 * Double(falls.count) {
            oddities.append(.inverted(pairs: inverted, of: falls.count))
            return oddities
        }
        // The error of a float of few bits follows from how its bits are shared out.
        let steps = zip(formats, bits).map { Self.hasEvenSteps($0) ? $1 : nil }
        let even = steps == bits ? falls : self.falls(steps)
        if kind != .unknown, let seen = Self.decay(even), kind != seen {
            oddities.append(.decay(perBit: even.sorted()[even.count / 2], as: seen))
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
    private func nearlyEqualRange(_ bits: [Double?], falls: [Double]) -> ClosedRange<Double>? {
        // Nearly every table falls with the bits, and is told by that before its cells are sorted. Formats of the same bits have
        // nearly the same errors.
        let columns = bits.indices.filter { bits[$0].map { $0 < 16 } ?? false }
        // One format alone has no falls. Errors of weights that were drawn alike are nearly the same in it; losses are not.
        let isAlone = columns.count == 1 && meaning.kind != .amplitude
        guard isAlone || !falls.isEmpty, falls.allSatisfy({ abs($0) < 0.1 }) else { return nil }
        let values = cells.flatMap { row in columns.compactMap { row[$0].impact } }.filter { $0 > 0 }.sorted()
        guard values.count >= 8 else { return nil }
        let low = values[values.count / 10]
        let high = values[values.count - 1 - values.count / 10]
        guard high <= 1.05 * low else { return nil }
        return low...high
    }

    /// What the reader took for 0 as it was below, with the formats of which that is every cell that is not 0; nil where nothing was.
    private func belowZero() -> (oddity: TableOddity, columns: Set<String>)? {
        var counts: [String: Int] = [:]
        for finding in readingFindings {
            guard case .belowZero = finding.kind, let format = finding.formats.first else { continue }
            counts[format, default: 0] += 1
        }
        guard !counts.isEmpty else { return nil }
        let wholly = formats.enumerated().filter { column, format in
            counts[format] != nil && cells.allSatisfy { ($0[column].impact ?? 0) == 0 }
        }.map(\.element)
        let all = cells.reduce(0) { $0 + $1.count { $0.impact != nil } }
        let count = counts.values.reduce(0, +)
        return (.belowZero(cells: count, of: all, formats: wholly), Set(wholly))
    }

    /// Whether a format rounds to whole multiples of a step, which every bit halves.
    private static func hasEvenSteps(_ format: String) -> Bool {
        let name = format.lowercased()
        return !name.contains("fp") && !name.contains("float") && !name.hasPrefix("f8")
    }

    /// What cells are that fall so, or nil where the pairs are few or do not agree.
    ///
    /// The middle half of the powers of two per bit has to lie within a range, which their number outside of it tells without
    /// sorting them; so the median lies in it as well.
    private static func decay(_ falls: [Double]) -> ImpactKind? {
        guard falls.count >= 8 else { return nil }
        func isMiddle(in range: ClosedRange<Double>) -> Bool {
            let most = falls.count / 4
            return falls.count { $0 < range.lowerBound } <= most
                && falls.count { $0 > range.upperBound } <= most
        }
        if isMiddle(in: 0.6...1.4) { return .amplitude }
        return isMiddle(in: 1.6...2.6) ? .loss : nil
    }
}
