import Runtimes
import Text

extension TargetRuntime {
    /// All names, for a sentence.
    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// Reads the name of a program, whatever the case of its letters.
    ///
    /// - Throws: ``Failure`` for usage.
    init(named name: String) throws {
        guard let runtime = TargetRuntime(rawValue: name.lowercased()) else {
            throw Failure(
                code: Failure.usage,
                message: "there is no runtime named \(name.quoted); use \(Self.names)"
            )
        }
        self = runtime
    }
}
