import Calibration
import Foundation
import IntegerProgramming
import Synchronization
import Text

/// Ctrl-C: a search ends with what it has so far, anything else at once, and within a second the program has ended in any case.
///
/// A handler of signals may do next to nothing. This one takes note and wakes a thread, which ends the program: at once where
/// nothing is at work that ends by itself, after ``patience`` where something is, and at the second Ctrl-C. Where the answer stands
/// by then the exit code is 0, whatever is left to be said of it.
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
    /// Whether what the command was asked for stands whole under its name.
    private static let isAnswered = Atomic<Bool>(false)
    /// Held while an answer gets its name, and by the thread once it ends the program without one: so no file comes into its place
    /// of which the exit code says that nothing is whole.
    private static let ending = NSLock()
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

    /// Runs what gives an answer its name, with no end of the program between that and the knowledge of it.
    ///
    /// - Parameter body: Gives the answer its name, and returns whether it has it.
    /// - Returns: What the body returns.
    static func answering(_ body: () -> Bool) -> Bool {
        undisturbed {
            let isDone = body()
            if isDone { answered() }
            return isDone
        }
    }

    /// Takes note that what the command was asked for stands whole: Ctrl-C only ends what is said of it from now on.
    static func answered() { isAnswered.store(true, ordering: .sequentiallyConsistent) }

    /// Runs what takes but a moment, and what Ctrl-C must not end half way.
    static func undisturbed<Result, Problem: Error>(
        _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        ending.lock()
        defer { ending.unlock() }
        return try body()
    }

    /// Says what the interruption left.
    static func say(_ text: String) {
        wasSaid.store(true, ordering: .relaxed)
        Console.note("interrupted: \(text)")
    }

    /// Says that there was an interruption, where nothing has said so yet.
    static func sayIfUnsaid(_ text: String = "the result shown was found before") {
        guard isRequested, !wasSaid.exchange(true, ordering: .relaxed) else { return }
        say(text)
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
        let start = ContinuousClock.now
        if wasAtWork.load(ordering: .sequentiallyConsistent) { waitForEnd(pipe, since: start) }
        // One that hangs in giving a name is not waited for.
        let isHeld = ending.lock(before: Date(timeIntervalSinceNow: 1))
        let isWhole = isAnswered.load(ordering: .sequentiallyConsistent)
        if isWhole {
            if isHeld { ending.unlock() }
            waitForEnd(pipe, since: start)
            sayIfUnsaid("the result is whole, but not all that there is to say of it was shown")
        } else {
            Console.error("interrupted")
        }
        LossCommand.endAtOnce()
        PartialFile.removeAll()
        _exit(isWhole ? 0 : Failure.interrupted)
    }

    /// Waits while the program may come to its end by itself: until the time for that is over, or Ctrl-C is pressed again.
    private static func waitForEnd(_ pipe: CInt, since start: ContinuousClock.Instant) {
        let worked = ProcessorTime.ofProcess
        var second = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        while poll(&second, 1, 50) <= 0 {
            let passed = start.duration(to: .now)
            // What is left to be said takes hardly any work.
            let hasWorked =
                isAnswered.load(ordering: .sequentiallyConsistent)
                || ProcessorTime.ofProcess - worked >= leastWork
            if passed >= patience && hasWorked || passed >= mostPatience { break }
        }
    }
}
