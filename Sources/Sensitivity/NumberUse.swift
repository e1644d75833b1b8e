/// What a number in a table is besides an impact.
public enum NumberUse: Hashable, Sendable {
    /// The measured loss of a single layer, of which not every one is needed.
    case loss
    /// The measured loss of a whole recipe.
    case recipeLoss
    /// The standard error of a cell, which need not be known.
    case standardError

    /// What the number is called.
    var noun: String {
        switch self {
        case .loss, .recipeLoss: "loss"
        case .standardError: "standard error"
        }
    }

    /// What to write instead.
    var remedy: String {
        switch self {
        case .loss:
            "write a decimal number with a point, or leave its line out, and plan estimate completes it from the losses of other layers"
        case .recipeLoss: "write a decimal number above 0 with a point, or leave its line out"
        case .standardError: "write a decimal number from 0 up with a point, or nothing where it is not known"
        }
    }
}

extension TableProblem {
    /// What is wrong with a number that is no impact, where this is what would be wrong with an impact.
    ///
    /// - Parameter use: What the number is.
    /// - Returns: The problem, without advice that is for impacts alone.
    func of(_ use: NumberUse) -> TableProblem {
        switch self {
        case .notANumber(let cell), .outOfRange(let cell), .unreadableCell(let cell),
            .unreadableNumber(let cell):
            .unusableNumber(cell, of: use)
        // A loss may be below zero, so that one of this kind is too large a number.
        case .negative(let cell) where use == .loss: .unusableNumber(cell, of: use)
        default: self
        }
    }
}
