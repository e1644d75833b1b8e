import Testing
import Text

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

    @Test("what is not shown, and bytes that are no UTF-8, stand in it as escapes that the shell reads")
    func escapes() {
        #expect(ShellText.word(String(systemPath: [0x6E, 0xFF, 0x31])) == #"$'n\3771'"#)
        #expect(ShellText.word("a'\\\u{1B}\u{202E}") == #"$'a\'\\\033\342\200\256'"#)
        #expect(ShellText.argument("a\nb") == "'a\nb'")
    }

    @Test(
        "what has a path of its own stands in a command by it, and anything else by the option that names it"
    )
    func inputs() {
        for path in ["m.gguf", "-m.gguf", "/dev/fd.csv", "dev/fd/3", "/tmp/pipe"] {
            #expect(InputFile.hasName(path) && ShellText.input(path, as: "--model") == ShellText.path(path))
            #expect(InputFile.ownName(of: path, or: "x") == FilePath(path).name)
        }
        for path in ["-", "/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"] {
            #expect(!InputFile.hasName(path) && InputFile.ownName(of: path, or: "x") == "x")
            #expect(ShellText.input(path, as: "--nested-in") == "NESTED-IN-FILE")
        }
    }
}
