import Foundation
import TestSupport
import Testing

@testable import Calibration

@Suite("Commands that print a loss")
struct LossCommandTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func run(
        _ command: String,
        on path: String = "m.gguf",
        loss: String = "loss ([0-9.e+-]+)( ± ([0-9.]+))?",
        shouldStop: () -> Bool = { false }
    ) throws(CalibrationError) -> (loss: Double, standardError: Double?)? {
        try LossCommand(shell: command, loss: try LossExpression(loss)).run(
            on: path,
            outputPath: folder.path("output.txt"),
            shouldStop: shouldStop
        )
    }

    @Test(
        "an expression finds the last number and its standard error",
        arguments: [
            ("loss 1.5", 1.5, nil), ("loss 1\nloss 2e-3", 0.002, nil),
            ("loss -0.25 ± 0.5 loss 3 ± 0.125", 3, 0.125),
            ("loss 7 ± x", 7, nil),
        ] as [(String, Double, Double?)]
    )
    func findsLoss(text: String, loss: Double, error: Double?) throws {
        let found = try #require(try LossExpression("loss ([0-9.e+-]+)(?: ± ([0-9.]+))?").loss(in: text))
        #expect(found.loss == loss && found.standardError == error)
    }

    @Test(
        "an expression finds no loss where there is none that is finite",
        arguments: ["", "loss", "loss .", "loss e"]
    )
    func findsNone(text: String) throws {
        #expect(try LossExpression("loss ([0-9.e+-]+)").loss(in: text) == nil)
        #expect(try LossExpression("loss (nan|inf)").loss(in: "loss nan loss inf") == nil)
    }

    @Test("llama-perplexity's last lines are understood")
    func findsDivergence() throws {
        let output = """
            ====== KL divergence statistics ======
            Mean    KLD:   0.046342 ±   0.002104
            Maximum KLD:   2.181000
            Median  KLD:   0.012000
            """
        let found = try #require(LossExpression.llamaPerplexity.loss(in: output))
        #expect(found.loss == 0.046342 && found.standardError == 0.002104)
        #expect(LossExpression.llamaPerplexity.loss(in: "Mean    KLD:        nan ±        nan") == nil)
    }

    @Test(
        "an expression without a group, or that is none, is refused",
        arguments: [
            ("loss", "it has no group for the number"), ("(", "it is not a regular expression"),
            ("loss (?:[0-9]+)", "it has no group for the number"),
        ]
    )
    func refusesExpression(text: String, problem: String) {
        #expect(throws: CalibrationError.badExpression(text, problem: problem)) { try LossExpression(text) }
    }

    @Test(
        "a model's path reaches the command whatever is in it",
        arguments: ["m.gguf", "my model.gguf", "it's $HOME; rm -x.gguf", "a\"b`c`.gguf", "{}.gguf"]
    )
    func quotesPath(name: String) throws {
        try folder.write(Array("12".utf8), name)
        let found = try #require(try run("printf 'loss '; wc -c < {}", on: folder.path(name)))
        #expect(found.loss == 2)
    }

    @Test(
        "a command that fails says how, with the end of its output",
        arguments: [
            (
                "for i in $(seq 99); do echo line $i; done; exit 3 # {}",
                ["exit code 3", "line 99", "line 88"], "line 87\n"
            ),
            ("kill -KILL $$ # {}", ["signal 9", "it wrote nothing"], "ends with"),
            ("no-such-program {}", ["was not found by the shell"], "exit code"),
            ("printf 'a\\033[2Jb' >&2; exit 1 # {}", ["a[2Jb"], "\u{1B}"),
            // A control sequence of one character in UTF-8, and one that turns the line's direction.
            ("printf 'a\\302\\2332Jb' >&2; exit 1 # {}", ["a2Jb"], "\u{9B}"),
            ("printf 'a\\342\\200\\256b' >&2; exit 1 # {}", [#"a\u{202e}b"#], "\u{202E}"),
        ]
    )
    func saysHowItFails(command: String, parts: [String], never: String) throws {
        let error = try #require(throws: CalibrationError.self) { try run(command) }
        for part in parts { #expect(error.description.contains(part), "\(error)") }
        #expect(!error.description.contains(never), "\(error)")
    }

    @Test("a command that prints no loss says what it printed instead")
    func saysWhatItPrints() throws {
        let error = try #require(throws: CalibrationError.self) { try run("echo all is well {}") }
        #expect(error.description.hasSuffix("its output ends with:\nall is well m.gguf"))
    }

    @Test("a command without a place for the model, and a program that is not there, are refused")
    func refuses() throws {
        #expect(throws: CalibrationError.noPlaceForModel(command: "true")) { try run("true") }
        let absent = folder.path("absent")
        #expect(
            throws: CalibrationError.cannotStart(program: absent, reason: "no such file or directory")
        ) {
            try LossCommand([absent, "{}"], loss: nil).run(
                on: "m",
                outputPath: folder.path("output.txt"),
                shouldStop: { false }
            )
        }
    }

    @Test("a command that is stopped ends, and what it started ends with it")
    func stops() throws {
        // The one in the background ignores the first request.
        let command = """
            echo $$ > '\(folder.path("pid"))'; (trap '' TERM; while :; do sleep 1; done) & wait; echo loss 1 # {}
            """
        #expect(throws: CalibrationError.interrupted) {
            try run(command, shouldStop: { FileManager.default.fileExists(atPath: folder.path("pid")) })
        }
        let group = try #require(
            Int32(
                String(decoding: try folder.bytes("pid"), as: UTF8.self).trimmingCharacters(
                    in: .whitespacesAndNewlines
                )
            )
        )
        // Zombies of the group are reaped by whoever adopted them, which may take a moment.
        for _ in 0..<200 where kill(-group, 0) == 0 { usleep(20_000) }
        #expect(kill(-group, 0) != 0)
    }
}
