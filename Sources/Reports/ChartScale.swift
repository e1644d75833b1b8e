import Foundation

/// Round numbers along an axis, and where values stand between its ends.
struct ChartScale {
    let low: Double
    let high: Double
    /// The distance between two marks: 1, 2 or 5 times a power of ten.
    let step: Double

    /// An axis that covers the values with about so many marks.
    init(_ values: some Sequence<Double>, marks: Int) {
        let finite = values.filter(\.isFinite)
        let least = finite.min() ?? 0
        let greatest = finite.max() ?? 1
        let span = greatest > least ? greatest - least : max(abs(greatest), 1)
        var unit = 1.0
        let target = span / Double(max(1, marks))
        while unit > target, unit > 1e-300 { unit /= 10 }
        while unit * 10 <= target, unit < 1e300 { unit *= 10 }
        step = [1, 2, 5].map { $0 * unit }.first { $0 >= target } ?? unit * 10
        low = (least / step).rounded(.down) * step
        high = max((greatest / step).rounded(.up) * step, low + step)
    }

    /// The marks, from the lowest to the highest.
    var marks: [Double] {
        let count = Int(min(100, ((high - low) / step).rounded()))
        return (0...max(1, count)).map { low + Double($0) * step }
    }

    /// Where a value stands, from 0 at the low end to 1 at the high one.
    func place(_ value: Double) -> Double {
        min(1, max(0, (value - low) / (high - low)))
    }

    /// A mark as a person writes it, with as many digits as tell it from the next.
    func label(_ value: Double) -> String {
        if abs(value) < step / 2 { return "0" }
        guard step >= 1e-6, abs(value) < 1e7 else { return Figures.plain(value) }
        return String(format: "%.*f", max(0, -Int(log10(step).rounded(.down))), value)
    }
}
