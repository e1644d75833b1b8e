import Estimation

extension MeasurementNames {
    /// Says that a file stays whose name was taken.
    ///
    /// - Parameter what: What the other file holds, such as "errors".
    func noteTaken(_ what: String) {
        guard let taken else { return }
        let reason =
            taken.hasOtherSettings ? "it was measured with other settings" : "it is not of this model"
        Console.note("\(taken.path) stays, as \(reason); the \(what) of this one go to \(path)")
    }
}
