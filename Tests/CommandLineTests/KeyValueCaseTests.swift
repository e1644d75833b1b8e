import Foundation
import TestSupport
import Testing

/// What llama.cpp logged of its cache, asked for by options of the command line.
@Suite struct KeyValueCaseTests {
    /// Cases of every option.
    private static let someLines = [
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,16384,f16,f16,4,1,0,512,3152.00",
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,16384,f16,f16,1,0,1,512,7936.00",
        "gptoss20b,gpt-oss,24,64,8,64,64,attention.sliding_window=128,16384,f16,f16,1,0,1,512,768.00",
        "gptoss20b,gpt-oss,24,64,8,64,64,attention.sliding_window=128,16384,f16,f16,1,0,0,2048,438.00",
        "lfm2-1b2,lfm2,16,32,0 0 8 0 0 8 0 0 8 0 8 0 8 0 8 0,64,64,shortconv.l_cache=3,5000,q8_0,q4_0,1,0,0,512,24.38",
        "llama8b,llama,32,32,8,128,128,,3000,f16,f16,4,0,0,512,384.00",
        "dsv3,deepseek2,61,128,1,576,512,attention.key_length_mla=192;attention.value_length_mla=128,5000,q8_0,q4_0,1,0,0,512,refused",
    ]

    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// A file that says no more of a network than a case does.
    private static func file(_ fields: [String]) throws -> [UInt8] {
        let architecture = fields[1]
        var pairs = [
            ("block_count", fields[2]), ("attention.head_count", fields[3]),
            ("attention.head_count_kv", fields[4]), ("attention.key_length", fields[5]),
            ("attention.value_length", fields[6]),
            // Nothing cached follows from it here but the states of LFM2, which is 2,048 wide.
            ("embedding_length", "2048"), ("feed_forward_length", "4096"),
        ]
        for pair in fields[7].split(separator: ";") {
            let parts = pair.split(separator: "=").map(String.init)
            pairs.append((parts[0], parts[1]))
        }
        var metadata =
            GGUFEncoding.text("general.architecture") + GGUFEncoding.number(UInt32(8))
            + GGUFEncoding.text(architecture)
        for (key, value) in pairs {
            let numbers = try value.split(separator: " ").map { try #require(UInt32($0)) }
            metadata += GGUFEncoding.text("\(architecture).\(key)")
            if let only = numbers.first, numbers.count == 1 {
                metadata += GGUFEncoding.number(UInt32(4)) + GGUFEncoding.number(only)
            } else {
                metadata +=
                    GGUFEncoding.number(UInt32(9)) + GGUFEncoding.number(UInt32(4))
                    + GGUFEncoding.number(UInt64(numbers.count))
                metadata += numbers.flatMap { GGUFEncoding.number($0) }
            }
        }
        // A table of 32 words in F32.
        let tensor =
            GGUFEncoding.text("token_embd.weight") + GGUFEncoding.number(UInt32(2))
            + GGUFEncoding.number(UInt64(2_048)) + GGUFEncoding.number(UInt64(32))
            + GGUFEncoding.number(UInt32(0)) + GGUFEncoding.number(UInt64(0))
        let head =
            Array("GGUF".utf8) + GGUFEncoding.number(UInt32(3)) + GGUFEncoding.number(UInt64(1))
            + GGUFEncoding.number(UInt64(pairs.count + 1))
            + metadata + tensor
        return head + [UInt8](repeating: 0, count: (head.count + 31) / 32 * 32 - head.count + 2_048 * 32 * 4)
    }

    private func check(_ line: String) throws {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try folder.write(Self.file(fields), "m.gguf")
        var arguments = [
            "inspect", "m.gguf", "--card", "1000GiB", "--context", fields[8], "--kv",
            "\(fields[9])/\(fields[10])", "--sequences", fields[11], "--ubatch", fields[14], "--format",
            "csv",
        ]
        if fields[12] == "1" { arguments.append("--kv-unified") }
        if fields[13] == "1" { arguments.append("--swa-full") }
        let run = try ProgramRun.plan(arguments, in: folder.url)
        guard let logged = Double(fields[15]) else {
            #expect(fields[15] == "refused")
            #expect(run.exitCode == 64)
            #expect(run.errors.contains("llama.cpp refuses a cache of q8_0 keys and q4_0 values"), "\(run)")
            return
        }
        #expect(run.exitCode == 0, "\(run)")
        let row = try #require(
            run.output.split(separator: "\n").first { $0.hasPrefix("KV cache,") },
            "\(run)"
        )
        let bytes = try #require(Double(row.split(separator: ",")[1]))
        #expect((bytes / Double(1 << 20) * 100).rounded() / 100 == logged)
        #expect(row.split(separator: ",")[2] == "computed")
    }

    @Test(
        "options say what llama.cpp was started with, and the cache is what it logged",
        arguments: someLines
    )
    func someCases(_ line: String) throws {
        try check(line)
    }

    @Test(
        "so it is in every case that was logged",
        .enabled(if: !KeyValueCases.recorded.isEmpty, "the cases are not here"),
        arguments: KeyValueCases.recorded
    )
    func everyCase(_ line: String) throws {
        try check(line)
    }
}
