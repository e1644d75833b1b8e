import Foundation

/// How many random instances the tests try: more of them with PLAN_THOROUGH set.
public enum Thoroughness {
    /// How many instances to try where so many are usual.
    public static func instances(_ usual: Int) -> Int {
        isThorough ? max(usual, 10_000) : usual
    }

    /// Whether the tests are to take their time.
    public static let isThorough = ProcessInfo.processInfo.environment["PLAN_THOROUGH"] != nil
}
