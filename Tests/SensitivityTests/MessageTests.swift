import Text
import Sensitivity
import Testing

@Suite("messages")
struct MessageTests {
    static let problems: [TableProblem] = [
        .unknownHeader("a,b"), .unexpectedHeader("a", expected: "b|c"), .noSeparator("a"),
        .missingPipe("a|b"),
        .strayRow("|a|"), .tableTwice(number: 2), .noFormats, .noLayers, .tooLarge(layers: 1, formats: 300),
        .rowCount(found: 1, expected: 2), .cellCount(found: 1, expected: 2), .namelessLayer, .namelessFormat,
        .unusableName(" a"), .formatTwice("a", earlier: "a"), .formatTwice("a", earlier: "A"),
        .layerTwice("a", firstLine: 3), .layerTwice("a", firstLine: nil),
        .cellTwice(layer: "a", format: "b", firstLine: 3, first: .impact(1), second: .forbidden(.blank)),
        .layerOutOfOrder("2", expected: 1),
        .mixedStreams(layer: 1), .layersDiffer, .notANumber("nan"), .negative("-1"), .notPositive("0"),
        .outOfRange("1e999"), .unreadableCell("low"), .unreadableNumber("low"),
        .unusableNumber("nan", of: .loss),
        .unusableNumber("nan", of: .recipeLoss), .unusableNumber("nan", of: .standardError),
        .tooManyCellsInAll(limit: 5), .unbalancedQuote, .controlCharacter(0x2028),
        .notJSON("unexpected end"), .unknownJSON, .notYAML("unexpected end"), .anchor, .keyTwice("a"),
        .unexpectedValue("'a' is an array", expected: "a number"),
        .json("layers.a is 7; give an object"), .noParameterCount(layer: "a"),
    ]

    static let errors: [SensitivityError] =
        [
            .file(FileError(path: "i.csv", .missing)), .file(FileError(path: "i.csv", .folder)),
            .file(FileError(path: "i.csv", .tooLarge(limit: 5))), .file(FileError(path: "i.csv", .notUTF8)),
            .missingTable(file: "i.md", number: 3), .formatsNotNamed(file: "i.json"),
            .layerOutsideTables(layer: 99, last: 56), .streamsJoined(stream: .img, layer: 19, joinLayer: 19),
            .streamsApart(layer: 3, joinLayer: 19), .noRowAfterLastLayer(layer: 57),
            .streamNotInLayer(stream: .x, layer: 3, joinLayer: 19), .unusableLoss("nan"),
            .unusableRelativeSensitivity("inf"),
            .badCapture(file: "c.safetensors", "the header is not UTF-8 text: give a capture in safetensors"),
        ]
        + problems.flatMap { problem -> [SensitivityError] in
            [
                .badTable(file: "i.csv", line: 7, problem: problem),
                .unusableTable(name: "t", problem: problem),
            ]
        }

    @Test("a message is one line without a full stop, with cause and remedy", arguments: errors)
    func form(error: SensitivityError) {
        let message = error.description
        #expect(!message.hasSuffix("."))
        #expect(!message.contains("\n"))
        #expect(message.contains(": ") || message.contains("; "))
        #expect(message.first?.isUppercase == false)
    }

    @Test("a message shows a long or strange cell shortened and without control characters")
    func excerpts() {
        let long = TableProblem.unreadableCell(String(repeating: "x", count: 500)).description
        #expect(long.contains("\"" + String(repeating: "x", count: 200) + "\"…"))
        #expect(TableProblem.unreadableCell("a\u{1b}[31m").description.contains("\"a\\u{1b}[31m\""))
    }
}
