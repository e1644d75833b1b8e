import Text
import Testing

@Suite("JSON text")
struct JSONTextTests {
    @Test("members keep their order, and short containers stay on one line")
    func order() throws {
        let value: JSONValue = [
            "version": 1, "zebra": [1, 2.5, nil], "apple": ["b": true, "a": false], "empty": [[], [:]],
        ]
        let expected = """
            {"version": 1, "zebra": [1, 2.5, null], "apple": {"b": true, "a": false}, "empty": [[], {}]}

            """
        #expect(try value.text() == expected)
    }

    @Test("a container that is too long has one member per line")
    func layout() throws {
        let value: JSONValue = [
            "generator": ["name": "plan", "arguments": ["--budget", "9GB"]],
            "layers": [
                [
                    "layer": "layer00.img", "format": "Q8_0", "bytes": 180_486_144, "impact": 0.138,
                    "tensors": ["double_blocks.0.img_mod.lin.weight", "double_blocks.0.img_attn.qkv.weight"],
                ]
            ],
            "kept": [["tensor": "img_in.weight", "format": "BF16", "bytes": 393216]],
        ]
        let expected = """
            {
              "generator": {"name": "plan", "arguments": ["--budget", "9GB"]},
              "layers": [
                {
                  "layer": "layer00.img",
                  "format": "Q8_0",
                  "bytes": 180486144,
                  "impact": 0.138,
                  "tensors": ["double_blocks.0.img_mod.lin.weight", "double_blocks.0.img_attn.qkv.weight"]
                }
              ],
              "kept": [{"tensor": "img_in.weight", "format": "BF16", "bytes": 393216}]
            }

            """
        #expect(try value.text() == expected)
    }

    @Test("a line may be 120 columns long, its comma included", arguments: ["x", "é", "語", "🧮"])
    func width(letter: String) throws {
        func array(_ count: Int) -> JSONValue { [.string(String(repeating: letter, count: count))] }
        #expect(try array(116).text().split(separator: "\n").count == 1)
        #expect(try array(117).text().split(separator: "\n").count == 3)

        // Two spaces, `"k": ["`, the letters, `"]` and, but for the last member, a comma.
        func lines(_ count: Int) throws -> [Substring] {
            let value: JSONValue = ["k": array(count), "l": array(count)]
            return try value.text().split(separator: "\n")
        }
        #expect(try lines(108).count == 4)
        #expect(try lines(109).count == 6)
        #expect(try lines(109).last { $0.contains(letter) }?.unicodeScalars.count == 120)
        #expect(try lines(110).count == 8)
    }

    @Test(
        "strings are escaped only where they must be",
        arguments: [
            ("plain / é 語 🧮 \u{7F}", "\"plain / é 語 🧮 \u{7F}\""),
            ("\"\\", #""\"\\""#),
            ("\u{08}\t\n\u{0C}\r\r\n", #""\b\t\n\f\r\r\n""#),
            ("\u{0}\u{1B}\u{1F}", #""\u0000\u001b\u001f""#),
            ("a\u{2028}b\u{2029}\u{2027}", "\"a\\u2028b\\u2029\u{2027}\""),
            ("", "\"\""),
        ]
    )
    func strings(string: String, expected: String) throws {
        #expect(try JSONValue.string(string).text() == expected + "\n")
        #expect(try JSONValue.object([.init(key: string, value: 1)]).text() == "{\(expected): 1}\n")
    }

    @Test(
        "numbers are the shortest decimals that read back the same",
        arguments: [
            (4.0, "4"), (0.0, "0"), (-0.0, "-0"), (0.1, "0.1"), (-12.5, "-12.5"), (1e-5, "1e-05"),
            (1e16, "1e+16"),
            (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (2.449754524519905, "2.449754524519905"), (9_000_000_000.0, "9000000000"),
        ] as [(Double, String)]
    )
    func numbers(number: Double, expected: String) throws {
        #expect(try JSONValue.number(number).text() == expected + "\n")
    }

    @Test("the smallest and largest integers are written in full")
    func integers() throws {
        let value: JSONValue = [.integer(.min), .integer(.max)]
        #expect(try value.text() == "[-9223372036854775808, 9223372036854775807]\n")
    }

    @Test(
        "a number that is not finite is an error that says where it stands",
        arguments: [Double.infinity, -.infinity, .nan]
    )
    func nonFinite(number: Double) throws {
        let value: JSONValue = ["layers": [["impact": 1], ["impact": .number(number)]]]
        #expect(throws: JSONWritingError.nonFiniteNumber(path: "$.layers[1].impact")) { try value.text() }
        #expect(throws: JSONWritingError.nonFiniteNumber(path: "$")) { try JSONValue.number(number).text() }
    }
}
