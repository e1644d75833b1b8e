import Foundation
import TestSupport
import Testing

@Suite struct BadInputTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func write(_ name: String, _ text: String) throws {
        try folder.write(text, name)
    }

    static let badInputs = [
        BadInput(arguments: [], exitCode: 64, sentence: "--budget"),
        BadInput(arguments: ["--budget", "nine"], exitCode: 64, sentence: "write it like 9GB"),
        BadInput(arguments: ["--budget", "0"], exitCode: 64, sentence: "less than one byte"),
        BadInput(arguments: ["--budget", "9G"], exitCode: 64, sentence: "GiB"),
        BadInput(arguments: ["--budget=-1GB"], exitCode: 64, sentence: "below zero"),
        BadInput(
            arguments: ["--budget", "9223372036854775808"],
            exitCode: 64,
            sentence: "9223372036854775808"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--combine", "mean"],
            exitCode: 64,
            sentence: "The value 'mean' is invalid"
        ),
        BadInput(arguments: ["--budget", "9GB", "--formats", "Q9_9"], exitCode: 64, sentence: "Q9_9"),
        BadInput(
            arguments: ["--budget", "9GB", "--formats", "Q4_K"],
            exitCode: 64,
            sentence: "no column for Q4_K"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--formats", ""],
            exitCode: 64,
            sentence: #"there is no format named "";"#
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--time-limit", "0"],
            exitCode: 64,
            sentence: "a number of seconds above 0"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--time-limit", "nan"],
            exitCode: 64,
            sentence: "a number of seconds above 0"
        ),
        BadInput(arguments: ["--budget", "9GB", "--nonsense"], exitCode: 64, sentence: "nonsense"),
        BadInput(
            arguments: ["--budget", "9GB", "--model", "missing.json"],
            exitCode: 66,
            sentence: "missing.json"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "missing.csv"],
            exitCode: 66,
            sentence: "missing.csv"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--model", "flux1-schnell"],
            exitCode: 64,
            sentence: "--impacts"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "negative.csv"],
            exitCode: 65,
            sentence: "negative.csv:2"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "nan.csv"],
            exitCode: 65,
            sentence: "nan.csv:2"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "word.csv"],
            exitCode: 65,
            sentence: "word.csv:2"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "twice.csv"],
            exitCode: 65,
            sentence: "layer00.img"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "stranger.csv"],
            exitCode: 65,
            sentence: "layer99.img"
        ),
        BadInput(arguments: ["--budget", "9GB", "--impacts", "unknown.csv"], exitCode: 65, sentence: "Q9_9"),
        BadInput(
            arguments: ["--budget", "9GB", "--impacts", "empty.csv"],
            exitCode: 65,
            sentence: "empty.csv"
        ),
        BadInput(arguments: ["--budget", "9GB", "--impacts", "."], exitCode: 66, sentence: "is a folder"),
        BadInput(
            arguments: ["--budget", "9GB", "--model", "empty.csv"],
            exitCode: 65,
            sentence: "empty.csv"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "-o", "missing/a.json"],
            exitCode: 73,
            sentence: "missing/a.json"
        ),
        BadInput(arguments: ["--budget", "9GB", "-o", "."], exitCode: 73, sentence: "folder"),
        BadInput(arguments: ["--budget", "9GB", "-o", "/dev/full"], exitCode: 73, sentence: "/dev/full"),
    ]

    @Test("bad input gets one clear sentence, its exit code, and nothing half-written", arguments: badInputs)
    func refusesBadInput(input: BadInput) throws {
        try write("negative.csv", "layer,Q4_1\nlayer00.img,-1\n")
        try write("nan.csv", "layer,Q4_1\nlayer00.img,NaN\n")
        try write("word.csv", "layer,Q4_1\nlayer00.img,much\n")
        try write("twice.csv", "layer,Q4_1\nlayer00.img,1\nlayer00.img,1\n")
        try write("stranger.csv", "layer,Q4_1\nlayer99.img,1\n")
        try write("unknown.csv", wideTable(format: "Q9_9"))
        try write("empty.csv", "")
        try input.expectRefusal(in: folder.url)
    }

    /// A table with every layer of FLUX.1-dev and one column.
    private func wideTable(format: String) -> String {
        var text = "layer,\(format)\n"
        for layer in 0..<57 {
            let number = layer < 10 ? "0\(layer)" : "\(layer)"
            text += layer < 19 ? "layer\(number).img,1\nlayer\(number).txt,1\n" : "layer\(number).x,1\n"
        }
        return text
    }
}
