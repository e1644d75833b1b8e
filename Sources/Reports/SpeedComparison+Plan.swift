import BitAllocation
public import Planning
import Runtimes

extension SpeedComparison.Outcome {
    /// Creates what a plan on devices comes to.
    ///
    /// - Parameter plan: The plan.
    public init(_ plan: DevicePlan) {
        self.init(
            bytes: plan.plan.bytes,
            speed: plan.speed,
            weights: plan.loads.map(\.weights),
            impact: plan.plan.impact,
            gap: plan.plan.status == .optimal ? 0 : plan.plan.gap
        )
    }
}

extension SpeedComparison.Row {
    /// Creates the row of a point of a curve.
    ///
    /// - Parameter point: The point.
    public init(_ point: SpeedCurve.Point) {
        self.init(floor: point.floor, plan: point.plan.map { SpeedComparison.Outcome($0) })
    }
}
