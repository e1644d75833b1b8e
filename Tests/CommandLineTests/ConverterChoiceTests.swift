import Foundation
import Recipes
import TestSupport
import Testing

/// Which converter binds a plan where none is named.
@Suite struct ConverterChoiceTests {
    /// A GGUF model with a table of it, and a language model from Hugging Face.
    private static func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1, rows: 256).bytes, "m.gguf")
        let names = (0..<2).flatMap { block in
            ["attn_q", "attn_v", "ffn_down"].map { "blk.\(block).\($0).weight" }
        }
        func table(_ head: String, _ row: String, _ names: [String], _ path: String) throws {
            let text = "layer,\(head)\n" + names.map { "\($0),\(row)\n" }.joined()
            try folder.write(Array(text.utf8), path)
        }
        try table("Q4_0,Q8_0", "0.2,0.1", names + ["token_embd.weight"], "i.csv")
        try table("Q4_0,IQ4_KS", "0.2,0.15", names + ["token_embd.weight"], "k.csv")
        try table("Q4_0,float8_e4m3fn", "0.2,0.1", names + ["token_embd.weight"], "f.csv")
        try table("Q4_0,Q8_0", "0.2,0.1", ["blk.0", "blk.1", "token_embd"], "blocks.csv")
        try table("Q4_0,Q8_0", "0.2,0.1", names + ["token_embd.weight", "output_norm.weight"], "norms.csv")
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        let modules = HubFolder(seed: 1).tensors.filter { $0.shape.count == 2 }.map(\.name)
        try table("Q4_0,Q8_0", "0.2,0.1", modules, "hub.csv")
        return folder
    }

    @Test("a built-in model's plan ends with a sentence, or with the line that tells a named converter")
    func builtIn() throws {
        let folder = try ScratchFolder()
        let plain = try folder.plan("--budget 9GB -o r.json")
        let sentence = "plan quantize with this recipe and the model's file"
        #expect(plain.output.hasSuffix("\nNext    \(sentence)\n"), "\(plain.output)")
        for converter in ["stable-diffusion.cpp", "mixed-gguf-converter"] {
            let run = try folder.plan("--budget 9GB --converter \(converter) -o c.json --force")
            let next = try #require(
                run.output.firstMatch(of: /Next    plan (export .*)\n$/)?.1,
                "\(run.output)"
            )
            let export = try folder.plan(String(next))
            #expect(export.exitCode == 0 && !export.output.isEmpty, "\(export.errors)")
        }
    }

    @Test(
        "a GGUF model's plan is for plan quantize, of tables of tensors and of blocks, and ends with the line that writes it",
        arguments: ["i.csv", "blocks.csv"]
    )
    func usual(table: String) throws {
        let folder = try Self.folder()
        let words = "--budget 50% --model m.gguf --impacts \(table)"
        let run = try folder.plan(words + " -o r.json")
        #expect(run.exitCode == 0 && !run.errors.contains("converter"), "\(run.errors)")
        let recipe = String(decoding: try folder.data("r.json"), as: UTF8.self)
        #expect(recipe.contains(#""converter": "plan""#) && recipe.contains(#""exact": "file""#))
        let next = try #require(
            run.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1,
            "\(run.output)"
        )
        let written = try folder.plan(String(next))
        #expect(written.exitCode == 0 && written.output.contains(", as planned"), "\(written.errors)")
        let check = try folder.plan("check r.json m-50percent.gguf --model m.gguf")
        #expect(check.exitCode == 0, "\(check.output)")
        let again = try folder.plan("check r.json --model m.gguf --impacts \(table)")
        #expect(again.exitCode == 0 && again.output.contains("solved again: "), "\(again.output)")
        #expect(!again.output.contains("not solved again"), "\(again.output)")
        // The same plan as where the converter is named.
        #expect(try folder.plan(words + " --converter plan -o n.json").exitCode == 0)
        let named = String(decoding: try folder.data("n.json"), as: UTF8.self)
        func plan(_ recipe: String) -> [Substring] {
            recipe.split(separator: "\n").filter { !$0.contains(#""arguments""#) }
        }
        #expect(plan(named) == plan(recipe))
    }

    /// Options, what the note has to say, or nothing where there is no note.
    static let unbound: [(words: String, phrase: String)] = [
        ("--model hub --impacts hub.csv", "convert_hf_to_gguf.py"),
        ("--model m.gguf --impacts i.csv --converter none", ""),
        ("--model m.gguf --impacts f.csv --formats Q4_0,float8_e4m3fn", "float8_e4m3fn is a format"),
        ("--model m.gguf --impacts i.csv --keep output_norm.weight=F16", "in another format than F16"),
        ("--model m.gguf --impacts k.csv --define IQ4_KS=136/256", "IQ4_KS is a format"),
    ]

    @Test(
        "what plan quantize does not write is planned for no converter, with a sentence",
        arguments: unbound
    )
    func others(words: String, phrase: String) throws {
        let folder = try Self.folder()
        let run = try folder.plan("--budget 60% \(words) -o r.json")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("no converter binds this plan") == !phrase.isEmpty, "\(run.errors)")
        #expect(phrase.isEmpty || run.errors.contains(phrase), "\(run.errors)")
        #expect(try RecipeReader.read(path: folder.path("r.json")).converter == nil)
        let options = words.split(separator: " ").prefix(4).joined(separator: " ")
        let check = try folder.plan("check r.json \(options)")
        #expect(check.exitCode == 0 && !check.output.contains("not solved again"), "\(check.output)")
    }

    @Test(
        "what is kept in a format of the user's is cast by plan quantize, to the byte, within a budget that leaves nothing over",
        arguments: [
            "--keep token_embd.weight=Q8_0", "--keep blk.*.attn_[qv].weight=Q4_1 --keep token_embd.weight",
            "--keep token_embd.weight=Q8_0 --define IQ4_KS=136/256",
        ]
    )
    func keepsInFormats(words: String) throws {
        let folder = try Self.folder()
        let options = "--model m.gguf --impacts i.csv \(words)"
        let first = try folder.plan("--budget 60% \(options) -o r.json")
        #expect(first.exitCode == 0 && !first.errors.contains("no converter"), "\(first.errors)")
        let size = try RecipeReader.read(path: folder.path("r.json")).size.bytes
        let run = try folder.plan("--budget \(size) \(options) -o s.json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let next = try #require(
            run.output.firstMatch(of: /Next    plan (quantize .* -o (\S+))\n$/),
            "\(run.output)"
        )
        let written = try folder.plan(String(next.1))
        #expect(written.exitCode == 0 && written.output.contains(", as planned"), "\(written.errors)")
        let check = try folder.plan("check s.json \(next.2) --model m.gguf")
        #expect(check.exitCode == 0, "\(check.output)")
        let again = try folder.plan("check s.json --model m.gguf --impacts i.csv")
        #expect(again.exitCode == 0 && again.output.contains("solved again: "), "\(again.output)")
        let one = try folder.plan("quantize m.gguf --impacts i.csv --budget \(size) \(words) -o one.gguf")
        #expect(one.exitCode == 0, "\(one.errors)")
        #expect(try folder.data("one.gguf") == folder.data(String(next.2)))
    }

    @Test("columns for formats that no GGUF file has are left out, which is said")
    func leavesColumns() throws {
        let folder = try Self.folder()
        let run = try folder.plan("--budget 60% --model m.gguf --impacts f.csv -o r.json")
        #expect(run.exitCode == 0 && run.errors.contains("which has no float8_e4m3fn"), "\(run.errors)")
        let recipe = String(decoding: try folder.data("r.json"), as: UTF8.self)
        #expect(recipe.contains(#""converter": "plan""#) && !recipe.contains("float8"))
    }

    @Test("two plans of one budget have two finished files, and the next line of each writes its own")
    func neighbours() throws {
        let folder = try Self.folder()
        var files: Set<Substring> = []
        for more in ["", " --combine max"] {
            let run = try folder.plan("--budget 50% --model m.gguf --impacts i.csv\(more)")
            let next = try #require(
                run.output.firstMatch(of: /Next    plan (quantize .* -o (\S+))\n$/),
                "\(run)"
            )
            #expect(try folder.plan(String(next.1)).exitCode == 0)
            files.insert(next.2)
        }
        #expect(files.count == 2)
    }

    @Test("the list of converters begins with plan")
    func first() throws {
        let folder = try ScratchFolder()
        let run = try folder.plan("converters")
        let row = try #require(run.output.split(separator: "\n").dropFirst(2).first)
        #expect(row.hasPrefix("plan ") && row.contains("exact"), "\(run.output)")
    }
}
