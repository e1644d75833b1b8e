import Checkpoints
import Converters
import Foundation
import Tensors
import TestSupport
import Testing

/// Finished files and llama.cpp's mixes beside the best plans of a small language model.
@Suite("plan score, and plans from elsewhere")
struct ScoreTests {
    private static let formats: [QuantizationFormat] = [.q3_K, .q4_0, .q4_K, .q5_K, .q6_K, .q8_0]

    private let folder: ScratchFolder
    private let network: LanguageModelFile

    init() throws {
        folder = try ScratchFolder()
        network = try LanguageModelFile()
        try write(network.bytes(), "m.gguf")
        try write(Array(network.table(Self.formats).utf8), "t.csv")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(bytes, name)
    }

    /// Writes the file that llama-quantize would.
    private func writeMix(_ mix: LlamaMix, _ name: String) throws -> [String: QuantizationFormat] {
        let model = try Model.read(path: folder.path("m.gguf"))
        let mixed = try #require(LlamaMixedModel(model))
        let formats = try #require(mixed.formats(of: mix, hasImportanceMatrix: false))
        var named: [String: QuantizationFormat] = [:]
        for (tensor, format) in zip(mixed.tensors, formats) { named[tensor.name] = format }
        try write(network.bytes { named[$0.name] }, name)
        return named
    }

    private func plan(_ arguments: String..., table: String = "t.csv") throws -> ProgramRun {
        try ProgramRun.plan(
            arguments + ["--model", "m.gguf", "--impacts", table, "--combine", "sum"],
            in: folder.url
        )
    }

    private func rows(_ run: ProgramRun) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    }

    private func object(_ run: ProgramRun) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    /// The cells of the table by tensor and format.
    private func impact(_ tensor: String, _ format: QuantizationFormat) throws -> Double {
        let lines = network.table([format]).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix(tensor + ",") })
        return try #require(Double(line.split(separator: ",")[1]))
    }

    @Test(
        "a finished file has its size to the byte, the sum of its layers' cells, and the best of its size beside it"
    )
    func scoresFiles() throws {
        let formats = try writeMix(.q4_K_M, "own-Q4_K_M.gguf")
        let run = try plan("score", "own-Q4_K_M.gguf", "--format", "json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let row = try #require(try rows(run).first)
        let size = try FileManager.default.attributesOfItem(
            atPath: folder.path("own-Q4_K_M.gguf")
        )[.size]
        #expect(row["bytes"] as? Int == size as? Int)
        var total = 0.0
        for tensor in network.tensors where tensor.dimensionCount > 1 {
            total += try impact(tensor.name, try #require(formats[tensor.name]))
        }
        let impact = try #require(row["impact"] as? Double)
        #expect(abs(impact - total) < 1e-12 * total)
        let best = try #require(row["bestImpact"] as? Double)
        #expect(best < impact)
        #expect(row["ratio"] as? Double == impact / best)

        // The plan that solve makes at that size is the one that it was measured against.
        let solved = try plan("--budget", "\(try #require(row["bytes"] as? Int))", "-o", "-")
        let recipe = try object(solved)
        #expect((recipe["impact"] as? [String: Any])?["total"] as? Double == best)
        let text = try plan("score", "own-Q4_K_M.gguf").output
        #expect(text.contains(String(format: "%.2f times the error at this size", impact / best)))
    }

    @Test("the mix of llama.cpp has the figures of the file that llama-quantize writes, in every summary")
    func mixesAreFiles() throws {
        _ = try writeMix(.q4_K_M, "f.gguf")
        let file = try #require(try rows(try plan("score", "f.gguf", "--format", "json")).first)
        let impact = try #require(file["impact"] as? Double)
        let ratio = String(
            format: "%.2f times the error at this size",
            try #require(file["ratio"] as? Double)
        )

        let frontier = try object(try plan("frontier", "--format", "json", "--with", "f.gguf"))
        let compared = try #require(frontier["compared"] as? [[String: Any]])
        let mix = try #require(compared.first { $0["name"] as? String == "Q4_K_M" })
        #expect(mix["kind"] as? String == "mix")
        #expect(mix["impact"] as? Double == impact)
        #expect(mix["bestImpact"] as? Double == file["bestImpact"] as? Double)
        #expect(compared.last?["kind"] as? String == "file")
        #expect(compared.last?["impact"] as? Double == impact)

        let summary = try plan("--budget", "60%").output
        #expect(!summary.contains("does not beat"))
        let near = try plan("--budget", "\(try #require(file["bytes"] as? Int))").output
        let line = try #require(near.split(separator: "\n").first { $0.hasPrefix("Q4_K_M ") })
        #expect(line.hasSuffix(ratio), "\(line)")

        let sizes = "\(try #require(file["bytes"] as? Int)),60%"
        #expect(try plan("compare", "--budgets", sizes).output.contains(ratio))
        let comparison = try object(
            try plan("compare", "--budgets", sizes, "--with", "f.gguf", "--format", "json")
        )
        let others = try #require(comparison["compared"] as? [[String: Any]])
        #expect(others.last?["name"] as? String == "f.gguf")
        #expect((comparison["budgets"] as? [Any])?.count == 2)

        #expect(try plan("report", "-o", "r.html", "--with", "f.gguf").exitCode == 0)
        let page = try folder.text("r.html")
        #expect(page.contains("mixes, squares are finished files"))
    }

    @Test("a plan that a mix beats on its own table says so, and why")
    func saysWhatItDoesNotBeat() throws {
        let run = try plan("--budget", "5.6bpw", "--pin", "*.ffn_gate.weight=Q8_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("This plan does not beat llama.cpp's Q5_K_S: that has "))
        #expect(run.output.contains("less error"))
        #expect(run.output.contains("because it does not keep to the restrictions"))
    }

    @Test("where the table has no column for a format of the file, its size is shown and no impact")
    func lacksColumns() throws {
        _ = try writeMix(.q4_K_M, "f.gguf")
        try write(Array(network.table([.q4_K, .q8_0]).utf8), "narrow.csv")
        let run = try plan("score", "f.gguf", "--format", "json", table: "narrow.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        let row = try #require(try rows(run).first)
        #expect(row["impact"] is NSNull)
        #expect((row["bytes"] as? Int ?? 0) > 0)
        #expect((row["remarks"] as? String)?.hasPrefix("the table has no column for Q6_K, which ") == true)
        let summary = try plan("--budget", "60%", table: "narrow.csv").output
        #expect(summary.contains("Not measured: "))
        #expect(summary.contains("Q4_K_M"))
        let refused = try plan("frontier", "--with", "f.gguf", table: "narrow.csv")
        #expect(refused.exitCode == 65)
        #expect(refused.errors.contains("plan score shows its size and formats"))
    }

    @Test("a tensor that plans keep counts in the size as the file has it, and is named")
    func countsKeptTensors() throws {
        try write(network.bytes { $0.dimensionCount == 1 ? .f16 : .q8_0 }, "f.gguf")
        try write(network.bytes { $0.dimensionCount == 1 ? nil : .q8_0 }, "same.gguf")
        let both = try rows(try plan("score", "f.gguf", "same.gguf", "--format", "json"))
        let bytes = both.compactMap { $0["bytes"] as? Int }
        // Nine norms of 256 elements, two bytes less for each.
        #expect(bytes[1] - bytes[0] == 9 * 256 * 2)
        #expect(both[0]["bestImpact"] as? Double == both[1]["bestImpact"] as? Double)
        let remark = try #require(both[0]["remarks"] as? String)
        #expect(remark.contains("in F16 where plans keep F32: the size counts that, the impact does not"))
        #expect(both[1]["remarks"] as? String == "")
    }

    @Test("a file of another model, and what is no file at all, are refused in one sentence")
    func refusesOthers() throws {
        var other = SafetensorsBytes()
        other.add("a.weight", [2, 32], [Float](repeating: 0, count: 64))
        try write(other.bytes, "other.safetensors")
        let run = try plan("score", "other.safetensors")
        #expect(run.exitCode == 65)
        #expect(run.errors.contains("it lacks 39 tensors, such as \"token_embd.weight\""))
        #expect(try plan("score", "nowhere.gguf").exitCode == 66)
        #expect(try plan("score", "t.csv").exitCode == 65)
    }

    @Test("a recipe is scored as its own account has it")
    func scoresRecipes() throws {
        #expect(try plan("--budget", "5bpw", "-o", "r.json").exitCode == 0)
        let row = try #require(try rows(try plan("score", "r.json", "--format", "json")).first)
        #expect(row["kind"] as? String == "recipe")
        #expect(row["ratio"] as? Double == 1)
    }

    @Test("mixes and files are scored by the whole table, also where a plan may not take their formats")
    func scoresByTheWholeTable() throws {
        _ = try writeMix(.q4_K_S, "f.gguf")
        let whole = try #require(try rows(try plan("score", "f.gguf", "--format", "json")).first)
        let few = try plan("score", "f.gguf", "--formats", "Q3_K,Q8_0", "--format", "json")
        #expect(few.exitCode == 0, "\(few.errors)")
        let row = try #require(try rows(few).first)
        #expect(row["impact"] as? Double == whole["impact"] as? Double)
        #expect(row["bytes"] as? Int == whole["bytes"] as? Int)
        let remarks = try #require(row["remarks"] as? String)
        #expect(remarks.contains("Q4_K") && remarks.hasSuffix(" may not be taken"), "\(remarks)")
        // The best of its size is one of those that may be taken.
        #expect(try #require(row["bestImpact"] as? Double) >= #require(whole["bestImpact"] as? Double))
        let run = try plan("--budget", "5.6bpw", "--formats", "Q3_K,Q8_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("This plan does not beat llama.cpp's Q5_K_S: that has "), "\(run.output)")
        #expect(!run.output.contains("may not take a format"), "\(run.output)")
        let compared = try object(
            try plan("compare", "--budgets", "60%", "--formats", "Q3_K,Q8_0", "--format", "json")
        )
        let mixes = try #require(compared["compared"] as? [[String: Any]])
        let mix = try #require(mixes.first { $0["name"] as? String == "Q4_K_S" })
        #expect(mix["impact"] as? Double == whole["impact"] as? Double)
        #expect(mix["keepsRestrictions"] as? Bool == false)
    }

    @Test("compare has the mixes as JSON too, in the shape that its schema says")
    func comparesMixesAsJSON() throws {
        let run = try plan("compare", "--budgets", "50%,60%", "--format", "json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let mixes = try #require(try object(run)["compared"] as? [[String: Any]], "\(run.output)")
        #expect(mixes.contains { $0["name"] as? String == "Q4_K_M" })
        #expect((try object(run)["budgets"] as? [Any])?.count == 2)
    }

    @Test("every form of a score says what impacts are and how they combine")
    func namesTheRule() throws {
        try write(network.bytes { $0.dimensionCount == 1 ? nil : .q8_0 }, "f.gguf")
        let marked = "# kind: loss\n# unit: KL divergence, nats per token\n" + network.table(Self.formats)
        try write(Array(marked.utf8), "loss.csv")
        let words = "losses (KL divergence, nats per token), combined by sum"
        let text = try plan("score", "f.gguf", table: "loss.csv")
        #expect(text.output.replacing(/\s+/, with: " ").contains("Table loss: " + words), "\(text.output)")
        let markdown = try plan("score", "f.gguf", "--format", "markdown", table: "loss.csv")
        #expect(markdown.output.contains("\nTable: loss: " + words), "\(markdown.output)")
        let json = try plan("score", "f.gguf", "--format", "json", table: "loss.csv")
        let row = try #require(try rows(json).first)
        #expect(row["combine"] as? String == "sum" && row["impactKind"] as? String == "loss")
        #expect(row["unit"] as? String == "KL divergence, nats per token")
        let csv = try plan("score", "f.gguf", "--format", "csv", table: "loss.csv")
        #expect(csv.output.contains(",combine,impactKind,unit\n"), "\(csv.output)")
        let unnamed = try #require(try rows(try plan("score", "f.gguf", "--format", "json")).first)
        #expect(unnamed["unit"] is NSNull && unnamed["impactKind"] as? String == "unknown")
    }

    @Test(
        "a file that was made with an importance matrix is not scored by a table without one in silence",
        arguments: [true, false]
    )
    func importance(tableHasMatrix: Bool) throws {
        let texts: KeyValuePairs = ["quantize.imatrix.file": "far/i.gguf"]
        try write(network.bytes(texts: texts) { $0.dimensionCount == 1 ? nil : .q4_K }, "with.gguf")
        try write(network.bytes { $0.dimensionCount == 1 ? nil : .q4_K }, "without.gguf")
        try write(network.bytes(texts: texts) { $0.dimensionCount == 1 ? nil : .q8_0 }, "floats.gguf")
        let matrix = tableHasMatrix ? "# importance: fnv1a64:12 i.gguf\n" : ""
        let marked =
            "# kind: amplitude\n# method: weights only\n" + matrix + network.table(Self.formats)
        try write(Array(marked.utf8), "made.csv")
        let files = ["with.gguf", "without.gguf", "floats.gguf"]
        func remarks(_ table: String) throws -> [String] {
            let run = try ProgramRun.plan(
                ["score"] + files + [
                    "--model", "m.gguf", "--impacts", table, "--combine", "sum", "--format", "json",
                ],
                in: folder.url
            )
            return try rows(run).compactMap { $0["remarks"] as? String }
        }
        let (others, same) = tableHasMatrix ? (1, 0) : (0, 1)
        let found = try remarks("made.csv")
        #expect(found[others].contains("its impact is that of other casts than the file's"), "\(found)")
        #expect(found[others].contains("i.gguf") == !tableHasMatrix, "\(found)")
        #expect(found[same].isEmpty && found[2].isEmpty, "\(found)")
        // What does not say how it was made may have been made with any.
        #expect(try remarks("t.csv").allSatisfy(\.isEmpty))
        let compared = try ProgramRun.plan(
            [
                "compare", "--budgets", "60%", "--model", "m.gguf", "--impacts", "made.csv", "--with",
                files[others],
            ],
            in: folder.url
        )
        #expect(compared.errors.contains("other casts than the file's"), "\(compared.errors)")
    }
}
