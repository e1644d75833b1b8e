import Text
import Foundation

@testable import Sensitivity
import TestSupport
import Testing

@Suite("reading impact tables from files")
struct ImpactTableFileTests {
    private func withFile(
        _ bytes: [UInt8],
        named name: String = "my.table.csv",
        _ body: (String) throws -> Void
    ) throws {
        let folder = try ScratchFolder()
        try body(try folder.write(bytes, name))
    }

    @Test("a table is named for its file, unless a name is given")
    func names() throws {
        try withFile(Array("layer,Q4_1\na,1\n".utf8)) { path throws in
            #expect(try ImpactTableReader.read(path: path).table.name == "my.table")
            #expect(try ImpactTableReader.read(path: path, name: "mine").table.name == "mine")
        }
        try withFile(Array("layer,Q4_1\na,1\n".utf8), named: ".csv") { path throws in
            #expect(try ImpactTableReader.read(path: path).table.name == ".csv")
        }
    }

    @Test("an error in a file names its path and line")
    func errorNamesFile() throws {
        try withFile(Array("layer,Q4_1\na,1\nb,low\n".utf8)) { path throws in
            let error = #expect(throws: SensitivityError.self) { try ImpactTableReader.read(path: path) }
            #expect(error == .badTable(file: path, line: 3, problem: .unreadableCell("low")))
            #expect(
                error?.description
                    == "\(path):3: the cell \"low\" cannot be read: write a decimal number with a point,"
                    + " inf or nothing"
            )
        }
    }

    @Test(
        "a path without a file is told apart from bad data",
        arguments: ["", "no/such/file.csv", "a\u{0}b"]
    )
    func noSuchFile(path: String) throws {
        #expect(throws: SensitivityError.file(FileError(path: path, .missing))) {
            try ImpactTableReader.read(path: path)
        }
    }

    @Test("a folder is not a table")
    func folder() throws {
        let folder = try ScratchFolder()
        #expect(throws: SensitivityError.file(FileError(path: folder.url.path, .folder))) {
            try ImpactTableReader.read(path: folder.url.path)
        }
    }

    @Test(
        "a file that is not UTF-8 is an error",
        arguments: [[0xff, 0xfe, 0x6c, 0x00], [0x6c, 0xc3], [0xed, 0xa0, 0x80]]
    )
    func notUTF8(bytes: [UInt8]) throws {
        try withFile(bytes) { path throws in
            #expect(throws: SensitivityError.file(FileError(path: path, .notUTF8))) {
                try ImpactTableReader.read(path: path)
            }
        }
    }

    @Test("a file is read up to the limit, and not beyond")
    func fileTooLarge() throws {
        try withFile(Array(repeating: 0x61, count: 3_000_000)) { path throws in
            #expect(try TextFile.read(path: path, limit: 3_000_000).utf8.count == 3_000_000)
            #expect(throws: SensitivityError.file(FileError(path: path, .tooLarge(limit: 2_999_999)))) {
                try TextFile.read(path: path, limit: 2_999_999)
            }
        }
        #expect(TextFile.byteLimit == 100_000_000)
    }

    @Test("an empty file has no table")
    func emptyFile() throws {
        try withFile([]) { path throws in
            #expect(throws: SensitivityError.badTable(file: path, line: 1, problem: .noLayers)) {
                try ImpactTableReader.read(path: path)
            }
        }
    }
}
