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
