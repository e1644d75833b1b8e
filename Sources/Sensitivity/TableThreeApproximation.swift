/// The values that Table 3's last rows were made with, where the page has no row.
///
/// They are the author's approximations, not measurements, and are used only where a caller names them:
///
/// ```swift
/// let approximation = TableThreeApproximation.imgBefore19
/// let impact = try SensitivityProfile.fluxDev.impact(
///     ofCastingLayer: 18, stream: .img, mseLoss: loss,
///     relativeSensitivity: approximation.relativeSensitivity)
/// ```
public enum TableThreeApproximation: String, Hashable, Sendable, CaseIterable {
    /// 0.07 for `img` before layer 19.
    case imgBefore19
    /// 0.092483912 for `txt` before layer 19: the value of `x` there.
    case txtBefore19
    /// 0.004232011 for `x` before layer 57: the state that leaves the last layer.
    case xBefore57

    /// The approximate `S / sqrt(R)` of the state.
    public var relativeSensitivity: Double {
        switch self {
        case .imgBefore19: 0.07
        case .txtBefore19: 0.092483912
        case .xBefore57: 0.004232011
        }
    }

    /// The layer that the state stands before.
    public var layer: Int {
        switch self {
        case .imgBefore19, .txtBefore19: 19
        case .xBefore57: 57
        }
    }

    /// The stream of the state.
    public var stream: Stream {
        switch self {
        case .imgBefore19: .img
        case .txtBefore19: .txt
        case .xBefore57: .x
        }
    }
}
