import Tensors
import Testing
import Text

struct TensorErrorTests {
    @Test(
        "every message is one lowercase clause without a full stop, and names what it is about",
        arguments: [
            (TensorError.emptyName, "name"),
            (.emptyShape(tensor: "w"), "\"w\""),
            (.dimensionTooSmall(tensor: "w", index: 1, size: -3), "dimension 1 of tensor \"w\" is -3"),
            (.tooManyElements(tensor: "w"), "\"w\""),
            (.modelTooLarge, "2^56"),
            (.unreadableSize("nine"), "\"nine\""),
            (.sizeWithoutUnit("8.5"), "\"8.5\""),
            (.ambiguousUnit("8G", letter: "G"), "write GB for powers of 1000 or GiB for powers of 1024"),
            (.zeroSize("0GB"), "\"0GB\""),
            (.negativeSize("-1"), "\"-1\""),
            (.sizeTooLarge("99TB"), "9223372036854775807"),
            (.emptyPattern, "pattern"),
            (.unclosedSet(pattern: "a[b"), "\"a[b\""),
            (.emptySet(pattern: "[]"), "\"[]\""),
            (.negatedSet(pattern: "[!a]"), "\"[!a]\""),
            (.reversedRange(pattern: "[9-0]", range: "9-0"), "9-0"),
            (.unclosedBraces(pattern: "a{b"), "\"a{b\""),
            (.badBraces(pattern: "{a*}"), "\"{a*}\""),
            (.tooManyAlternatives(pattern: "{a,b}"), "1000"),
            (.malformedTemplate("a{", part: "{"), "\"a{\""),
            (.missingCapture(template: "{2}", capture: 2, pattern: "a*"), "capture 2"),
            (.duplicateTensor("w"), "\"w\""),
            (.uncoveredTensors(["w"], grouping: "flux"), "no rule for tensor \"w\""),
            (.formatDoesNotFit(tensor: "w", format: "Q8_0", rowLength: 4), "Q8_0"),
            (.file(FileError(path: "g.json", .missing)), "\"g.json\""),
            (
                .badGrouping(source: "g.json", line: 3, problem: "no; add"),
                "\"g.json\" is wrong on line 3: no; add"
            ),
            (.badAlignment(3), "3"),
            (.negativeHeader(-1), "-1"),
        ]
    )
    func message(error: TensorError, naming: String) {
        let message = error.description
        #expect(message.contains(naming))
        #expect(!message.hasSuffix("."))
        #expect(!message.contains("\n"))
        #expect(message.first?.isUppercase == false)
    }

    @Test("control characters in a name are escaped in messages")
    func escapes() {
        #expect(!TensorError.duplicateTensor("a\u{1B}[2Jb").description.contains("\u{1B}"))
    }
}
