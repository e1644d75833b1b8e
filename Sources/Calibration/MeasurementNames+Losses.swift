public import Checkpoints
public import Estimation

extension MeasurementNames {
    /// Chooses the name of a file of losses.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - header: What is measured, and how.
    ///   - folder: The folder of the file; nil for the working folder.
    ///   - resuming: Whether to go on with a file; then one of the same weights is taken whatever the settings, so that a
    ///     difference of them is said.
    public init(of model: Model, header: CalibrationHeader, in folder: String? = nil, resuming: Bool) {
        let settings = [
            header.modelDigest, header.weightsDigest, header.formats.joined(separator: ","), header.runtime,
            header.chunks.map { "\($0)" } ?? "", header.importance ?? "", header.unit ?? "",
        ]
        self.init(
            of: model,
            (kind: "losses", type: "csv"),
            part: header.part,
            settings: settings,
            in: folder,
            resuming: resuming
        ) { path, isOwn in
            do {
                // A file without its header yet is one that a crash left.
                guard let table = try LossRecorder.header(path: path) else { return .same }
                return header.relation(to: table, sameParts: isOwn)
            } catch {
                return nil
            }
        }
    }
}
