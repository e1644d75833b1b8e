import Foundation
import TestSupport
import Testing

@testable import Text

/// Files that are looked into before they are written over.
@Suite struct InspectedFileTests {
    private func file(_ text: String) throws -> InspectedFile {
        try #require(InspectedFile(bytes: Array(text.utf8)))
    }

    @Test("the first line is the first one with content that is no comment", arguments: ["\n", "\r\n"])
    func firstLine(end: String) throws {
        let lines = ["", "# a comment", "kind,name", "a,b"]
        #expect(try file(lines.joined(separator: end)).firstLine == "kind,name")
        #expect(try file("# nothing else" + end).firstLine == nil)
        #expect(try file("").firstLine == nil && file("").isEmpty && !file(end).isEmpty)
    }

    @Test("an object is looked into as a whole, however long it is, and nothing else is")
    func outline() throws {
        let long = String(repeating: "x", count: 100_000)
        let object = try file(#"{"a": ["\#(long)"], "b": {"c": "d"}}"#)
        #expect(object.beginning.utf8.count < long.utf8.count)
        let outline = try #require(object.outline())
        #expect(outline["a"] == .array && outline.text("c", in: "b") == "d")
        for other in ["[]", #" {"a": 1}"#, #"{"a": 1"#, ""] {
            #expect(try file(other).outline() == nil)
        }
    }

    @Test("a file on a disk is read, and there is none where nothing can be read")
    func paths() throws {
        let folder = try ScratchFolder()
        let path = try folder.write("# é\nä\n", "f")
        let file = try #require(InspectedFile(path: path))
        #expect(
            file.beginning == "# é\nä\n" && file.firstLine == "ä" && file.bytes() == Array("# é\nä\n".utf8)
        )
        #expect(InspectedFile(path: folder.path("none")) == nil)
        #expect(InspectedFile(path: folder.url.path) == nil)
    }
}
