import Foundation
import TestSupport
import Testing

@testable import Text

@Suite("Descriptors")
struct OwnedDescriptorTests {
    private let folder: ScratchFolder
    /// The path of a file in it.
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder.path("f")
    }

    private func opened() throws -> OwnedDescriptor {
        guard let descriptor = OwnedDescriptor(opening: path, O_RDWR | O_CREAT) else {
            throw POSIXError(.ENOENT)
        }
        return descriptor
    }

    @Test(
        "a lock keeps others off, and ends with its value, though a program that is being started has a copy"
    )
    func locks() throws {
        var copy: CInt = -1
        do {
            let descriptor = try opened()
            let isLocked = descriptor.lock()
            let other = try opened()
            let isTaken = other.lock()
            let isLockedElsewhere = other.isLockedElsewhere()
            #expect(isLocked && !isTaken && isLockedElsewhere)
            copy = dup(descriptor.number)
        }
        let next = try opened()
        let isLocked = next.lock()
        #expect(isLocked)
        #expect(close(copy) == 0)
    }

    @Test("what others have open keeps their lock")
    func shared() throws {
        let descriptor = open(path, O_RDWR | O_CREAT, 0o666)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        do {
            guard let shared = OwnedDescriptor(sharing: descriptor) else { throw POSIXError(.EBADF) }
            let number = shared.number
            #expect(number != descriptor)
        }
        let isLockedElsewhere = try opened().isLockedElsewhere()
        #expect(isLockedElsewhere)
        #expect(close(descriptor) == 0)
    }

    @Test("what cannot be opened is nil, with the reason")
    func missing() throws {
        let isThere = OwnedDescriptor(opening: folder.path("none"), O_RDONLY) != nil
        #expect(!isThere && errno == ENOENT)
        let isShared = OwnedDescriptor(sharing: -1) != nil
        #expect(!isShared && errno == EBADF)
    }

    @Test("no program that is started has it")
    func closedOnExec() throws {
        let descriptor = try opened()
        let flags = fcntl(descriptor.number, F_GETFD)
        #expect(flags & FD_CLOEXEC != 0)
    }
}
