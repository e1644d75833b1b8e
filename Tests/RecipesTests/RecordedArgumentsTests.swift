import Testing

@testable import Recipes

/// What the arguments of a recipe say beyond its plan.
@Suite struct RecordedArgumentsTests {
    private func recorded(_ words: String...) -> RecordedArguments {
        RecordedArguments(.init(version: "0.1.0", arguments: words))
    }

    @Test("each word that counts is found, and only that one")
    func words() {
        let readings: [(word: String, isSaid: (RecordedArguments) -> Bool)] = [
            ("--record", \.countsRecord), ("--keep-split", \.keepsSplit),
            ("--allow-requantize", \.allowsQuantizedSource), ("--pin", \.givesFormats),
        ]
        for (index, reading) in readings.enumerated() {
            let one = recorded("--budget", "9GB", reading.word)
            #expect(readings.map { $0.isSaid(one) } == readings.indices.map { $0 == index })
        }
    }

    @Test("a value is the word behind its option, and nothing where there is none")
    func values() {
        let all = recorded(
            "--imatrix",
            "i.gguf",
            "--grouping",
            "g.txt",
            "--low-format",
            "Q4_0",
            "--high-format",
            "Q8_0"
        )
        #expect(all.importancePath == "i.gguf" && all.grouping == "g.txt")
        #expect(all.lowFormat == "Q4_0" && all.highFormat == "Q8_0")
        let none = recorded("--budget", "9GB", "--imatrix")
        #expect(none.importancePath == nil && none.grouping == nil && none.lowFormat == nil)
        #expect(recorded("--choose", "robust").isRobust && !recorded("--choose", "nominal").isRobust)
    }
}
