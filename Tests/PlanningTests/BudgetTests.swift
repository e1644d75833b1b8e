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

    @Test(
        "a budget that makes no sense is refused with a sentence",
        arguments: [
            "", "0", "0GB", "-1GB", "9G", "nine", "9GB extra", "1e9", "NaN", "inf", "0bpw", "-1bpw", "bpw",
            "%", "0%",
            "9223372036854775808", "99999999999TB", "1.2.3bpw", "0.0000001bpw", "99999999999999999999%",
            "0.00001%",
        ]
    )
    func refusesBudgets(text: String) {
        #expect(throws: PlanningError.self) { try Budget(parsing: text) }
    }

    @Test("huge models and shares do not overflow")
    func doesNotOverflow() throws {
        #expect(try Budget(parsing: "1000000bpw").bytes(parameters: .max, sourceBytes: .max) == .max)
        #expect(try Budget(parsing: "100%").bytes(parameters: .max, sourceBytes: .max) == .max)
        #expect(try Budget(parsing: "50%").bytes(parameters: .max, sourceBytes: .max) == .max / 2)
    }
}
