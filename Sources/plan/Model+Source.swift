import Checkpoints

extension Model {
    /// The model of a name or a path as it is planned and cast: its scaled 8-bit floats multiplied out.
    ///
    /// - Throws: As `Model.named(_:)`.
    static func source(named name: String) throws -> Model {
        try named(name).multipliedOut
    }
}
