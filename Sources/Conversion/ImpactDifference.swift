/// Why layers of a file have other impacts than were planned, as far as that is known.
///
/// Without any of these the impacts of a file are those of its plan but for rounding, see ``WrittenModel/LayerImpact/isAsPlanned``.
public enum ImpactDifference: Hashable, Sendable {
    /// The model is not the one that was planned, so the table is most likely of other weights.
    case otherModel
    /// The layers are copied from the model, where the plan counts them as cast again.
    case copied
    /// The encoders looked at another importance than those of the table.
    case otherImportance(planned: ImportanceChoice, used: ImportanceChoice)
    /// The table was made from a sample of the rows; so many of the layers are within twice its standard errors of it.
    case sampledRows(nearCount: Int)
    /// The table was made for 8-bit floats without the scales that the file has.
    case unscaledTable
    /// The table is of other weights under the same names and so only near or, where it is not at hand, may be of a sample of the rows.
    ///
    /// Where the table is of this model after all, and of all its rows, what was taken over from an earlier file may be what differs;
    /// see ``earlierFile``.
    case otherWeights(isTableKnown: Bool, orEarlierFile: Bool)
    /// What was taken over from an earlier file by a sample of its rows is damaged, or of other weights or another importance.
    case earlierFile
}
