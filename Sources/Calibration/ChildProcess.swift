import Synchronization
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One run of a program, whose output goes to a file and which can be ended early.
enum ChildProcess {
    /// How a program ended.
    enum Ending: Hashable {
        case exited(Int32)
        case signalled(Int32)
        case stopped
    }

    /// How long a program that is asked to end has before it is made to.
    private static let grace: Duration = .milliseconds(300)
    /// The process group at work; 0 for none.
    private static let current = Atomic<pid_t>(0)

    /// Ends the program at work and what it started, for a program that ends itself in the midst of it.
    static func endAtOnce() {
        let group = current.load(ordering: .sequentiallyConsistent)
        if group > 0 { kill(-group, SIGKILL) }
    }

    /// Runs a program and waits for its end.
    ///
    /// It has a process group of its own, so that ending it ends what it started; and so a Ctrl-C in the terminal
    /// reaches this program alone, which asks `shouldStop`.
    ///
    /// - Parameters:
    ///   - arguments: The program, looked for in `PATH` if it has no slash, and its arguments.
    ///   - outputPath: The file that takes standard output and standard error.
    ///   - shouldStop: Asked many times a second.
    /// - Returns: How it ended.
    /// - Throws: ``CalibrationError/cannotStart(program:reason:)``.
    static func run(
        _ arguments: [String],
        outputPath: String,
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> Ending {
        let process = try start(arguments, outputPath: outputPath)
        current.store(process, ordering: .sequentiallyConsistent)
        defer { current.store(0, ordering: .sequentiallyConsistent) }
        var askedToEnd: ContinuousClock.Instant?
        while true {
            var status: CInt = 0
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || (ended < 0 && errno != EINTR) {
                guard askedToEnd == nil else {
                    // What it started may not have minded.
                    kill(-process, SIGKILL)
                    return .stopped
                }
                return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
            }
            if let asked = askedToEnd {
                if ContinuousClock.now - asked > grace { kill(-process, SIGKILL) }
            } else if shouldStop() {
                askedToEnd = .now
                kill(-process, SIGTERM)
            }
            usleep(10_000)
        }
    }

    /// Looks for a program where the system would.
    ///
    /// - Parameter program: A path, or a name without a slash that is looked for in `PATH`.
    /// - Throws: ``CalibrationError/cannotStart(program:reason:)`` where there is no file that may be executed.
    static func check(_ program: String) throws(CalibrationError) {
        var places = [program]
        if !program.contains("/") {
            // Names of folders are the bytes that they were.
            let path = getenv("PATH").map { value in
                let bytes = UnsafeBufferPointer(start: value, count: strlen(value))
                return String(systemPath: bytes.map { UInt8(bitPattern: $0) })
            }
            places = (path ?? "/bin:/usr/bin").split(separator: ":", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? program : "\($0)/\(program)" }
        }
        var reason = ENOENT
        for place in places {
            var status = stat()
            let isFolder =
                place.withSystemPath { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
            let problem = isFolder ? EACCES : place.withSystemPath { access($0, X_OK) == 0 ? 0 : errno }
            if problem == 0 { return }
            if problem != ENOENT { reason = problem }
        }
        throw .cannotStart(program: program, reason: String(cString: strerror(reason)).lowercased())
    }

    private static func start(_ arguments: [String], outputPath: String) throws(CalibrationError) -> pid_t {
        let program = arguments.first ?? ""
        guard !arguments.contains(where: { $0.utf8.contains(0) }), !program.isEmpty else {
            throw .cannotStart(program: program, reason: "that is not a file name")
        }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        _ = outputPath.withSystemPath {
            posix_spawn_file_actions_addopen(
                &actions,
                STDOUT_FILENO,
                $0,
                O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
                0o666
            )
        }
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A handler or a mask of this program is not the child's.
        var (none, defaults) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        // Names of files among them are the bytes that they were.
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { $0.withSystemPath { strdup($0) } } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let result = program.withSystemPath {
            posix_spawnp(&process, $0, &actions, &attributes, &words, environ)
        }
        guard result == 0 else {
            throw .cannotStart(program: program, reason: String(cString: strerror(result)).lowercased())
        }
        return process
    }
}
