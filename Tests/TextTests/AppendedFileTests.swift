import Foundation
import TestSupport
import Testing

@testable import Text

@Suite("Files that grow record by record")
struct AppendedFileTests {
    private let folder: ScratchFolder
    /// The path of a file in it.
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder.path("records")
    }

    private func refusal(_ reason: String, of path: String) -> FileError {
        FileError(path: path, .unwritable(reason: reason))
    }

    @Test("records are there as soon as they are appended, and a torn one is cut off")
    func growing() throws {
        do {
            let file = try AppendedFile(path, isNew: true)
            try file.append(Array("one\n".utf8))
            #expect(try folder.bytes("records") == Array("one\n".utf8))
            try file.append(Array("tw".utf8))
        }
        let file = try AppendedFile(path, isNew: false)
        try file.cut(to: 4)
        try file.append(Array("three\n".utf8))
        #expect(try folder.bytes("records") == Array("one\nthree\n".utf8))
    }

    @Test("two programs do not go on with one file, under whatever name")
    func isAlone() throws {
        let file = try AppendedFile(path, isNew: true)
        try file.append(Array("one\n".utf8))
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "records")
        for name in [path, link] {
            #expect(throws: refusal("another program writes to it", of: name)) {
                try AppendedFile(name, isNew: false)
            }
        }
    }

    @Test("what is there is not taken for new, nor what is not there for old, nor a pipe for a file")
    func kinds() throws {
        #expect(throws: refusal("no such file or directory", of: path)) {
            try AppendedFile(path, isNew: false)
        }
        _ = try AppendedFile(path, isNew: true)
        #expect(throws: refusal("file exists", of: path)) { try AppendedFile(path, isNew: true) }
        let pipe = folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: refusal("it is not a regular file", of: pipe)) {
            try AppendedFile(pipe, isNew: false)
        }
        for name in ["", "a\0b"] {
            #expect(throws: refusal("that is not a file name", of: name)) {
                try AppendedFile(name, isNew: true)
            }
        }
    }

    @Test("a file that goes with another is read only where it is a regular file within its limit")
    func companions() throws {
        try WholeFile.write(Array("{}".utf8), to: path)
        #expect(try InputFile.bytes(ofRegularFile: path, limit: 2) == Array("{}".utf8))
        #expect(throws: FileError(path: path, .tooLarge(limit: 1))) {
            try InputFile.bytes(ofRegularFile: path, limit: 1)
        }
        #expect(throws: FileError(path: folder.path("."), .folder)) {
            try InputFile.bytes(ofRegularFile: folder.path("."), limit: 9)
        }
        let pipe = folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError(path: pipe, .notRegular)) {
            try InputFile.bytes(ofRegularFile: pipe, limit: 9)
        }
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "records")
        #expect(try InputFile.bytes(ofRegularFile: link, limit: 9) == Array("{}".utf8))
        #expect(
            throws: FileError(path: link, .unreadable(reason: "too many levels of symbolic links"))
        ) {
            try InputFile.bytes(ofRegularFile: link, limit: 9, followsLinks: false)
        }
    }
}
