import Foundation

/// Numbers as a person reads them.
enum Figures {
    /// An impact with five significant digits: `2.4498`, `0.043496`.
    static func impact(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%.5g", value)
    }

    /// Bits per weight with two digits after the point.
    static func bitsPerWeight(bytes: Int, parameters: Int) -> String {
        String(format: "%.2f", Double(bytes) * 8 / Double(max(1, parameters)))
    }

    /// A relative gap as a percentage: `0` where it is proven to be none.
    static func gap(_ gap: Double) -> String {
        gap == 0 ? "0" : String(format: "%.2g %%", gap * 100)
    }

    /// A spread or a small difference, with two significant digits: `0.049`.
    static func spread(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%.2g", value)
    }

    /// A share as a percentage with three significant digits: `0.412 %`, `71.2 %`, `100 %`.
    static func percent(_ share: Double) -> String {
        String(format: "%.3g %%", share * 100)
    }

    /// How far a value may be above the best, given a bound below that, as a percentage of the bound.
    static func above(_ value: Double, _ bound: Double) -> String {
        bound > 0 ? String(format: "%.2g %%", (value / bound - 1) * 100) : "any share"
    }

    /// How much larger a value is than a reference, as a percentage.
    static func excess(_ value: Double, over reference: Double) -> String {
        guard reference > 0 else { return value > 0 ? "the plan has no impact" : "+0 %" }
        return String(format: "+%.3g %%", (value / reference - 1) * 100)
    }
}
