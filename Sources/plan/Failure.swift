import BitAllocation
import Planning
import Runtimes
import Text

/// Why a command ends without an answer: one sentence and the exit code that goes with it.
struct Failure: Error {
    let code: Int32
    let message: String

    /// What was done went wrong.
    static let failed: Int32 = 1
    /// No plan fits the budget.
    static let noPlan: Int32 = 2
    /// A limit was reached with no plan.
    static let limitReached: Int32 = 3
    /// Wrong usage (`EX_USAGE`).
    static let usage: Int32 = 64
    /// Bad input data (`EX_DATAERR`).
    static let badData: Int32 = 65
    /// No such input (`EX_NOINPUT`).
    static let noInput: Int32 = 66
    /// The output cannot be written (`EX_CANTCREAT`).
    static let cannotWrite: Int32 = 73
    /// Ctrl-C ended the command with nothing whole, as shells number it.
    static let interrupted: Int32 = 130

    /// The search ended before it found a plan to show: at a limit, or by Ctrl-C.
    static var noPlanFound: Failure {
        Interruption.isRequested
            ? Failure(code: interrupted, message: "interrupted before there was a plan")
            : Failure(code: limitReached, message: "the search ended before it found a plan to show")
    }
}

extension Failure {
    /// A module's error with its exit code, and with what helps here behind its sentence.
    init(_ error: any CategorizedError) {
        // The allocator knows no units; planning does.
        let error: any CategorizedError =
            if let error = error as? AllocationError { PlanningError.allocation(error) } else { error }
        let remedied = error as? any RemediedError
        self.init(
            code: error.category.exitCode,
            message: remedied?.mistake ?? error.description + (remedied?.remedy ?? "")
        )
    }

    /// Why what a runtime keeps is not known, with the option that helps.
    init(runtime error: RuntimeError) { self.init(error) }
}

extension ErrorCategory {
    /// The exit code of a command that ends with such an error.
    var exitCode: Int32 {
        switch self {
        case .noPlan: Failure.noPlan
        case .limitReached: Failure.limitReached
        case .usage: Failure.usage
        case .badData: Failure.badData
        case .missingInput: Failure.noInput
        case .cannotWrite: Failure.cannotWrite
        case .interrupted: Failure.interrupted
        case .failed: Failure.failed
        }
    }
}

/// Runs a part of a command and gives every module's errors their exit codes.
func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as any CategorizedError {
        // Whichever module's search it was, Ctrl-C is why it ended.
        if error.category == .limitReached, Interruption.isRequested { throw Failure.noPlanFound }
        throw Failure(error)
    }
}
