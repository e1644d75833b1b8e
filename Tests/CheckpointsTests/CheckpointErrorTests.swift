import Tensors
import Testing
import Text

@testable import Checkpoints

struct CheckpointErrorTests {
    @Test(
        "every message is one lowercase clause without a full stop, and names what it is about",
        arguments: [
            (CheckpointError.file(FileError(path: "p.json", .missing)), "p.json"),
            (
                .malformedJSON(source: "p.json", line: 3, problem: "model is 1; give a string"),
                "on line 3, model is 1; give a string"
            ),
            (.nameTooLong(source: "p.json", name: "nnn", limit: 2), "nnn"),
            (.emptyModelName(source: "p.json"), "p.json"),
            (.tooManyDimensions(source: "p.json", tensor: "w", count: 9, limit: 8), "\"w\" 9 dimensions"),
            (.unknownFormat(source: "p.json", tensor: "w", format: "Q9"), "Q9"),
            (.invalidTensor(source: "p.json", .emptyShape(tensor: "w")), "\"w\" has no dimension"),
            (.parametersDisagree(source: "p.json", stated: 7, counted: 6), "7 parameters"),
            (.noTensors(model: "m"), "\"m\""),
            (.duplicateTensor("w", model: "m"), "\"w\""),
            (.tooManyParameters(model: "m"), "2^56"),
            (.unknownModel("n", known: ["m"]), "\"n\""),
            (.malformedFile(path: "m.gguf", offset: 7, .emptyKey), "at byte 7: a metadata key is empty"),
            (.unrecognizedFile(path: "m.zip", beginning: "PK\u{3}\u{4}"), "PK\\u{3}"),
            (.noModelInFolder(path: "m"), "\"m\""),
            (.severalIndexes(path: "m", names: ["a", "b"]), "\"a\", \"b\""),
            (.missingShard(path: "b", namedBy: "a"), "no file \"b\""),
            (
                .shardNameDisagrees(path: "m.gguf", expectedEnding: "-00001-of-00002.gguf"),
                "-00001-of-00002.gguf"
            ),
            (
                .shardNumberDisagrees(path: "m", number: 1, count: 2, expectedNumber: 3, expectedCount: 4),
                "part 1 of 2, counted from 0, but must be part 3 of 4"
            ),
            (.notAShard(path: "m.gguf"), "m.gguf"),
            (.shardTensorsDisagree(path: "m", stated: 3, counted: 2), "states 3 tensors"),
            (.tensorNotInShard("w", shard: "s", index: "i"), "\"w\" is not in \"s\""),
            (.tensorNotInIndex("w", shard: "s", index: "i"), "\"w\" is in \"s\""),
            (.duplicateKey("k"), "\"k\""),
            (.badAlignment("uint32(3)"), "uint32(3)"),
        ]
    )
    func message(error: CheckpointError, naming: String) {
        let message = error.description
        #expect(message.contains(naming))
        #expect(!message.hasSuffix("."))
        #expect(!message.contains("\n"))
        #expect(message.first?.isUppercase == false)
    }

    @Test("control characters in a name are escaped in messages")
    func escapes() {
        #expect(!CheckpointError.noModelInFolder(path: "a\u{1B}[2Jb").description.contains("\u{1B}"))
    }
}
