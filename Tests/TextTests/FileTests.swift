import Foundation
import TestSupport
import Testing

@testable import Text

@Suite("Reading and writing files")
struct FileTests {
    private let folder: ScratchFolder
    /// The path of a file in it.
    private let file: String

    init() throws {
        folder = try ScratchFolder()
        file = folder.path("f")
    }

    private func content(_ path: String) throws -> String {
        try InputFile.text(at: path, limit: 1_000_000)
    }

    // MARK: Reading

    @Test("a file is read as a whole, up to its limit")
    func reading() throws {
        try WholeFile.write(Array("\u{FEFF}héllo".utf8), to: file)
        #expect(try InputFile.text(at: file, limit: 9) == "héllo")
        #expect(throws: FileError(path: file, .tooLarge(limit: 8))) {
            try InputFile.bytes(at: file, limit: 8)
        }
        try WholeFile.write([0x61, 0xFF], to: file)
        #expect(throws: FileError(path: file, .notUTF8)) { try InputFile.text(at: file, limit: 9) }
    }

    @Test("a new file takes no name that there is, not even that of a link which leads nowhere")
    func newFiles() throws {
        #expect(try WholeFile.writeNew(Array("one".utf8), to: file))
        #expect(try !WholeFile.writeNew(Array("two".utf8), to: file))
        #expect(try content(file) == "one")
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
        #expect(try !WholeFile.writeNew(Array("two".utf8), to: link))
        #expect(try folder.names() == ["f", "link"])
    }

    @Test("of two that write a new file of one name at a time the one that is first has it")
    func newFilesAtOnce() throws {
        var partial = try PartialFile(for: file)
        try partial.append(Array("two".utf8))
        #expect(try WholeFile.writeNew(Array("one".utf8), to: file))
        let isNamed = try partial.commit(replacing: false)
        #expect(!isNamed)
        #expect(try content(file) == "one")
        #expect(try folder.names() == ["f"])
    }

    @Test("what gives a file its name is told, with the file there and whole")
    func naming() throws {
        var wasThere: [Bool] = []
        try WholeFile.write(Array("one".utf8), to: file) { give in
            wasThere.append(FileManager.default.fileExists(atPath: file))
            let isDone = give()
            wasThere.append(FileManager.default.fileExists(atPath: file))
            return isDone
        }
        #expect(wasThere == [false, true])
        let found = sentence { try WholeFile.write([], to: file) { _ in false } }
        #expect(found?.hasPrefix("\(file.quoted) cannot be written (") == true, "\(found ?? "written")")
        #expect(try content(file) == "one")
    }

    @Test("a pointer of Git LFS is told by one sentence, however it is read")
    func pointers() throws {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
        try WholeFile.write(Array(text.utf8), to: file)
        let error = FileError(path: file, .notFetched)
        #expect(throws: error) { try InputFile.bytes(at: file, limit: 1_000) }
        #expect(throws: error) { try ByteSource(path: file, streamLimit: nil) }
        #expect(throws: error) { try ByteSource(path: file, streamLimit: 1_000) }
        #expect(error.description.contains("git lfs pull") && !error.isMissingInput)
    }

    @Test("what is no file has the same words whoever asks")
    func noFile() throws {
        for path in [file, "", file + "/x", "a\u{0}b"] {
            #expect(throws: FileError(path: path, .missing)) { try InputFile.bytes(at: path, limit: 1) }
            #expect(throws: FileError(path: path, .missing)) { try ByteSource(path: path, streamLimit: nil) }
        }
        #expect(throws: FileError(path: folder.url.path, .folder)) {
            try InputFile.bytes(at: folder.url.path, limit: 1)
        }
        #expect(throws: FileError(path: folder.url.path, .folder)) {
            try ByteSource(path: folder.url.path, streamLimit: 1)
        }
        #expect(
            FileError(path: "a\u{1B}", .missing).description == #"there is no file "a\u{1b}"; check its path"#
        )
    }

    @Test("a pipe is read to its end, once, and refused where a file on a disk is needed")
    func pipes() throws {
        let pipe = folder.path("p")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError(path: pipe, .notRegular)) { try ByteSource(path: pipe, streamLimit: nil) }
        let text = String(repeating: "0123456789", count: 30_000)
        func write(to pipe: String) {
            Thread { try? WholeFile.write(Array(text.utf8), to: pipe) }.start()
        }
        write(to: pipe)
        let read = try InputFile.text(at: pipe, limit: 1_000_000)
        #expect(read == text)
        let other = folder.path("q")
        #expect(mkfifo(other, 0o600) == 0)
        write(to: other)
        let source = try ByteSource(path: other, streamLimit: 1_000_000)
        let end = try source.bytes(299_990..<300_000)
        #expect(source.byteCount == text.utf8.count && end == Array("0123456789".utf8))
        // What is known of it already may be read from any place.
        #expect(try ByteSource(path: pipe, streamLimit: nil).byteCount == text.utf8.count)
        #expect(InputFile.byteCount(of: pipe) == text.utf8.count)
    }

    @Test("what a pipe was given up for is said to whoever asks again, who would get the rest")
    func longPipe() throws {
        let pipe = folder.path("long")
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Thread { try? WholeFile.write([UInt8](repeating: 0, count: 100), to: pipe) }
        writer.start()
        let error = FileError(path: pipe, .streamTooLarge(limit: 10))
        #expect(throws: error) { try InputFile.bytes(at: pipe, limit: 10) }
        #expect(throws: error) { try InputFile.bytes(at: pipe, limit: 1_000) }
        #expect(throws: error) { try ByteSource(path: pipe, streamLimit: nil) }
        #expect(error.description.contains("give the file itself"))
    }

    @Test("a file whose name is no UTF-8 is written and read by its own bytes")
    func rawNames() throws {
        let path = folder.url.path + "/" + String(systemPath: [0x61, 0xFF, 0x62])
        try WholeFile.write([1, 2], to: path)
        #expect(try InputFile.bytes(at: path, limit: 2) == [1, 2])
        let raw: [CChar] = Array("\(folder.url.path)/a".utf8.map { CChar(bitPattern: $0) }) + [-1, 0x62, 0]
        #expect(access(raw, F_OK) == 0)
    }

    // MARK: Writing

    @Test("a file is replaced as a whole, keeps its permissions, and nothing else is left")
    func replacing() throws {
        try WholeFile.write(Array("old".utf8), to: file)
        #expect(chmod(file, 0o4651) == 0)
        try WholeFile.write(Array("new".utf8), to: file)
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o7777 == 0o4651)
        #expect(try content(file) == "new")
        #expect(try folder.names() == ["f"])
    }

    @Test("a name of 255 bytes, the longest there is, is written")
    func longNames() throws {
        let file = folder.path(String(repeating: "n", count: 255))
        try WholeFile.write([1], to: file)
        #expect(try InputFile.bytes(at: file, limit: 1) == [1])
    }

    @Test("a link is followed, also to a file that is not there yet")
    func links() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("sub"),
            withIntermediateDirectories: false
        )
        #expect(symlink("sub/second", folder.path("first")) == 0)
        #expect(symlink("target", folder.path("sub/second")) == 0)
        for text in ["dangling", "there"] {
            try WholeFile.write(Array(text.utf8), to: folder.path("first"))
            #expect(try content(folder.path("sub/target")) == text)
        }
        #expect(try folder.names() == ["first", "sub"])
        #expect(try folder.names("sub") == ["second", "target"])
        #expect(symlink("loop", folder.path("loop")) == 0)
        let loop = folder.path("loop")
        #expect(
            throws: FileError(path: loop, .unwritable(reason: "too many levels of symbolic links"))
        ) { try WholeFile.write([], to: loop) }
    }

    @Test("what is no regular file is written to where it is, and a folder is refused")
    func otherKinds() throws {
        try WholeFile.write([1], to: "/dev/null")
        #expect(throws: FileError(path: folder.url.path, .unwritable(reason: "it is a folder"))) {
            try WholeFile.write([], to: folder.url.path)
        }
        for path in ["", "a\u{0}b"] {
            #expect(throws: FileError(path: path, .unwritable(reason: "that is no file name"))) {
                try WholeFile.write([], to: path)
            }
        }
        #expect(throws: FileError(path: file + "/x", .unwritable(reason: "no such file or directory"))) {
            try WholeFile.write([], to: file + "/x")
        }
        #expect(throws: FileError(path: "/dev/full", .unwritable(reason: "no space left on device"))) {
            try WholeFile.write([1], to: "/dev/full")
        }
    }

    @Test("an error on the way leaves the old file and nothing beside it")
    func failing() throws {
        try WholeFile.write([1], to: file)
        do {
            var partial = try PartialFile(for: file)
            try partial.append([2])
            #expect(try folder.names().count == 2)
        }
        #expect(try folder.names() == ["f"])
        #expect(try InputFile.bytes(at: file, limit: 1) == [1])
    }

    @Test("a signal leaves nothing behind", arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(signal: CInt) async throws {
        try WholeFile.write([1], to: file)
        await #expect(processExitsWith: .signal(signal)) { [file = file as String, signal = signal as CInt] in
            // The thread that starts the child may have its signals blocked, which the child inherits.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, signal)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            var partial = try PartialFile(for: file)
            try partial.append([2])
            raise(signal)
        }
        #expect(try folder.names() == ["f"])
        #expect(try InputFile.bytes(at: file, limit: 1) == [1])
    }

    @Test("what a killed program left is taken away by the next that writes the same file, and by no other")
    func killed() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [file = file as String] in
            var partial = try PartialFile(for: file)
            try partial.append([2])
            raise(SIGKILL)
        }
        let left = try #require(folder.names().first)
        #expect(try folder.names().count == 1)
        // Another one that wrote at the same time.
        try folder.write("2", left.replacing("-0.partial", with: "-1.partial"))
        try WholeFile.write([1], to: folder.path("g"))
        #expect(try folder.names().count == 3)
        try WholeFile.write([1], to: file)
        #expect(try folder.names() == ["f", "g"])
    }

    @Test("two that write the same file at once both finish, and one of them is there")
    func concurrent() async throws {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        #expect(throws: Never.self) {
                            try WholeFile.write([UInt8](repeating: UInt8(number), count: 10_000), to: file)
                        }
                    }
                }
            }
        }
        let bytes = try InputFile.bytes(at: file, limit: 10_000)
        #expect(bytes.count == 10_000 && Set(bytes).count == 1)
        #expect(try folder.names() == ["f"])
    }

    @Test("a descriptor that does not block is waited for")
    func nonBlocking() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        let bytes = [UInt8](repeating: 7, count: 1_000_000)
        let writer = Thread {
            try? WholeFile.write(bytes, toDescriptor: descriptor, path: "-")
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        #expect(try pipe.fileHandleForReading.readToEnd() == Data(bytes))
    }

    @Test("what is wrong with a file says whether its path, what is in it or its place is to be changed")
    func categories() {
        let problems: [(FileError.Problem, ErrorCategory)] = [
            (.missing, .missingInput), (.folder, .missingInput), (.notRegular, .missingInput),
            (.unreadable(reason: "r"), .missingInput), (.shortened, .badData),
            (.tooLarge(limit: 1), .badData), (.streamTooLarge(limit: 1), .badData),
            (.notFetched, .badData), (.notUTF8, .badData), (.unwritable(reason: "r"), .cannotWrite),
        ]
        for (problem, category) in problems {
            #expect(FileError(path: "p", problem).category == category, "\(problem)")
        }
    }
}

@Suite struct FilePathTests {
    @Test(
        "a path is taken apart at its last slash in bytes, whatever stands behind it",
        arguments: [
            ("a", "", "a", "."), ("a/b", "a/", "b", "a"), ("/a", "/", "a", "/"), ("/", "/", "", "/"),
            ("a//b//", "a//", "b", "a"), ("", "", "", "."), ("a/\u{301}b", "a/", "\u{301}b", "a"),
        ]
    )
    func parts(path: String, folder: String, name: String, folderPath: String) {
        let parts = FilePath(path)
        #expect(parts.folder.unicodeScalars.elementsEqual(folder.unicodeScalars))
        #expect(parts.name.unicodeScalars.elementsEqual(name.unicodeScalars))
        #expect(parts.folderPath == folderPath)
    }
}

@Suite struct FolderTests {
    @Test("names that are no UTF-8 are listed, found and removed with all that is beside them")
    func rawNames() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("f") + String(systemPath: [0xFF])
        try WholeFile.makeFolder(path)
        let name = String(systemPath: [0x61, 0xFE])
        try WholeFile.write([1, 2, 3], to: path + "/" + name)
        try WholeFile.makeFolder(path + "/inner")
        #expect(try Folder.names(in: path).sorted() == [name, "inner"].sorted())
        #expect(InputFile.byteCount(of: path + "/" + name) == 3)
        #expect(Folder.exists(path) && InputFile.exists(path + "/" + name))
        Folder.remove(path)
        #expect(!InputFile.exists(path))
        #expect(throws: FileError(path: path, .unreadable(reason: "no such file or directory"))) {
            try Folder.names(in: path)
        }
    }
}
