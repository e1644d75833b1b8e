import TestSupport
import Testing

@testable import Checkpoints

/// The defect that reading runs into and the place where it is, or nil if there is none or another error.
func defect(_ read: () throws(CheckpointError) -> Void) -> (FileDefect, offset: Int)? {
    do throws(CheckpointError) {
        try read()
    } catch {
        guard case .malformedFile(let path, let offset, let defect) = error else {
            Issue.record("\(error)")
            return nil
        }
        let message = error.description
        #expect(message.contains(path))
        #expect(message.contains("at byte \(offset): "))
        #expect(!message.hasSuffix("."))
        #expect(!message.contains("\n"))
        return (defect, offset)
    }
    Issue.record("nothing is wrong")
    return nil
}

/// Expects that a file which was cut off says so, in its header or in the data of the tensor `a`.
///
/// - Parameters:
///   - count: The bytes that are left of it.
///   - sourceLocation: Where a failure is reported.
///   - read: Reads the file.
func expectCutOff(
    after count: Int,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ read: () throws -> Model
) {
    let found = sentence(of: read) ?? "read"
    #expect(
        found.contains(" too early to hold ")
            || found.contains(#" too short and cut off in the data of tensor "a" "#),
        "\(count) bytes: \(found)",
        sourceLocation: sourceLocation
    )
}
