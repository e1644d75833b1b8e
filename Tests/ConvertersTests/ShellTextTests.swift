import Testing

@testable import Converters

/// Words that a person pastes into a shell.
@Suite struct ShellTextTests {
    @Test(
        "a word is the text for the shell, whatever is in it, and a path is never an option",
        arguments: [
            ("a.gguf", "a.gguf", "a.gguf"), ("", "''", "''"), ("a b", "'a b'", "'a b'"), ("*", "'*'", "'*'"),
            ("it's", #"'it'\''s'"#, #"'it'\''s'"#), ("-x", "'-x'", "./-x"), ("-a b", "'-a b'", "'./-a b'"),
        ]
    )
    func words(text: String, word: String, path: String) {
        #expect(ShellText.word(text) == word)
        #expect(ShellText.path(text) == path)
    }
}
