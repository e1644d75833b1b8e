#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The time that processors have worked, which stands still while a process is paused or waits for its turn.
package enum ProcessorTime {
    /// What the threads of this process have had together.
    package static var ofProcess: Duration { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// What the calling thread has had.
    package static var ofThread: Duration { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
