import Foundation
import Synchronization

/// Ctrl-C while planning: the search ends with the best plan so far; a second Ctrl-C ends the program as usual.
enum Interruption {
    private static let wasAsked = Atomic<Bool>(false)

    /// Whether Ctrl-C was pressed since ``watch(_:)`` began.
    static var isRequested: Bool {
        wasAsked.load(ordering: .relaxed)
    }

    /// Runs a search during which Ctrl-C asks for an early end.
    static func watch<Result>(_ body: () throws -> Result) rethrows -> Result {
        // The flag is touched first, so that the handler never is the one to initialise it.
        wasAsked.store(false, ordering: .relaxed)
        var action = sigaction()
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = { _ in Interruption.wasAsked.store(true, ordering: .relaxed) }
            action.sa_flags = SA_RESETHAND
        #else
            action.__sigaction_handler.sa_handler = { _ in
                Interruption.wasAsked.store(true, ordering: .relaxed)
            }
            action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
        #endif
        // A parent with worker threads may have started the program with the signal blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        var previous = sigaction()
        sigaction(SIGINT, &action, &previous)
        defer { sigaction(SIGINT, &previous, nil) }
        return try body()
    }
}
