import BitAllocation
import Planning
import Testing

@Suite struct BudgetTests {
    @Test(
        "a budget is read exactly",
        arguments: [
            ("9GB", 9_000_000_000), ("8.5GiB", 9_126_805_504), ("9000000000", 9_000_000_000),
            ("6.5bpw", 8_125), ("40%", 8_000), (" 12.25 % ", 2_450), ("0.5 bpw", 625), ("6.5BPW", 8_125),
        ]
    )
    func readsBudgets(text: String, bytes: Int) throws {
        #expect(try Budget(parsing: text).bytes(parameters: 10_000, sourceBytes: 20_000) == bytes)
    }

    static let examples = "write it like 9GB, 8.5GiB, 9000000000, 6.5bpw or 40%"

    @Test(
        "a budget that makes no sense is refused with a sentence",
        arguments: [
            ("", examples), ("nine", examples), ("9GB extra", examples), ("1e9", examples), ("NaN", examples),
            ("inf", examples), ("-1bpw", examples), ("bpw", examples), ("%", examples),
            ("1.2.3bpw", examples),
            ("0", #""0" is less than one byte; give a size above zero"#),
            ("0GB", #""0GB" is less than one byte; give a size above zero"#),
            ("-1GB", #""-1GB" is below zero; give a size above zero"#),
            (
                "9G",
                #"the unit of "9G" may mean two sizes; write GB for powers of 1000 or GiB for powers of 1024"#
            ),
            ("0bpw", "it is zero"), ("0%", "it is zero"),
            (
                "9223372036854775808",
                #""9223372036854775808" is more than 9223372036854775807 bytes; give a smaller size"#
            ),
            (
                "99999999999TB",
                #""99999999999TB" is more than 9223372036854775807 bytes; give a smaller size"#
            ),
            ("0.0000001bpw", "it has more than six digits behind its point"),
            ("99999999999999999999%", "it is larger than any model"),
            ("0.00001%", "it is smaller than 0.0001%"),
        ]
    )
    func refusesBudgets(text: String, reason: String) {
        #expect(throws: PlanningError.unreadableBudget(text, reason: reason)) { try Budget(parsing: text) }
    }

    @Test("huge models and shares do not overflow")
    func doesNotOverflow() throws {
        #expect(try Budget(parsing: "1000000bpw").bytes(parameters: .max, sourceBytes: .max) == .max)
        #expect(try Budget(parsing: "100%").bytes(parameters: .max, sourceBytes: .max) == .max)
        #expect(try Budget(parsing: "50%").bytes(parameters: .max, sourceBytes: .max) == .max / 2)
    }
}
