import Text
import Checkpoints

/// A command that runs a model and writes a loss.
public struct LossCommand: Hashable, Sendable {
    /// The program and its arguments, in which `{}` stands for the model.
    private let template: [String]
    /// Whether a shell reads the last of them.
    private let isShell: Bool
    /// What finds the loss, or nil for a command that is run for something else.
    private let expression: LossExpression?

    /// The most of a command's output that is looked at, from its end.
    private static let outputLimit = 1 << 20
    /// How many lines of it a message shows.
    private static let shownLines = 12

    /// A command for the shell.
    ///
    /// - Parameters:
    ///   - text: The command, in which `{}` stands for the model's path.
    ///   - expression: What finds the loss in its output.
    /// - Throws: ``CalibrationError/noPlaceForModel(command:)``.
    public init(shell text: String, loss expression: LossExpression) throws(CalibrationError) {
        guard text.contains("{}") else { throw .noPlaceForModel(command: text) }
        template = ["/bin/sh", "-c", text]
        isShell = true
        self.expression = expression
    }

    /// A program with arguments, which no shell reads.
    init(_ arguments: [String], loss expression: LossExpression?) {
        template = arguments
        isShell = false
        self.expression = expression
    }

    /// A command of the user's and what finds its loss, as they were given.
    var words: String { (template.last ?? "") + (expression.map { " loss \($0.text)" } ?? "") }

    /// Whether its standard errors may be those of a value of one model, of which a difference of two is formed first.
    ///
    /// What llama-perplexity compares with the original is a difference already.
    var mayPrintAbsoluteErrors: Bool { isShell }

    /// Runs the command on a model.
    ///
    /// - Parameters:
    ///   - path: The model.
    ///   - outputPath: A file for what the command writes.
    ///   - shouldStop: Whether to end it early; asked many times a second.
    /// - Returns: The loss and its standard error where the command says it.
    /// - Throws: ``CalibrationError/interrupted``, ``CalibrationError/cannotStart(program:reason:)``,
    ///   ``CalibrationError/commandFailed(command:ending:output:)``, and
    ///   ``CalibrationError/noLoss(command:expression:output:)``.
    public func run(
        on path: String,
        outputPath: String,
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> (loss: Double, standardError: Double?)? {
        // A thread of llama.cpp's own writes its log, and where the program ends first, all of it may be missing.
        for _ in 1..<(isShell ? 1 : Self.attempts) {
            do throws(CalibrationError) {
                return try runOnce(on: path, outputPath: outputPath, shouldStop: shouldStop)
            } catch .noLoss {
                continue
            }
        }
        return try runOnce(on: path, outputPath: outputPath, shouldStop: shouldStop)
    }

    /// How often llama.cpp is run until it says a loss.
    private static let attempts = 5

    private func runOnce(
        on path: String,
        outputPath: String,
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> (loss: Double, standardError: Double?)? {
        let arguments = arguments(for: path)
        let ending = try ChildProcess.run(arguments, outputPath: outputPath, shouldStop: shouldStop)
        let output = Self.end(of: outputPath)
        let shown = isShell ? arguments.last ?? "" : arguments.joined(separator: " ")
        switch ending {
        case .stopped: throw .interrupted
        case .exited(0): break
        // The terminal sent its Ctrl-C to a command that had taken it over.
        case .exited, .signalled:
            if shouldStop() { throw .interrupted }
            let text =
                switch ending {
                case .exited(127) where isShell: "was not found by the shell"
                case .exited(let code): "failed with exit code \(code)"
                case .signalled(let signal): "was ended by signal \(signal)"
                case .stopped: "was stopped"
                }
            throw .commandFailed(command: shown, ending: text, output: Self.shownEnd(of: output))
        }
        guard let expression else { return nil }
        guard let loss = expression.loss(in: output) else {
            throw .noLoss(command: shown, expression: expression.text, output: Self.shownEnd(of: output))
        }
        return loss
    }

    /// Ends the command at work, of whatever thread, and what it started; for a program that ends itself in the midst of it.
    public static func endAtOnce() { ChildProcess.endAtOnce() }

    /// The program and its arguments for a model.
    func arguments(for path: String) -> [String] {
        template.enumerated().map { index, word in
            guard isShell else { return word == "{}" ? path : word }
            return index < template.count - 1
                ? word
                : word.split(separator: "{}", omittingEmptySubsequences: false)
                    .joined(separator: ShellText.argument(path))
        }
    }

    private static func end(of path: String) -> String {
        guard let source = try? ByteSource(path: path) else { return "" }
        let start = max(0, source.byteCount - outputLimit)
        guard let bytes = try? source.bytes(start..<source.byteCount) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The last lines of an output, made safe to show.
    private static func shownEnd(of output: String) -> String {
        let lines = output.split(whereSeparator: { $0.isNewline })
        return lines.suffix(shownLines)
            .map { line in
                String(String.UnicodeScalarView(line.unicodeScalars.suffix(400).filter { !$0.isControl }))
                    .visible
            }
            .joined(separator: "\n")
    }
}
