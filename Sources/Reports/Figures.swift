import Foundation
import Tensors

/// Numbers as a person reads them.
package enum Figures {
    /// An impact with five significant digits: `2.4498`, `0.043496`.
    package static func impact(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%.5g", value)
    }

    /// Bits per weight with two digits after the point.
    static func bitsPerWeight(bytes: Int, parameters: Int) -> String {
        String(format: "%.2f", Double(bytes) * 8 / Double(max(1, parameters)))
    }

    /// A relative gap as a percentage: `0` where it is proven to be none, but for the rounding of sums.
    static func gap(_ gap: Double) -> String {
        gap < 1e-12 ? "0" : rough(gap * 100) + " %"
    }

    /// A spread or a small difference, with two significant digits, and whole from 100 on: `0.049`.
    static func spread(_ value: Double) -> String {
        value == 0 ? "0" : rough(value)
    }

    /// A share as a percentage with three significant digits: `0.412 %`, `71.2 %`, `100 %`, `18×`.
    static func percent(_ share: Double) -> String {
        isMany(share) ? times(share) : "\(threeDigits(share * 100)) %"
    }

    /// How far a value may be above the best, given a bound below that: `at most 3 % above the best`, `at most 18× the best`.
    static func distance(_ value: Double, above best: String, _ bound: Double) -> String {
        guard bound > 0 else { return "how far above \(best) is not known" }
        let ratio = value / bound
        return "at most "
            + (isMany(ratio - 1) ? "\(times(ratio)) \(best)" : "\(rough((ratio - 1) * 100)) % above \(best)")
    }

    /// Three significant digits, and whole numbers from 1,000 on, which would have an exponent.
    private static func threeDigits(_ value: Double, sign: Bool = false) -> String {
        let digits = abs(value) < 999.5 ? ".3g" : ".0f"
        // A sum with zero has no sign where it is zero.
        return String(format: (sign ? "%+" : "%") + digits, value + 0)
    }

    /// Two significant digits, and whole numbers from 100 on.
    private static func rough(_ value: Double) -> String {
        String(format: value < 99.5 ? "%.2g" : "%.0f", value)
    }

    /// Whether a share is too large to be read as a percentage: more than 1,000 of them.
    private static func isMany(_ share: Double) -> Bool { share >= 10 }

    /// How many times as large: `18×`, `1,240×`.
    private static func times(_ ratio: Double) -> String { "\(count(ratio))×" }

    /// A number rounded to a whole one, with an exponent where that would be long.
    private static func count(_ number: Double) -> String {
        number < 1e9 ? ByteSize(Int(number.rounded())).grouped : String(format: "%.2g", number)
    }

    /// How much larger a value is than a reference: `+3.2 %`, `18×` where that is more than 1,000 percent, or `+5.027 from 0`.
    static func excess(_ value: Double, over reference: Double) -> String {
        guard reference > 0 else { return value > 0 ? "\(difference(value)) from 0" : "+0 %" }
        if isMany(value / reference - 1) { return times(value / reference) }
        return "\(threeDigits((value - reference) / reference * 100, sign: true)) %"
    }

    /// What becomes of a value, as a percentage of what it was: `-4.1 %`, or `18×`.
    static func change(_ value: Double, from reference: Double) -> String {
        guard reference > 0, value != reference else { return "nothing" }
        if isMany(value / reference - 1) { return times(value / reference) }
        // The difference first, so that a small one keeps its digits.
        let percent = (value - reference) / reference * 100
        return String(format: abs(percent) < 9.95 ? "%+.2g %%" : "%+.0f %%", percent)
    }

    /// How many times as large one value is as another: `1.44`, `12.3`, `1,240`.
    static func ratio(_ value: Double) -> String {
        value < 999.5 ? String(format: value < 9.995 ? "%.2f" : "%.3g", value) : count(value)
    }

    /// A difference with its sign: `+0.043496`.
    static func difference(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%+.4g", value)
    }

    /// A number with at most four significant digits.
    static func plain(_ value: Double) -> String {
        String(format: "%.4g", value + 0)
    }

    /// Tokens per second with at most four significant digits, and whole from there on: `12.5`, `70747`.
    package static func speed(_ value: Double) -> String {
        value < 9_999.5 ? plain(value) : String(format: "%.0f", value)
    }

    /// A coordinate in a drawing, to a hundredth.
    static func coordinate(_ value: Double) -> String {
        String(format: "%.2f", value)
    }

    /// A difference of sizes with its sign: `+118.00 MB`.
    static func signed(bytes: Int) -> String {
        (bytes > 0 ? "+" : "") + ByteSize(bytes).decimal
    }
}
