import ArgumentParser
import Converters
import Planning
import Text

/// What somebody most likely meant whose words are no command line.
enum TypingMistake {
    /// What is wrong with the word that stands for a command, or nil where it is one, or there is none.
    ///
    /// - Parameter arguments: The words behind the program's name.
    /// - Returns: The sentence.
    static func inCommand(_ arguments: [String]) -> String? {
        let known = PlanCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first,
            !word.hasPrefix("-"), !known.contains(word), word != "help"
        else { return nil }
        let beginning = "there is no command \(word.quoted)"
        if let near = Spelling.nearest(to: word, in: known + ["help"]) {
            return "\(beginning); did you mean \(near)?"
        }
        if (try? Budget(parsing: word)) != nil {
            return "\(beginning); a budget is given as plan --budget \(ShellText.word(word))"
        }
        if FileIdentity(of: word)?.isThere == true {
            return
                "\(beginning); plan inspect \(ShellText.path(word)) shows a model, and plan help lists the commands"
        }
        return "\(beginning); plan help lists the commands"
    }

    /// What is wrong with the words behind the command, where the parser's own message would lead astray; else nil.
    ///
    /// - Parameters:
    ///   - arguments: The words behind the program's name.
    ///   - message: The parser's message.
    /// - Returns: The sentence.
    static func inWords(_ arguments: [String], _ message: String) -> String? {
        for (word, next) in zip(arguments, arguments.dropFirst()) {
            if message.lowercased().contains("unexpected argument"), Double(word) != nil,
                units.contains(next.lowercased())
            {
                return "\(word) and \(next) are two words; write \(word)\(next), or '\(word) \(next)'"
            }
            if message.contains("Missing value for"), word.hasPrefix("--"), next.first == "-",
                next.dropFirst().first.map({ $0.isNumber || $0 == "." }) ?? false
            {
                return "\(word) takes nothing below zero, and \(next) is"
            }
        }
        return nil
    }

    /// What stands behind the numbers of sizes.
    private static let units: Set = [
        "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "g", "m", "k", "t", "bpw", "%",
    ]
}
