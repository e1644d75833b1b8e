import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Takes the files that are being written away when a signal ends the program.
///
/// A handler may do next to nothing, so the names stand ready in memory that is never given back, and a set of bits says
/// which of them count. A signal that the program handles itself is left to it, see ``PartialFile/removeAll()``.
enum RemovalOnSignal {
    private static let slotCount = 8
    private static let slotLength = 4352
    private static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ]

    /// One name after the other, each with a zero at its end.
    nonisolated(unsafe) private static let names = UnsafeMutablePointer<CChar>.allocate(
        capacity: slotCount * slotLength
    )
    /// The names that count, a bit for each.
    private static let used = Atomic<UInt>(0)
    /// What the signals did before the first file was registered.
    private static let previous = Mutex<[(signal: CInt, action: sigaction)]>([])

    /// Has a file taken away when a signal ends the program.
    ///
    /// - Parameter path: The file.
    /// - Returns: What ``unregister(_:)`` takes, or nil where there is no room for another name.
    static func register(_ path: String) -> Int? {
        let bytes = path.systemPath
        return previous.withLock { previous in
            let bits = used.load(ordering: .relaxed)
            guard bytes.count < slotLength, let slot = (0..<slotCount).first(where: { bits & 1 << $0 == 0 })
            else { return nil }
            for (index, byte) in (bytes + [0]).enumerated() {
                names[slot * slotLength + index] = CChar(bitPattern: byte)
            }
            used.store(bits | 1 << slot, ordering: .sequentiallyConsistent)
            if previous.isEmpty { previous = install() }
            return slot
        }
    }

    /// Forgets a file, which is finished or gone.
    static func unregister(_ slot: Int) {
        previous.withLock { previous in
            let bits = used.load(ordering: .relaxed) & ~(1 << slot)
            used.store(bits, ordering: .sequentiallyConsistent)
            guard bits == 0 else { return }
            for (signal, before) in previous {
                var action = before
                sigaction(signal, &action, nil)
            }
            previous = []
        }
    }

    private static func install() -> [(signal: CInt, action: sigaction)] {
        var replaced: [(signal: CInt, action: sigaction)] = []
        for signal in signals {
            var before = sigaction()
            guard sigaction(signal, nil, &before) == 0, isDefault(before) else { continue }
            var action = sigaction()
            #if canImport(Darwin)
                action.__sigaction_u.__sa_handler = { RemovalOnSignal.removeAndEnd($0) }
                action.sa_flags = SA_RESETHAND
            #else
                action.__sigaction_handler.sa_handler = { RemovalOnSignal.removeAndEnd($0) }
                action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
            #endif
            sigaction(signal, &action, nil)
            replaced.append((signal, before))
        }
        return replaced
    }

    /// Whether a signal ends the program: it is neither passed over, as under `nohup`, nor handled by the program.
    private static func isDefault(_ action: sigaction) -> Bool {
        #if canImport(Darwin)
            unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == 0
        #else
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0
        #endif
    }

    /// Takes the files away; nothing here takes memory or waits.
    static func removeAll() {
        let bits = used.load(ordering: .sequentiallyConsistent)
        var slot = 0
        while slot < slotCount {
            if bits & 1 << slot != 0 { unlink(names + slot * slotLength) }
            slot += 1
        }
    }

    private static func removeAndEnd(_ signal: CInt) {
        removeAll()
        // The handler was taken away when it was called, so this ends the program as the signal always does.
        raise(signal)
    }
}
