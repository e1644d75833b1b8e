import Tensors
import TestSupport
import Testing

struct ByteSizeTests {
    @Test(
        "a size is read exactly, rounded down to whole bytes",
        arguments: [
            ("9GB", 9_000_000_000), ("9 GB", 9_000_000_000), ("  9   gb\t", 9_000_000_000),
            ("9000000000", 9_000_000_000), ("1", 1), ("8.5GiB", 9_126_805_504), ("900MB", 900_000_000),
            ("1.5TB", 1_500_000_000_000), ("1kB", 1_000), ("1KB", 1_000), ("1KiB", 1_024),
            ("1MiB", 1_048_576),
            ("1GiB", 1_073_741_824), ("1TiB", 1_099_511_627_776), ("12B", 12), ("1.9B", 1),
            ("1.9999kB", 1_999),
            ("0.1GiB", 107_374_182), ("0.001kB", 1), ("007GB", 7_000_000_000),
            ("0.3333333333333333333333333333333333333333333333333333333TiB", 366_503_875_925),
            ("0.99999999999999999999999999999999999999999999999999999999KiB", 1_023),
            ("9223372036854775807", .max), ("9223372036.854775807GB", .max),
            ("8388607.99999999999TiB", .max - 10),
        ]
    )
    func reading(text: String, bytes: Int) throws {
        #expect(try ByteSize(parsing: text).bytes == bytes)
    }

    @Test(
        "what is no size is an error",
        arguments: [
            "", " ", "GB", "nine GB", "9 G B", "9GBs", "9,5GB", "9_000", "1e9", "0x10", "inf", "nan", ".",
            ".5GB",
            "5.GB", "1.2.3GB", "+9GB", "--9GB", "9bpw", "40%", "9GB 9GB", "٩GB", "-", "- 9GB",
        ]
    )
    func unreadable(text: String) {
        #expect(throws: TensorError.unreadableSize(text)) { try ByteSize(parsing: text) }
    }

    @Test(
        "a unit of one letter is an error that says what to write",
        arguments: [("8G", "G"), ("8g", "G"), ("8 k", "K"), ("1.5M", "M"), ("2T", "T"), ("-8G", "G")]
    )
    func ambiguousUnit(text: String, letter: String) {
        let error = TensorError.ambiguousUnit(text, letter: letter)
        #expect(throws: error) { try ByteSize(parsing: text) }
        #expect(error.description.contains("write \(letter)B "))
        #expect(error.description.contains("or \(letter)iB "))
    }

    @Test("a fraction without a unit is an error")
    func missingUnit() {
        #expect(throws: TensorError.sizeWithoutUnit("8.5")) { try ByteSize(parsing: "8.5") }
    }

    @Test("less than one byte is an error", arguments: ["0", "0GB", "0.0TiB", "0.9B", "0.0009kB"])
    func zero(text: String) {
        #expect(throws: TensorError.zeroSize(text)) { try ByteSize(parsing: text) }
    }

    @Test("a negative size is an error", arguments: ["-9GB", "-1", "-0", "-0.5GiB"])
    func negative(text: String) {
        #expect(throws: TensorError.negativeSize(text)) { try ByteSize(parsing: text) }
    }

    @Test(
        "a size beyond Int.max is an error, not a trap",
        arguments: [
            "9223372036854775808", "9223372036.854775808GB", "8388608TiB", "9999999TB",
            "99999999999999999999999999999999999999999999999999", "9223372036854775807TiB",
        ]
    )
    func tooLarge(text: String) {
        #expect(throws: TensorError.sizeTooLarge(text)) { try ByteSize(parsing: text) }
    }

    @Test(
        "a size is written in powers of 1000, rounded to two decimals",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (1_004, "1.00 kB"), (1_005, "1.01 kB"),
            (999_994, "999.99 kB"), (999_995, "1.00 MB"), (8_994_967_808, "8.99 GB"),
            (8_995_000_000, "9.00 GB"),
            (1_500_000_000_000, "1.50 TB"), (.max, "9223372.04 TB"), (-1_500, "-1.50 kB"),
            (.min, "-9223372.04 TB"),
        ]
    )
    func decimal(bytes: Int, text: String) {
        #expect(ByteSize(bytes).decimal == text)
    }

    @Test(
        "a size is written in powers of 1024, rounded to two decimals",
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.00 KiB"), (1_536, "1.50 KiB"),
            (1_048_570, "1023.99 KiB"),
            (1_048_571, "1.00 MiB"), (8_994_967_808, "8.38 GiB"), (1 << 40, "1.00 TiB"),
            (.max, "8388608.00 TiB"),
            (-1_536, "-1.50 KiB"),
        ]
    )
    func binary(bytes: Int, text: String) {
        #expect(ByteSize(bytes).binary == text)
    }

    @Test("both ways stand together, and the bytes are grouped by three")
    func bothAndGrouped() {
        #expect(ByteSize(8_994_967_808).both == "8.99 GB (8.38 GiB)")
        #expect("\(ByteSize(8_994_967_808))" == "8.99 GB (8.38 GiB)")
        #expect(ByteSize(8_994_967_808).grouped == "8,994,967,808")
        #expect(
            [0, 999, 1_000, 123_456, -1_234_567].map { ByteSize($0).grouped } == [
                "0", "999", "1,000", "123,456", "-1,234,567",
            ]
        )
        #expect(ByteSize(.min).grouped == "-9,223,372,036,854,775,808")
    }

    @Test("what is written is read back to within its rounding", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = Int.random(in: 1...(1 << Int.random(in: 1...60, using: &generator)), using: &generator)
        #expect(try ByteSize(parsing: String(bytes)).bytes == bytes)
        for text in [ByteSize(bytes).decimal, ByteSize(bytes).binary] {
            let read = try ByteSize(parsing: text).bytes
            #expect((read - bytes).magnitude <= bytes.magnitude / 200 + 1, "\(text)")
        }
    }

    @Test("any text is read or refused, never a trap", arguments: 0..<100)
    func noise(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789..--  GgMmKkTtiIbB%é")
        for _ in 0..<50 {
            let text = String(
                (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }
            )
            if let size = try? ByteSize(parsing: text) { #expect(size.bytes > 0, "\(text)") }
        }
    }
}
