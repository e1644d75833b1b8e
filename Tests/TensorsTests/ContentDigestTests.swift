import Tensors
import Testing

struct ContentDigestTests {
    @Test(
        "the digest is FNV-1a in 64 bits, as its authors' test vectors have it",
        arguments: [
            ("", "fnv1a64:cbf29ce484222325"), ("a", "fnv1a64:af63dc4c8601ec8c"),
            ("foobar", "fnv1a64:85944171f73967e8"),
        ]
    )
    func vectors(text: String, digest: String) {
        var content = ContentDigest()
        content.update(bytes: text.utf8)
        #expect(content.text == digest)
        #expect("\(content)" == digest)
    }

    @Test("bytes may come in any pieces")
    func pieces() {
        var whole = ContentDigest()
        whole.update(bytes: "foobar".utf8)
        var pieces = ContentDigest()
        pieces.update(bytes: "foo".utf8)
        pieces.update(bytes: [UInt8]())
        pieces.update(bytes: "bar".utf8)
        #expect(whole == pieces)
    }

    @Test("fields do not run together")
    func fields() {
        func digest(_ fields: [String]) -> ContentDigest {
            var content = ContentDigest()
            for field in fields { content.update(field: field) }
            return content
        }
        #expect(digest(["ab", "c"]) != digest(["a", "bc"]))
        #expect(digest(["ab", ""]) != digest(["ab"]))
    }

    @Test(
        "an integer is its eight bytes, the least significant first",
        arguments: [0, 1, -1, .min, .max, 258]
    )
    func integers(integer: Int) {
        var field = ContentDigest()
        field.update(field: integer)
        var bytes = ContentDigest()
        bytes.update(bytes: (0..<8).map { UInt8(truncatingIfNeeded: integer >> ($0 * 8)) })
        #expect(field == bytes)
    }

    @Test("the text always has sixteen digits", arguments: 0..<64)
    func digits(number: Int) {
        var content = ContentDigest()
        content.update(field: number)
        #expect(content.text.count == 8 + 16)
    }
}
