import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@Suite struct CheckTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    /// A published recipe with a change, written to the folder.
    private func write(_ name: String, _ change: (inout RecipeParts) -> Void) throws {
        let recipe = try RecipeReader.read(
            path: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json").path
        ).changed(change)
        try folder.write(recipe.jsonText(), name)
    }

    @Test("every published recipe is right", arguments: [8, 9, 10, 12, 14, 16, 20])
    func publishedRecipesAreRight(gigabytes: Int) throws {
        let run = try plan(
            "check",
            packageRoot.appendingPathComponent("plans/flux1-dev-\(gigabytes)GB.json").path
        )
        #expect(run.exitCode == 0)
        #expect(run.output.contains("Nothing differs"))
        #expect(run.output.contains("solved again: optimal, the same impact in the same bytes"))
    }

    @Test("a recipe whose figures were changed is found out, and the figure is named")
    func findsChanges() throws {
        try write("format.json") { $0.layers[3].format = "Q4_1" }
        try write("impact.json") { $0.layers[3].impact += 1e-12 }
        try write("total.json") { $0.impact.total += 1 }
        try write("bytes.json") { $0.size.bytes -= 1 }
        try write("kept.json") { $0.kept[0].format = "F32" }
        for (name, place) in [
            ("format.json", "layer01.txt"), ("impact.json", "layer01.txt"), ("total.json", "the plan"),
            ("bytes.json", "the file"), ("kept.json", "img_in.weight"),
        ] {
            let run = try plan("check", name)
            #expect(run.exitCode == 1, "\(name)")
            #expect(run.output.contains(place), "\(name)")
        }
    }

    @Test(
        "a proof that its own bound does not bear out is found out: its gap, its status, a bound above the plan"
    )
    func findsUntrueProofs() throws {
        try write("gap.json") { $0.proof.gap = 7 }
        try write("bound.json") { $0.proof.bound = 0 }
        try write("above.json") { $0.proof.bound = 3 }
        try write("modest.json") {
            ($0.proof.status, $0.proof.gap, $0.proof.bound) = (.feasible, 0, $0.impact.total)
        }
        for (name, members) in [
            ("gap.json", ["gap"]), ("bound.json", ["gap", "status"]), ("above.json", ["bound"]),
            ("modest.json", ["status"]),
        ] {
            let run = try plan("check", name, "--format", "csv")
            #expect(run.exitCode == 1, "\(name)")
            let rows = run.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
            #expect(rows.map { $0.prefix(2) } == members.map { ["the plan", Substring($0)] }, "\(name)")
        }
    }

    @Test("what of the size is known to the byte is held against what the converter's file makes it")
    func findsOtherExactness() throws {
        for exact in [Recipe.Size.Exactness.tensorData, .plannedLayers] {
            try write("exact.json") { $0.size.exact = exact }
            let run = try plan("check", "exact.json", "--format", "csv")
            #expect(run.exitCode == 1)
            #expect(
                run.output.split(separator: "\n").dropFirst() == ["the file,exact,\(exact.rawValue),file"]
            )
        }
    }

    @Test("a recipe whose layers exchanged their tensors is found out, with its arguments and without")
    func findsExchangedTensors() throws {
        let recipe = try RecipeReader.read(
            path: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json").path
        )
        for arguments in [recipe.generator.arguments, []] {
            let exchanged = try recipe.changed {
                let names = $0.layers.map(\.layer)
                let one = try #require(names.firstIndex(of: "layer01.txt"))
                let other = try #require(names.firstIndex(of: "layer07.txt"))
                $0.layers[one].tensors = recipe.layers[other].tensors
                $0.layers[other].tensors = recipe.layers[one].tensors
                $0.generator.arguments = arguments
            }
            try folder.write(exchanged.jsonText(), "exchanged.json")
            let run = try plan("check", "exchanged.json", "--format", "csv")
            #expect(run.exitCode == 1)
            let rows = run.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: ",").prefix(2)
            }
            #expect(rows == [["layer01.txt", "tensors"], ["layer07.txt", "tensors"]], "\(run.output)")
        }
        // What the user keeps out of a layer, and all of one, is the plan's own.
        let kept = try plan(
            "--budget",
            "9GB",
            "--keep",
            "double_blocks.3.img_attn.qkv.weight",
            "--keep",
            "layer05.txt",
            "-o",
            "kept.json"
        )
        #expect(kept.exitCode == 0, "\(kept.errors)")
        let check = try plan("check", "kept.json")
        #expect(check.exitCode == 0 && check.output.contains("solved again: optimal"), "\(check.output)")
    }

    @Test("what a recipe says of its table, its model's size and its converter is held against them")
    func findsWrongReferences() throws {
        try write("kind.json") { $0.impacts.kind = .unknown }
        try write("unit.json") { $0.impacts.unit = "nats" }
        try write("method.json") { $0.impacts.method = "m" }
        try write("gradients.json") { $0.impacts.gradients = .init(name: "g", digest: "d") }
        try write("encoderImportance.json") { $0.impacts.encoderImportance = "ones" }
        try write("importance.json") { $0.importance = .init(name: "i", digest: "d") }
        try write("parameters.json") { $0.model.parameters = 1 }
        try write("converter.json") { $0.converter = "banana" }
        for figure in [
            "kind", "unit", "method", "gradients", "encoderImportance", "importance", "parameters",
            "converter",
        ] {
            let run = try plan("check", "\(figure).json", "--format", "csv")
            #expect(run.exitCode == 1, "\(figure)")
            let rows = run.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
            #expect(rows == [Substring(figure)], "\(run.output)\(run.errors)")
        }
        // A converter of this program's that the arguments do not name is another one's recipe.
        try write("other.json") { $0.converter = "comfyui" }
        let other = try plan("check", "other.json")
        #expect(other.exitCode == 1 && other.output.contains("converter"), "\(other.output)")
    }

    @Test("a recipe whose plan is not the best is found out by solving it again, under its own restrictions")
    func solvesAgain() throws {
        // The best of 8 GB is not the best of 9 GB.
        let small = try plan("--budget", "8GB", "-o", "small.json")
        #expect(small.exitCode == 0)
        func write(_ changed: String, from name: String, _ change: (inout RecipeParts) -> Void) throws {
            let recipe = try RecipeReader.read(path: folder.path(name)).changed(change)
            try folder.write(recipe.jsonText(), changed)
        }
        try write("wide.json", from: "small.json") { $0.limit = .bytes(9_000_000_000) }
        let wide = try plan("check", "wide.json", "--format", "csv")
        #expect(wide.exitCode == 1)
        #expect(wide.output.contains("the plan,status,optimal,\"a better plan has impact 2.449"))
        // A pin makes a worse plan the best.
        let pinned = try plan("--budget", "9GB", "--pin", "layer05.txt=Q8_0", "-o", "pinned.json")
        #expect(pinned.exitCode == 0)
        let own = try plan("check", "pinned.json")
        #expect(own.exitCode == 0 && own.output.contains("solved again: optimal"), "\(own.output)")
        let free = ["--budget", "9GB"]
        try write("free.json", from: "pinned.json") { $0.generator.arguments = free }
        #expect(try plan("check", "free.json").exitCode == 1)
        try write("other.json", from: "pinned.json") {
            $0.generator.arguments = free + ["--pin", "layer05.txt=Q5_1"]
        }
        let other = try plan("check", "other.json", "--format", "csv")
        #expect(other.exitCode == 1)
        #expect(other.output.contains("restrictions,kept to,layer05.txt may not take"), "\(other.output)")
    }

    @Test("a recipe that cannot be solved again says why, and is right all the same")
    func notSolvedAgain() throws {
        let first = try plan("--budget", "8GB", "-o", "first.json")
        #expect(first.exitCode == 0)
        #expect(try plan("--budget", "9GB", "--nested-in", "first.json", "-o", "second.json").exitCode == 0)
        let there = try plan("check", "second.json")
        #expect(there.exitCode == 0 && there.output.contains("solved again: optimal"), "\(there.output)")
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("first.json"))
        let gone = try plan("check", "second.json")
        #expect(gone.exitCode == 0 && gone.output.contains("not solved again: "), "\(gone.output)")
        #expect(gone.output.contains("first.json"))
        try write("foreign.json") { $0.generator.arguments = ["--magic"] }
        let foreign = try plan("check", "foreign.json", "--format", "json")
        #expect(foreign.exitCode == 0 && foreign.output == "[]\n")
        #expect(foreign.errors.contains("not solved again: the arguments that it records"))
    }

    @Test(
        "a recipe with a word that is none of the format's is no recipe, and one with members of a later version is"
    )
    func knowsItsWords() throws {
        let published = try String(
            contentsOf: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json"),
            encoding: .utf8
        )
        func check(replacing old: String, by new: String) throws -> ProgramRun {
            #expect(published.contains(old))
            try folder.write(published.replacingOccurrences(of: old, with: new), "r.json")
            return try plan("check", "r.json")
        }
        let solver = published.contains(#""solver": "glpk""#) ? "glpk" : "dominance"
        for (old, new) in [
            (#""solver": "\#(solver)""#, #""solver": "banana""#),
            (#""status": "optimal""#, #""status": "perfect""#),
            (#""combine": "sum""#, #""combine": "mean""#), (#""exact": "file""#, #""exact": "all""#),
        ] {
            let run = try check(replacing: old, by: new)
            #expect(run.exitCode == 65, "\(new)")
            #expect(run.errors.contains(new.split(separator: " ")[1]), "\(run.errors)")
        }
        let later = try check(replacing: #""proof": {"#, by: #""later": [1], "proof": {"why": "so", "#)
        #expect(later.exitCode == 0, "\(later.output)\(later.errors)")
    }

    @Test("another table or another model is an error unless it is forced")
    func refusesStrangers() throws {
        try write("table.json") { $0.impacts.digest = "fnv1a64:0" }
        #expect(try plan("check", "table.json").exitCode == 64)
        #expect(try plan("check", "table.json", "--impacts", "flux1-dev-table3").exitCode == 65)
        #expect(try plan("check", "table.json", "--impacts", "flux1-dev-table3", "--force").exitCode == 0)
        try write("right.json") { _ in }
        #expect(try plan("check", "right.json", "--model", "llama-3.1-8b").exitCode == 65)
        // The same names and shapes in another release are recognised as such.
        try write("finetune.json") { $0.model.digest = "fnv1a64:0" }
        let run = try plan("check", "finetune.json")
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("fine-tune"))
    }

    @Test("a finished file of another size, or with a weight turned round, is found out")
    func findsOtherShapes() throws {
        func safetensors(_ name: String, _ shapes: [(String, [Int])]) throws {
            var offset = 0
            let entries = shapes.map { tensor, shape -> String in
                let end = offset + shape.reduce(2, *)
                defer { offset = end }
                return
                    #""\#(tensor)": {"dtype": "BF16", "shape": \#(shape), "data_offsets": [\#(offset), \#(end)]}"#
            }
            let header = Data("{\(entries.joined(separator: ", "))}".utf8)
            var file = Data()
            withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
            file += header + Data(count: offset)
            try file.write(to: folder.url.appendingPathComponent(name))
        }
        try safetensors("m.safetensors", [("a.weight", [8, 64]), ("b.weight", [16, 64])])
        try folder.write("layer,Q8_0\na.weight,1\nb.weight,1\n", "i.csv")
        let planned = try plan(
            "--budget",
            "100%",
            "--model",
            "m.safetensors",
            "--impacts",
            "i.csv",
            "-o",
            "r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(try plan("check", "r.json", "m.safetensors", "--model", "m.safetensors").exitCode == 0)
        try safetensors("small.safetensors", [("a.weight", [4, 64]), ("b.weight", [16, 64])])
        let small = try plan("check", "r.json", "small.safetensors")
        #expect(small.exitCode == 1)
        #expect(small.output.contains("a.weight"))
        try safetensors("turned.safetensors", [("a.weight", [64, 8]), ("b.weight", [16, 64])])
        let turned = try plan("check", "r.json", "turned.safetensors", "--model", "m.safetensors")
        #expect(turned.exitCode == 1)
        #expect(turned.output.contains("shape"))
        #expect(try plan("check", "r.json", "m.safetensors", "--model", "llama-3.1-8b").exitCode == 65)
        #expect(try plan("check", "r.json", "m.safetensors", "--impacts", "i.csv").exitCode == 64)
    }

    @Test("a fine-tune whose metadata are longer has another header, and that is said")
    func findsOtherHeaders() throws {
        func gguf(_ file: String, name: String) throws {
            var bytes = Data("GGUF".utf8)
            func add(_ number: some FixedWidthInteger) { bytes += Data(SafetensorsBytes.bytes(of: number)) }
            func add(_ text: String) {
                add(UInt64(text.utf8.count))
                bytes += Data(text.utf8)
            }
            add(UInt32(3))
            add(UInt64(1))
            add(UInt64(2))
            for (key, value) in [("general.architecture", "llama"), ("general.name", name)] {
                add(key)
                add(UInt32(8))
                add(value)
            }
            add("blk.0.ffn_up.weight")
            add(UInt32(2))
            add(UInt64(64))
            add(UInt64(4))
            add(UInt32(1))
            add(UInt64(0))
            bytes += Data(count: (32 - bytes.count % 32) % 32 + 64 * 4 * 2)
            try bytes.write(to: folder.url.appendingPathComponent(file))
        }
        try gguf("base.gguf", name: "base")
        try gguf("tune.gguf", name: String(repeating: "a longer name ", count: 9))
        try folder.write("layer,Q8_0\nblk.0.ffn_up.weight,1\n", "i.csv")
        let planned = try plan(
            "--budget",
            "100%",
            "--model",
            "base.gguf",
            "--impacts",
            "i.csv",
            "--converter",
            "llama-quantize",
            "-o",
            "r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let own = try plan("check", "r.json", "--model", "base.gguf", "--impacts", "i.csv")
        #expect(own.exitCode == 0, "\(own.output)")
        let tune = try plan("check", "r.json", "--model", "tune.gguf", "--impacts", "i.csv")
        #expect(tune.exitCode == 1)
        #expect(tune.output.contains("header"))
    }

    @Test("a file with another header is not taken for one of a converter that cannot have made it")
    func explainsByConvertersThatFit() throws {
        let network = try LanguageModelFile()
        let widths: KeyValuePairs = ["embedding_length": 256, "feed_forward_length": 512]
        try folder.write(network.bytes(more: widths), "m.gguf")
        try folder.write(network.bytes(more: ["embedding_length": 256]), "short.gguf")
        try folder.write(network.table([.q4_0, .q8_0]), "i.csv")
        for model in ["m", "short"] {
            let planned = try plan(
                "--model",
                "\(model).gguf",
                "--impacts",
                "i.csv",
                "--budget",
                "60%",
                "--converter",
                "none",
                "--pin",
                "*=Q8_0",
                "-o",
                "\(model).json"
            )
            #expect(planned.exitCode == 0, "\(planned.errors)")
            let written = try plan(
                "quantize",
                "\(model).gguf",
                "--recipe",
                "\(model).json",
                "-o",
                "\(model)-q.gguf"
            )
            #expect(written.exitCode == 0, "\(written.errors)")
        }
        let right = try plan("check", "m.json", "m-q.gguf", "--model", "m.gguf")
        #expect(right.exitCode == 0, "\(right.output)")
        let wrong = try plan("check", "m.json", "short-q.gguf", "--model", "m.gguf")
        #expect(wrong.exitCode == 1, "\(wrong.errors)")
        #expect(wrong.output.contains("file bytes"))
        // Without the model's file nobody knows what converters do to the rest, which is said.
        let alone = try plan("check", "m.json", "short-q.gguf")
        #expect(alone.exitCode == 1)
        #expect(alone.errors.contains("name its file with --model"))
    }

    @Test("a table is held against a model's layers, and formats that nobody knows are named")
    func lintsAgainstModels() throws {
        try folder.write("layer,Q8_O\nlayer00.img,1\n", "i.csv")
        let run = try plan("impacts", "i.csv", "--model", "flux1-dev")
        #expect(run.exitCode == 65, "as a plan from it would end")
        #expect(run.output.contains("Q8_O"))
        #expect(run.output.contains("layer00.txt"))
        #expect(!(try plan("impacts", "i.csv").output.contains("Nothing is odd")))
        // Cells that halve with every bit are added where nothing says what they are, as a plan says as well.
        let rows = (0..<9).map { "l\($0),\(16 + $0),\(8 + Double($0) / 2),\(1 + Double($0) / 16)\n" }.joined()
        try folder.write("layer,Q4_0,Q5_0,Q8_0\n" + rows, "halved.csv")
        let halved = try plan("impacts", "halved.csv").output
        #expect(
            halved.contains("about halve with every bit") && halved.contains("--combine rss"),
            "\(halved)"
        )
    }

    @Test("inspect shows what is in a model, and JSON has every tensor")
    func inspects() throws {
        let run = try plan("inspect", "flux1-dev")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("780 tensors, 11,901,408,320 parameters"))
        #expect(run.output.contains("single_blocks.*.linear1.weight"))
        let json = try plan("inspect", "llama-3.1-8b", "--format", "json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        )
        #expect((object["tensors"] as? [Any])?.count == 292)
        #expect(object["parameters"] as? Int == 8_030_261_312)
        #expect(try plan("inspect", "nowhere.gguf").exitCode == 66)
        try folder.write("no model", "x.gguf")
        let bad = try plan("inspect", "x.gguf")
        #expect(bad.exitCode == 65)
        #expect(bad.errors.split(separator: "\n").count == 1)
    }

    @Test("converters are listed with their formats")
    func listsConverters() throws {
        let run = try plan("converters")
        #expect(run.exitCode == 0)
        for name in ["stable-diffusion.cpp", "llama-quantize", "cg-mixed-casting", "mixed-gguf-converter"] {
            #expect(run.output.contains(name))
        }
    }
}
