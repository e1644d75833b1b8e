import Foundation
import Recipes
import Testing

@Suite struct AtomicFileTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/plan-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func content(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test("a file is replaced as a whole, keeps its permissions, and leaves nothing beside it")
    func replaces() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a.json"
        try AtomicFile.write(Array("old".utf8), to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try AtomicFile.write(Array("new".utf8), to: path)
        #expect(try content(path) == "new")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.json"])
    }

    @Test("a link is followed, not replaced")
    func followsLinks() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try AtomicFile.write(Array("old".utf8), to: folder + "/a.json")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link",
            withDestinationPath: folder + "/a.json"
        )
        try AtomicFile.write(Array("new".utf8), to: folder + "/link")
        #expect(try content(folder + "/a.json") == "new")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == folder + "/a.json"
        )
    }

    @Test("a device is written to, not replaced by a file")
    func keepsDevices() throws {
        try AtomicFile.write(Array("x".utf8), to: "/dev/null")
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
                == .typeCharacterSpecial
        )
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("a folder, a missing folder and an empty name are errors that leave nothing behind")
    func refuses() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for path in [folder, folder + "/missing/a.json", ""] {
            #expect(throws: RecipeError.self) { try AtomicFile.write([1], to: path) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
