/// What has been measured of casting a layer to a format.
struct CastRecord: Hashable, Sendable {
    /// The loss in the layer's output, one value per sample.
    var losses = RunningMoments()
    /// The number of samples whose loss was not finite.
    var infiniteCount = 0

    /// Adds the loss of one sample; one that is infinite or not a number is kept as what it says: the cast ruins the output.
    ///
    /// - Parameters:
    ///   - loss: The loss.
    ///   - what: What it is, for the error.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for a loss that is negative.
    mutating func add(_ loss: Double, _ what: @autoclosure () -> String) throws(SensitivityError) {
        guard loss.isFinite else {
            infiniteCount += 1
            return
        }
        try SensitivityError.checkMeasured(loss, what())
        losses.add(loss)
    }

    /// Adds what was measured on other samples.
    mutating func merge(_ other: CastRecord) {
        losses.merge(other.losses)
        let (count, overflow) = infiniteCount.addingReportingOverflow(other.infiniteCount)
        infiniteCount = overflow ? .max : count
    }
}

extension SensitivityError {
    /// Refuses a measured number that is negative or not finite.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - what: What it is.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)``.
    static func checkMeasured(
        _ value: Double,
        _ what: @autoclosure () -> String
    ) throws(SensitivityError) {
        guard value >= 0, value.isFinite else {
            throw .unusableMeasurement("\(what()) is \(value): give a finite number from 0 up")
        }
    }
}
