import Calibration
import Foundation
import IntegerProgramming
import Synchronization
import Text

/// Ctrl-C: a search ends with what it has so far, anything else at once, and within a second the program has ended in any case.
///
/// A handler of signals may do next to nothing. This one takes note and wakes a thread, which ends the program: at once where
/// nothing is at work that ends by itself, after ``patience`` where something is, and at the second Ctrl-C.
enum Interruption {
    /// How long a search may take to end, with what is made of its result.
    private static let patience = Duration.milliseconds(850)
    /// The time on a processor without which it gets longer, up to ``mostPatience``: others may have all of them.
    private static let leastWork = Duration.milliseconds(400)
    private static let mostPatience = Duration.milliseconds(2500)

    private static let wasAsked = Atomic<Bool>(false)
    /// Whether the user was told.
    private static let wasSaid = Atomic<Bool>(false)
    /// The searches at work.
    private static let searches = Atomic<Int>(0)
    /// Whether one was at work when Ctrl-C was pressed; it may have ended before the thread looks.
    private static let wasAtWork = Atomic<Bool>(false)
    /// Where the handler writes a byte for every Ctrl-C.
    private static let bell = Atomic<CInt>(-1)

    /// Whether Ctrl-C was pressed.
    static var isRequested: Bool { wasAsked.load(ordering: .relaxed) }

    /// Begins to listen; called once, before anything else.
    static func listen() {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        bell.store(ends[1], ordering: .sequentiallyConsistent)
        let listening = ends[0]
        Thread.detachNewThread { wait(on: listening) }
        take(SIGINT)
        letWritingFail()
    }

    /// Has a write beyond the largest size of a file end in an error like a full disk, not the program: the handler of the signal does
    /// nothing, and the programs that are started from here have their own way with it.
    private static func letWritingFail() {
        var action = sigaction()
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = { _ in }
        #else
            action.__sigaction_handler.sa_handler = { _ in }
        #endif
        sigaction(SIGXFSZ, &action, nil)
    }

    /// Takes the signals of a scheduler and of a terminal that is closed for Ctrl-C from now on, for a command that leaves more than
    /// files behind where it is ended; one that is passed over, as under `nohup`, stays so.
    static func listenToEveryEnd() {
        for signal in [SIGTERM, SIGHUP] {
            var before = sigaction()
            guard sigaction(signal, nil, &before) == 0, !isIgnored(before) else { continue }
            take(signal)
        }
    }

    private static func take(_ signal: CInt) {
        var action = sigaction()
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = { _ in Interruption.ring() }
            action.sa_flags = SA_RESTART
        #else
            action.__sigaction_handler.sa_handler = { _ in Interruption.ring() }
            action.sa_flags = CInt(bitPattern: UInt32(SA_RESTART))
        #endif
        sigaction(signal, &action, nil)
        // A parent with worker threads may have started the program with the signal blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        // SIG_IGN is 1 on every system.
        #if canImport(Darwin)
            unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == 1
        #else
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
        #endif
    }

    /// Runs what ends soon by itself once ``isRequested`` is true.
    static func watch<Result, Problem: Error>(
        _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        searches.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { searches.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
        return try body()
    }

    /// Says what the interruption left.
    static func say(_ text: String) {
        wasSaid.store(true, ordering: .relaxed)
        Console.note("interrupted: \(text)")
    }

    /// Says that there was an interruption, where a command has ended without a word of it.
    static func sayIfUnsaid() {
        guard isRequested, !wasSaid.load(ordering: .relaxed) else { return }
        say("the result shown was found before")
    }

    /// The handler.
    private static func ring() {
        let before = errno
        if searches.load(ordering: .sequentiallyConsistent) > 0 {
            wasAtWork.store(true, ordering: .sequentiallyConsistent)
        }
        wasAsked.store(true, ordering: .relaxed)
        var byte: UInt8 = 0
        _ = write(bell.load(ordering: .relaxed), &byte, 1)
        errno = before
    }

    /// The thread: waits for Ctrl-C, and for what is at work to end.
    private static func wait(on pipe: CInt) {
        var byte: UInt8 = 0
        while read(pipe, &byte, 1) < 0, errno == EINTR {}
        if wasAtWork.load(ordering: .sequentiallyConsistent) {
            let start = ContinuousClock.now
            let worked = ProcessorTime.ofProcess
            var second = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            while poll(&second, 1, 50) <= 0 {
                let passed = start.duration(to: .now)
                let isEnough = passed >= patience && ProcessorTime.ofProcess - worked >= leastWork
                if isEnough || passed >= mostPatience { break }
            }
        }
        Console.error("interrupted")
        LossCommand.endAtOnce()
        PartialFile.removeAll()
        _exit(Failure.interrupted)
    }
}
