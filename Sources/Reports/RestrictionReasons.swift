import Text
public import BitAllocation
public import Planning

/// Which restrictions rule an option out, in words.
public struct RestrictionReasons: Sendable {
    private let unrestricted: AllocationProblem
    private let restrictions: [Restriction]

    /// Creates the reasons.
    ///
    /// - Parameters:
    ///   - restrictions: The restrictions of a task.
    ///   - unrestricted: The task's problem without them.
    public init(_ restrictions: [Restriction], of unrestricted: AllocationProblem) {
        self.restrictions = restrictions
        self.unrestricted = unrestricted
    }

    /// Whether a single restriction rules an option out, or the table does.
    func isForbidden(_ option: Int) -> Bool {
        unrestricted.isAllowed?[option] == false
            || !unrestricted.restrictions(forbidding: option, of: restrictions).isEmpty
    }

    /// Why an option that may not be chosen may not: `forbidden by --pin layer00.img=BF16`.
    ///
    /// - Parameter option: The option's index in the problem's columns.
    /// - Returns: The restrictions as the user wrote them, or `forbidden` where no single one rules the option out.
    func text(forOption option: Int) -> String {
        let found = unrestricted.restrictions(forbidding: option, of: restrictions)
        return found.isEmpty
            ? "forbidden"
            : "forbidden by " + found.map(\.description.visible).joined(separator: ", ")
    }
}
