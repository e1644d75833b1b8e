import Tensors
import TestSupport
import Testing

struct GlobTests {
    @Test(
        "a pattern matches the whole name and captures what its stars stand for",
        arguments: [
            ("abc", "abc", []), ("*", "", [""]), ("*", "abc", ["abc"]), ("a*", "a", [""]),
            ("*c", "abc", ["ab"]),
            ("a*c", "abbc", ["bb"]), ("a?c", "abc", []), ("a[bx]c", "abc", []), ("a[0-9]c", "a7c", []),
            ("[a-cx-z]", "y", []), ("[-a]", "-", []), ("[a-]", "-", []), ("[*]", "*", []), ("[?]", "?", []),
            ("[[]", "[", []), ("a]", "a]", []), ("**", "ab", ["", "ab"]), ("*a*", "bab", ["b", "b"]),
            ("a*.*", "ab.c.d", ["b", "c.d"]), ("*aab", "aaab", ["a"]),
            ("*.*.weight", "a.b.c.weight", ["a", "b.c"]),
            ("double_blocks.*.img_*", "double_blocks.12.img_attn.qkv.weight", ["12", "attn.qkv.weight"]),
            ("?", "é", []), ("ä*", "äöü", ["öü"]),
            ("blk.*.ffn_{gate,up}.weight", "blk.7.ffn_up.weight", ["7"]), ("{a,ab}c", "abc", []),
            ("{[0-9],x?}*{,s}", "xyz", ["z"]), ("[{]a}", "{a}", []), ("a,b", "a,b", []),
        ] as [(String, String, [Substring])]
    )
    func matching(pattern: String, text: String, captures: [Substring]) throws {
        let glob = try Glob(pattern)
        #expect(glob.match(text) == captures)
        #expect(glob.captureCount == captures.count)
        #expect(glob.matches(text))
        #expect(glob.description == pattern)
    }

    @Test(
        "a pattern does not match part of a name, another case, or a character outside its set",
        arguments: [
            ("abc", "abcd"), ("abc", "ab"), ("abc", "ABC"), ("a?", "a"), ("?", ""), ("a[bx]c", "acc"),
            ("[0-9]", "a"), ("a*b", "a"), ("a*b", "abc"), ("*a*a", "a"), ("a.c", "abc"), ("[a]", ""),
        ]
    )
    func notMatching(pattern: String, text: String) throws {
        #expect(try Glob(pattern).match(text) == nil)
    }

    @Test("a malformed pattern is an error that says what is wrong")
    func malformed() {
        #expect(throws: TensorError.emptyPattern) { try Glob("") }
        #expect(throws: TensorError.unclosedSet(pattern: "a[b")) { try Glob("a[b") }
        #expect(throws: TensorError.unclosedSet(pattern: "[")) { try Glob("[") }
        #expect(throws: TensorError.emptySet(pattern: "a[]")) { try Glob("a[]") }
        #expect(throws: TensorError.negatedSet(pattern: "[!a]")) { try Glob("[!a]") }
        #expect(throws: TensorError.negatedSet(pattern: "[^a]")) { try Glob("[^a]") }
        #expect(throws: TensorError.reversedRange(pattern: "[9-0]", range: "9-0")) { try Glob("[9-0]") }
    }

    @Test("many stars do not take exponential time", .timeLimit(.minutes(1)))
    func time() throws {
        let glob = try Glob(String(repeating: "*a", count: 40) + "b")
        #expect(glob.match(String(repeating: "a", count: 4_000)) == nil)
    }

    @Test("a pattern matches exactly what trying every way finds, lazily", arguments: 0..<300)
    func agreesWithExhaustiveSearch(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let patternAlphabet = Array("ab*?*")
        let textAlphabet = Array("ab")
        let pattern = String(
            (0..<Int.random(in: 1...7, using: &generator)).compactMap { _ in
                patternAlphabet.randomElement(using: &generator)
            }
        )
        let glob = try Glob(pattern)
        for _ in 0..<20 {
            let text = String(
                (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in
                    textAlphabet.randomElement(using: &generator)
                }
            )
            #expect(
                glob.match(text)?.map(String.init) == exhaustive(pattern[...], text[...]),
                "\(pattern) on \(text)"
            )
        }
    }

    /// The first match when every star tries the shortest run first, found by trying all.
    private func exhaustive(_ pattern: Substring, _ text: Substring) -> [String]? {
        guard let first = pattern.first else { return text.isEmpty ? [] : nil }
        if first == "*" {
            for length in 0...text.count {
                if let rest = exhaustive(pattern.dropFirst(), text.dropFirst(length)) {
                    return [String(text.prefix(length))] + rest
                }
            }
            return nil
        }
        guard let character = text.first, first == "?" || first == character else { return nil }
        return exhaustive(pattern.dropFirst(), text.dropFirst())
    }
}
