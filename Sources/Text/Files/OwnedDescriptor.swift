#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A descriptor that one value owns: it is closed when that value ends, and only then.
///
/// One that were closed twice would close what another thread has opened in between.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number by which the system knows it, as long as this value is there.
    package let number: CInt
    /// Whether it stands for what somebody else has opened, too, whose lock stays.
    private let isShared: Bool

    /// Opens a file, which no program that this one starts has; nil where the system refuses, with the reason in `errno`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - flags: What `open` takes; a file that is made has the permissions of any new file.
    package init?(opening path: String, _ flags: CInt) {
        let number = path.withSystemPath { open($0, flags | O_CLOEXEC, 0o666) }
        guard number >= 0 else { return nil }
        self.number = number
        isShared = false
    }

    /// Opens once more what is open already; nil where the system refuses, with the reason in `errno`.
    ///
    /// - Parameter descriptor: The other descriptor.
    init?(sharing descriptor: CInt) {
        let number = dup(descriptor)
        guard number >= 0 else { return nil }
        self.number = number
        isShared = true
    }

    deinit {
        // A program that is being started has a copy until it runs, with which the lock would last.
        if !isShared { _ = flock(number, LOCK_UN) }
        close(number)
    }

    /// Locks the file for this value alone as long as it is there; false where somebody else has it locked.
    package borrowing func lock() -> Bool {
        flock(number, LOCK_EX | LOCK_NB) == 0
    }

    /// Whether somebody else has the file locked for themselves alone.
    package borrowing func isLockedElsewhere() -> Bool {
        flock(number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
