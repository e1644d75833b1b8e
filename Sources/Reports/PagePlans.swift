public import BitAllocation

/// The plans of a page, out of the best of all sizes.
public struct PagePlans: Sendable {
    /// The curve that they are taken from.
    public let curve: FrontierCurve
    /// The plans, from the smallest to the best, each the one that is planned within its own size.
    public let plans: [AllocationPlan]
    /// How many were looked for.
    public let soughtCount: Int

    /// Which points of a curve a page shows: a sample of so many, the knees, and those that are asked for by their size.
    ///
    /// - Parameters:
    ///   - curve: The curve.
    ///   - limit: The most plans besides the knees and those that are asked for by their size.
    ///   - sizes: Sizes of which the page has the best plan, in bytes of the whole file.
    /// - Returns: The indices of the points, from the smallest plan.
    public static func points(of curve: FrontierCurve, limit: Int, sizes: [Int] = []) -> [Int] {
        let asked = sizes.compactMap { size in curve.points.lastIndex { $0.bytes <= size } }
        return Set(curve.sample(limit)).union(curve.knees).union(asked).sorted()
    }

    /// Takes the plans that were found at the sizes of a curve's points.
    ///
    /// - Parameters:
    ///   - curve: The curve.
    ///   - plans: What was found within the points' own sizes. A plan whose search was cut short is not the one that is planned within
    ///     its size, and is left out.
    ///   - soughtCount: How many were looked for.
    public init(of curve: FrontierCurve, found plans: [AllocationPlan], soughtCount: Int) {
        self.curve = curve
        self.plans = plans.filter { $0.ending != .stopped }
        self.soughtCount = soughtCount
    }

    /// The knees, as indices into the plans.
    public var knees: [Int] {
        curve.knees.compactMap { knee in plans.firstIndex { $0.bytes == curve.points[knee].bytes } }
    }

    /// Which of the best plans these are.
    public var coverage: ReportPage.Coverage {
        guard curve.isComplete, plans.count == soughtCount, plans.allSatisfy({ $0.status == .optimal }) else {
            return .solved
        }
        return soughtCount == curve.points.count ? .complete : .thinned(of: curve.points.count)
    }

    /// The plan that is shown first, as an index into the plans: the best within a size, or else the first knee, or one in the middle.
    ///
    /// - Parameter size: The size of the whole file in bytes, or nil.
    /// - Returns: The index; 0 where no plan is so small.
    public func start(within size: Int?) -> Int {
        if let size { return plans.lastIndex { $0.bytes <= size } ?? 0 }
        return knees.first ?? plans.count / 2
    }
}
