/// How a file of a long measurement is to another measurement.
public enum MeasurementRelation: Hashable, Sendable {
    /// It is the same measurement, which can go on with it.
    case same
    /// It is of the same weights, measured in another way.
    case otherSettings
    /// It is of another model, or does not say of which.
    case otherModel
}

extension EstimateHeader {
    /// What a file is to the measurement with this header.
    ///
    /// - Parameters:
    ///   - file: The header of the file.
    ///   - sameParts: Whether it has to be of the same part of the model.
    /// - Returns: The relation.
    public func relation(to file: EstimateHeader, sameParts: Bool) -> MeasurementRelation {
        guard file.modelDigest == modelDigest, file.weightsDigest == weightsDigest else { return .otherModel }
        let isSame = (try? file.check(against: self, path: "", sameParts: sameParts)) != nil
        return isSame ? .same : .otherSettings
    }
}
