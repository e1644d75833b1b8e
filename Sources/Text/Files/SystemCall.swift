#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Calls of the system that are made again where they were interrupted, and waited for where they would block.
package enum SystemCall {
    /// Makes a call until it ends otherwise than by a signal or for want of data or room.
    ///
    /// A descriptor that a parent made non-blocking is waited for.
    ///
    /// - Parameters:
    ///   - descriptor: What the call is about.
    ///   - events: `POLLIN` or `POLLOUT`.
    ///   - call: The call.
    /// - Returns: Its result, below zero where it failed, with the reason in `errno`.
    static func repeated(on descriptor: CInt, waitingFor events: CInt, _ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno == EINTR && result < 0 {
                if result >= 0 { return result }
                continue
            }
            guard errno == EAGAIN || errno == EWOULDBLOCK else { return result }
            var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            guard poll(&waiting, 1, -1) >= 0 || errno == EINTR else { return result }
        }
    }

    /// Gives a file another name; false where the system refuses, with the reason in `errno`.
    package static func rename(_ path: String, _ target: String) -> Bool {
        path.withSystemPath { from in target.withSystemPath { to in systemRename(from, to) == 0 } }
    }

    /// Gives an open file the owner and the permissions of the file that it is going to replace, where there is one.
    package static func adoptRights(of path: String, for descriptor: CInt) {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return
        }
        // Only the superuser may give a file away; for anyone else the new file is their own.
        if status.st_uid != geteuid() || status.st_gid != getegid() {
            _ = fchown(descriptor, status.st_uid, status.st_gid)
        }
        _ = fchmod(descriptor, status.st_mode & 0o7777)
    }

    /// Whether a name leads to the file that is open, a link of that name not followed.
    package static func isSame(_ descriptor: CInt, _ path: String) -> Bool {
        guard let open = FileIdentity(ofDescriptor: descriptor) else { return false }
        return open == FileIdentity(ofNameItself: path)
    }

    /// Gives a file one more name, which must be free; false where the system refuses, with the reason in `errno`.
    package static func link(_ path: String, _ name: String) -> Bool {
        path.withSystemPath { from in name.withSystemPath { to in systemLink(from, to) == 0 } }
    }

    /// Writes all bytes; false where the system refuses, with the reason in `errno`.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = repeated(on: descriptor, waitingFor: CInt(POLLOUT)) {
                systemWrite(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Writes all bytes at a place of a file; false where the system refuses, with the reason in `errno`.
    package static func write(_ bytes: [UInt8], to descriptor: CInt, at offset: Int) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = repeated(on: descriptor, waitingFor: CInt(POLLOUT)) {
                    pwrite(
                        descriptor,
                        buffer.baseAddress?.advanced(by: written),
                        buffer.count - written,
                        off_t(offset + written)
                    )
                }
                // A file system that takes nothing and says no reason is full.
                if count == 0 { errno = ENOSPC }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    /// Reads bytes of a place of a file, fewer where the file ends; nil where the system refuses, with the reason in `errno`.
    package static func read(_ byteCount: Int, from descriptor: CInt, at offset: Int) -> [UInt8]? {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
            initialized = 0
            while initialized < byteCount {
                let done = initialized
                let count = repeated(on: descriptor, waitingFor: CInt(POLLIN)) {
                    pread(
                        descriptor,
                        buffer.baseAddress?.advanced(by: done),
                        byteCount - done,
                        off_t(offset + done)
                    )
                }
                failed = count < 0
                guard count > 0 else { return }
                initialized += count
            }
        }
        return failed ? nil : bytes
    }

    /// Waits until what was written to a file, or what a folder says of its files, is on the disk.
    ///
    /// Some file systems know no such wait.
    ///
    /// - Parameter descriptor: The file or folder.
    /// - Returns: False where the system could not, with the reason in `errno`.
    package static func synchronize(_ descriptor: CInt) -> Bool {
        fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP
    }

    /// Why the last call failed, in the system's words.
    package static var reason: String { reason(of: errno) }

    /// Why a call failed, in the system's words.
    ///
    /// - Parameter problem: What was in `errno`.
    /// - Returns: The words.
    static func reason(of problem: CInt) -> String {
        String(cString: strerror(problem)).lowercased()
    }

    /// Whether something has a name, be it a link that leads nowhere.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return path.withSystemPath { lstat($0, &status) } == 0
    }
}

/// `write` of the C library, which the method above would hide.
private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

/// `link` of the C library, which the method above would hide.
private func systemLink(_ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>) -> CInt {
    link(path, name)
}

/// `rename` of the C library, which the method above would hide.
private func systemRename(_ path: UnsafePointer<CChar>, _ target: UnsafePointer<CChar>) -> CInt {
    rename(path, target)
}
