import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// A card in place of a budget.
@Suite struct CardTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        let network = try LanguageModelFile()
        let widths: KeyValuePairs = [
            "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
        ]
        for (name, bytes) in [
            ("m.gguf", network.bytes(more: widths)),
            ("other.gguf", network.bytes(architecture: "nobody-knows", more: widths)),
            (
                "slides.gguf",
                network.bytes(
                    architecture: "gemma3",
                    more: [
                        "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
                        "attention.sliding_window": 512,
                    ]
                )
            ),
        ] {
            try folder.write(bytes, name)
        }
        let table = network.table([.q4_K, .q6_K, .q8_0])
        try folder.write(table, "i.csv")
    }

    private func plan(_ arguments: String) throws -> ProgramRun {
        try ProgramRun.plan(arguments.split(separator: " ").map(String.init), in: folder.url)
    }

    private func recipe(_ name: String = "r.json") throws -> Recipe {
        try RecipeReader.read(path: folder.path(name))
    }

    /// A card on which the network's small weights are what is scarce.
    private static let small = "\(alone) --card 23MiB --overhead 1MiB --margin 0"
    private static let alone = "--model m.gguf --impacts i.csv"

    @Test("the budget is what the card leaves, line by line, and the command starts the server so")
    func languageModel() throws {
        let run = try plan("\(Self.small) --context 4k --kv q8_0 --sequences 2 -o r.json")
        #expect(run.exitCode == 0)
        let recipe = try recipe()
        let card = try #require(recipe.card)
        #expect(card.bytes == 23 << 20)
        #expect(card.runtime == "llama.cpp")
        #expect(card.cache == .init(context: 4_096, sequences: 2, keys: "q8_0", values: "q8_0"))
        #expect(card.claims.map(\.name) == ["KV cache", "compute", "overhead", "margin"])
        // 4 blocks, 2 heads of 64 for keys and for values, 34 bytes for 32.
        #expect(card.claims[0].bytes == 4 * 4_096 * 2 * (128 / 32 * 34))
        #expect(card.claims.map(\.basis) == [.computed, .bound, .given, .given])
        #expect(recipe.limit == card.bytesForFile.map(Recipe.Limit.bytes))
        // Words are looked up on the host, so their format costs the card nothing.
        #expect(recipe.layers.first?.format == "BF16")
        #expect(recipe.layers.contains { $0.format != "BF16" })
        #expect(run.output.contains("Card    24.12 MB (23.00 MiB) with llama.cpp"))
        #expect(run.output.contains("4,096 tokens in 2 sequences, q8_0"))
        #expect(run.output.contains("In the file, not on the card: token_embd.weight and the header"))
        #expect(
            run.output.hasSuffix(
                "Run     llama-server -m m-card-23MiB.gguf -c 4096 -np 2 -ctk q8_0 -ctv q8_0 -fa on -ngl 99\n"
            )
        )
    }

    /// A network all of whose blocks have a window of 512 tokens.
    private static let windows = "--model slides.gguf --impacts i.csv --context 4k --sequences 2"

    /// What the cache of the windows takes for so many cells: 4 blocks, 2 heads of 64 in f16 for keys and for values.
    private static func cache(cells: Int) -> Int { 4 * cells * 2 * 128 * 2 }

    @Test(
        "what the program is started with makes cache and buffer, is in the recipe, and is in the command",
        arguments: [
            ("", 2 * 1_024, "-np 2 -fa on"), ("--ubatch 512", 2 * 1_024, "-np 2 -fa on"),
            ("--ubatch 1k", 2 * 1_536, "-np 2 -ub 1024 -fa on"),
            ("--swa-full", 2 * 2_048, "-np 2 --swa-full -fa on"),
            ("--kv-unified", 1_536, "-np 2 -kvu -fa on"),
            ("--ubatch 3072 --kv-unified", 4_096, "-np 2 -kvu -b 3072 -ub 3072 -fa on"),
            ("--kv-unified --swa-full --ubatch 64", 4_096, "-np 2 -kvu --swa-full -ub 64 -fa on"),
        ]
    )
    func startedSo(_ options: String, _ cells: Int, _ command: String) throws {
        let run = try plan("\(Self.windows) --card 3GiB \(options) -o r.json")
        #expect(run.exitCode == 0, "\(run)")
        #expect(
            run.output.hasSuffix(
                "Run     llama-server -m slides-card-3GiB.gguf -c 4096 \(command) -ngl 99\n"
            ),
            "\(run.output)"
        )
        let recipe = try recipe()
        let card = try #require(recipe.card)
        #expect(card.claims.first?.bytes == Self.cache(cells: cells))
        #expect(run.output.contains("of one cache") == options.contains("unified"))
        #expect(run.output.contains("sliding windows whole") == options.contains("swa"))
        // What is as it is without a word stands in no recipe.
        let text = try folder.text("r.json")
        #expect(text.contains("\"ubatch\"") == (options.contains("ubatch") && !options.contains("512")))
        #expect(text.contains("\"swaFull\": true") == options.contains("swa"))
        #expect(text.contains("\"unified\": true") == options.contains("unified"))
        #expect(recipe.generator.arguments.contains("--ubatch") == options.contains("ubatch"))
        let check = try plan("check r.json --model slides.gguf --impacts i.csv")
        #expect(check.exitCode == 0, "\(check)")
        // Anything else is another cache or another buffer.
        for change in 0..<3 {
            var other = RecipeParts(recipe)
            var changed = card
            switch change {
            case 0: changed.cache?.tokensAtOnce = 700
            case 1: changed.cache?.keepsWholeWindows.toggle()
            default: changed.cache?.isUnified.toggle()
            }
            other.card = changed
            try other.recipe.write(to: folder.path("c.json"))
            let found = try plan("check c.json --model slides.gguf --impacts i.csv")
            // Windows that are whole stay so whatever else changes, and so do those that one batch fills.
            let isSame =
                options.contains("swa") ? change != 1 : options.contains("3072") && change != 0
            #expect(found.output.contains("the card  KV cache") == !isSame, "\(change): \(found.output)")
        }
    }

    @Test("diff says with what else llama.cpp is started")
    func differenceOfStarts() throws {
        #expect(try plan("\(Self.windows) --card 3GiB -o r.json").exitCode == 0)
        #expect(
            try plan("\(Self.windows) --card 3GiB --ubatch 64 --swa-full --kv-unified -o s.json").exitCode
                == 0
        )
        let text = try plan("diff r.json s.json").output
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows.contains("tokens at once 512 64"), "\(text)")
        #expect(rows.contains("sliding windows cut whole"), "\(text)")
        #expect(rows.contains("the sequences' cache parts shared"), "\(text)")
        #expect(!rows.contains { $0.hasPrefix("context ") })
    }

    @Test("compare, the page and devices start the program so, too")
    func otherCommandsStartedSo() throws {
        let more = "--ubatch 1k --kv-unified"
        let windows = Self.windows.replacing(" --context 4k", with: "")
        let json = try plan("compare \(windows) --card 3GiB \(more) --contexts 2k,4k --format json").output
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
        )
        #expect(rows.compactMap { $0["cacheBytes"] as? Int } == [2_048, 2_048].map(Self.cache(cells:)))
        // Of a longer context every sequence may take all.
        let long = try plan("compare \(windows) --card 3GiB --kv-unified --contexts 10k --format json")
        #expect(long.errors.contains("a context of 10,240 tokens is longer than the 8,192"), "\(long)")
        let short = try plan("compare \(windows) --card 3GiB --contexts 10k --format json")
        #expect(!short.errors.contains("is longer than"), "\(short)")

        let page = try plan("report \(windows) --card 3GiB \(more) --contexts 2k,4k -o p.html")
        #expect(page.exitCode == 0, "\(page)")
        let data = try folder.text("p.html")
        for context in ["2k", "4k"] {
            #expect(
                try plan("\(windows) --card 3GiB \(more) --context \(context) -o \(context).json").exitCode
                    == 0
            )
            let bytes = try #require(try recipe("\(context).json").card?.bytesForFile)
            #expect(data.contains("\(bytes)"), "\(context)")
        }

        let devices = "\(Self.windows) --device gpu=3GiB,900MB/s --device cpu=3GiB,50MB/s \(more)"
        let run = try plan("\(devices) -o d.json")
        #expect(run.output.contains(" -c 4096 -np 2 -kvu -ub 1024 -fa on "), "\(run)")
        let check = try plan("check d.json --model slides.gguf --impacts i.csv")
        #expect(check.exitCode == 0, "\(check)")
        let text = try folder.text("d.json")
        for (right, wrong) in [
            ("\"ubatch\": 1024", "\"ubatch\": 512"), ("\"unified\": true", "\"unified\": false"),
        ] {
            let changed = text.replacing(right, with: wrong)
            #expect(changed != text)
            try folder.write(changed, "e.json")
            #expect(try plan("check e.json --model slides.gguf --impacts i.csv").exitCode == 1)
        }
    }

    @Test("check adds the card up again, and works its cache out from the model")
    func checksTheCard() throws {
        #expect(try plan("\(Self.small) --context 2k -o r.json").exitCode == 0)
        #expect(try plan("check r.json --model m.gguf --impacts i.csv").exitCode == 0)
        let file = folder.url.appendingPathComponent("r.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        for (right, wrong, figure) in [
            ("\"context\": 2048", "\"context\": 4096", "the card  KV cache"),
            ("\"offCard\": ", "\"offCard\": 1", "the card  budget"),
            ("\"offCard\": ", "\"offCard\": 1", "the card  off the card"),
            ("\"context\": 2048", "\"context\": 0", "the card  runtime"),
            ("\"sequences\": 1", "\"sequences\": 0", "the card  runtime"),
            ("\"keys\": \"f16\"", "\"keys\": \"banana\"", "the card  cache"),
            ("\"values\": \"f16\"", "\"values\": \"banana\"", "the card  cache"),
            ("\"runtime\": \"llama.cpp\"", "\"runtime\": \"banana\"", "the card  runtime"),
            ("\"runtime\": \"llama.cpp\"", "\"runtime\": \"comfyui-gguf\"", "the card  cache"),
        ] {
            let changed = text.replacing(right, with: wrong, maxReplacements: 1)
            #expect(changed != text)
            try Data(changed.utf8).write(to: file)
            let check = try plan("check r.json --model m.gguf --impacts i.csv")
            #expect(check.exitCode == 1)
            #expect(check.output.contains(figure), "\(check.output)")
        }
    }

    @Test("check finds what was assumed for other settings, and takes what was given as it is")
    func checksAssumptions() throws {
        func differences(_ change: (inout RecipeParts, inout Recipe.Card) -> Void) throws -> ProgramRun {
            let recipe = try recipe().changed {
                var card = try #require($0.card)
                change(&$0, &card)
                $0.card = card
                // The budget agrees with its parts, as it would where somebody made it so.
                $0.limit = .bytes(try #require(card.bytesForFile))
            }
            try recipe.write(to: folder.path("c.json"))
            let source = recipe.model.name == "flux1-dev" ? "" : " --model m.gguf --impacts i.csv"
            return try plan("check c.json\(source)")
        }
        #expect(try plan("--card 12GB -o r.json").exitCode == 0)
        #expect(try differences { _, card in card.offCard += 3 << 30 }.output.contains("off the card"))
        #expect(
            try differences { _, card in card.resolution = "2048x2048" }.output.contains("the card  sampling")
        )
        #expect(
            try differences { _, card in card.runtime = "stable-diffusion.cpp" }.output
                .contains("the card  compute")
        )
        #expect(try differences { _, card in card.claims[0].bytes = 0 }.exitCode == 1)
        #expect(
            try differences { _, card in card.claims.removeFirst() }.output.contains("the card  sampling")
        )
        for place in 0..<4 {
            for basis in [Recipe.Card.Basis.computed, .bound, .stated] {
                let check = try differences { _, card in card.claims[place].basis = basis }
                #expect(
                    check.exitCode == 1 && check.output.contains(": basis"),
                    "\(place) \(basis): \(check)"
                )
            }
            let renamed = try differences { _, card in card.claims[place].name = "lunch" }
            #expect(renamed.exitCode == 1 && renamed.output.contains("none"), "\(place): \(renamed)")
        }
        // Only what can be given is taken for that.
        let given = try differences { _, card in
            (card.claims[0].basis, card.claims[0].bytes) = (.given, 0)
        }
        #expect(given.exitCode == 1)
        for options in [
            "--card 12GB --overhead 300MiB --margin 0 --reserve 1MiB",
            "--card 12GB --runtime stable-diffusion.cpp",
            "--card 12GB --runtime stable-diffusion.cpp --margin 0 --beside m.gguf",
        ] {
            #expect(try plan("\(options) -o r.json --force").exitCode == 0)
            let check = try plan("check r.json")
            #expect(check.exitCode == 0, "\(options): \(check)")
        }
        #expect(try plan("--card 12GB -o r.json --force").exitCode == 0)
        // Recipes of before do not count the layer that is expanded.
        let before = try differences { recipe, card in
            card.bytes -= card.claims.remove(at: 1).bytes
        }
        #expect(before.exitCode == 0, "\(before)")

        #expect(
            try plan("--model m.gguf --impacts i.csv --card 2GiB --context 2k -o r.json --force").exitCode
                == 0
        )
        #expect(try differences { _, _ in }.exitCode == 0)
        #expect(try differences { _, card in card.offCard += 2_000_000_000 }.output.contains("off the card"))
        for name in ["overhead", "margin"] {
            let check = try differences { _, card in
                card.claims = card.claims.map {
                    $0.name == name ? .init(name: name, bytes: 0, basis: .assumed) : $0
                }
            }
            #expect(check.output.contains("the card  \(name)"), "\(check)")
        }
    }

    @Test("diff shows the parts of two cards that differ, in text and JSON")
    func differenceOfCards() throws {
        #expect(try plan("--card 12GB -o r.json").exitCode == 0)
        #expect(try plan("--card 12GB --reserve 1GiB --margin 0 -o s.json").exitCode == 0)
        let text = try plan("diff r.json s.json").output
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows.contains("Memory First Second"))
        #expect(rows.contains("margin 400.00 MiB 0 B"))
        #expect(rows.contains("reserve 1.00 GiB"))
        #expect(!rows.contains { $0.hasPrefix("sampling") })
        let json = try plan("diff r.json s.json --format json").output
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        )
        let memory = try #require(document["memory"] as? [[String: Any]])
        #expect(memory.compactMap { $0["part"] as? String } == ["margin", "reserve"])
        #expect(memory[0]["first"] as? Int == 400 << 20)
        #expect(memory[1]["first"] is NSNull)
        #expect(try !plan("diff r.json r.json").output.contains("Memory"))
        // An impact is shown with as many digits as everywhere.
        let impact = String(format: "%.5g", try recipe().impact.total)
        #expect(rows.contains { $0.contains(" \(impact) sum ") }, "\(text)")
    }

    @Test("a longer context costs impact, and compare says how much and what a smaller cache buys back")
    func comparesContexts() throws {
        let run = try plan("compare \(Self.small) --contexts 2k,2304 --kv f16,q8_0,q4_0")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("2304 instead of 2k "))
        #expect(run.errors.contains("the harm that a smaller cache itself does to the output is in no table"))
        let json = try plan("compare \(Self.small) --contexts 2k,2304 --kv f16,q8_0 --format json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.compactMap { $0["cache"] as? String } == ["f16", "q8_0", "f16", "q8_0"])
        let impacts = rows.compactMap { $0["impact"] as? Double }
        #expect(impacts.count == 4)
        #expect(impacts[1] <= impacts[0] && impacts[0] <= impacts[2] && impacts[3] <= impacts[2])
        // The row is what a plan of its own makes.
        #expect(try plan("\(Self.small) --context 2304 --kv q8_0 -o r.json").exitCode == 0)
        #expect(try recipe().impact.total == impacts[3])
    }

    @Test(
        "a cache that nobody wrote down is an error that asks for what to keep free, and then stands for it"
    )
    func unknownArchitecture() throws {
        let options = "--model other.gguf --impacts i.csv --card 16MiB --overhead 1MiB --margin 0 -o r.json"
        let run = try plan(options)
        #expect(run.exitCode == 64)
        #expect(
            run.errors.contains("the cache of llama.cpp for the architecture \"nobody-knows\" is not known")
        )
        #expect(run.errors.contains("--reserve"))
        #expect(try plan("\(options) --reserve 12MiB").exitCode == 0)
        #expect(try recipe().card?.claims.map(\.name) == ["overhead", "margin", "reserve"])
        #expect(try recipe().card?.cache == nil)
    }

    @Test("FLUX.1 on a card is planned within what ComfyUI leaves, each part being named as assumed")
    func pictures() throws {
        let run = try plan("--card 12GB -o r.json")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("with comfyui-gguf"))
        let card = try #require(try recipe().card)
        #expect(card.claims.map(\.name) == ["sampling", "one layer", "overhead", "margin"])
        #expect(card.claims[1].bytes == 126 << 20)
        #expect(card.claims.allSatisfy { $0.basis == .assumed })
        #expect(card.resolution == "1024x1024")
        let bytes = try #require(card.bytesForFile)
        #expect(try plan("--budget \(bytes) -o b.json").exitCode == 0)
        #expect(try recipe("b.json").layers == recipe().layers)
        let check = try plan("check r.json")
        #expect(check.exitCode == 0, "\(check)")
        #expect(!check.errors.contains("are sold with"))
        let other = try plan("--card 12GB --runtime stable-diffusion.cpp --resolution 512x512 -o s.json")
        #expect(other.output.contains("text encoders         0 B  on the host, with --clip-on-cpu; assumed"))
        #expect(
            other.output.contains(
                "Run     sd-cli with the model's text encoders and VAE, a prompt, and these options: --diffusion-model s.gguf -W 512 -H 512 --diffusion-fa"
            )
        )
        let difference = try plan("diff r.json s.json")
        #expect(difference.output.contains("a card of 11.18 GiB"))
    }

    @Test("frontier, explain, compare and report take a card as well")
    func otherCommands() throws {
        let frontier = try plan("frontier --card 12GB --format json")
        #expect(frontier.exitCode == 0)
        #expect(frontier.errors.contains("what is left for them"))
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(frontier.output.utf8)) as? [String: Any]
        )
        let points = try #require(document["points"] as? [[String: Any]])
        #expect(try plan("--card 12GB -o r.json").exitCode == 0)
        let last = try #require(points.last?["impact"] as? Double)
        #expect(try abs(last - recipe().impact.total) < 1e-12)
        let explain = try plan("explain layer05.txt --card 12GB")
        #expect(explain.exitCode == 0)
        #expect(explain.output.contains("Card    12.00 GB (11.18 GiB) with comfyui-gguf"))
        let compare = try plan("compare --card 12GB --format csv")
        #expect(compare.exitCode == 0)
        #expect(compare.output.contains("\(try recipe().size.bytes)"))
        // The box says GB and the card has GiB.
        #expect(
            try plan("inspect flux1-dev --card 12GB").errors.contains("--card 12GiB leaves 884.90 MB more")
        )
        for card in ["12GiB", "13GB", "12.5GB"] {
            #expect(try !plan("inspect flux1-dev --card \(card)").errors.contains("are sold with"))
        }
        let named = try plan("inspect flux1-dev --card 12GB --runtime comfyui")
        #expect(named.output.contains("with comfyui\n"), "\(named.output)")
        let report = try plan("report --card 12GB --points 20 -o r.html")
        #expect(report.exitCode == 0)
    }

    /// A card on which more formats, or costs that bind nothing, change nothing.
    @Test("a restriction that binds nothing leaves the plan of a card as it is")
    func restrictionsThatBindNothing() throws {
        let costs = "format,cost\nBF16,1\nQ4_K,1\nQ6_K,1\nQ8_0,1\n"
        try folder.write(costs, "costs.csv")
        #expect(try plan("\(Self.small) --context 2k -o r.json").exitCode == 0)
        let impact = try recipe().impact.total
        for more in ["--max-formats 4", "--slowdown 5 --costs costs.csv"] {
            let run = try plan("\(Self.small) --context 2k \(more) -o b.json --force")
            #expect(run.exitCode == 0, "\(run.errors)")
            let bound = try recipe("b.json")
            #expect(abs(bound.impact.total - impact) <= 2e-9 * impact, "\(more)")
            #expect(bound.proof.status == .optimal)
            #expect(bound.limit == bound.card?.bytesForFile.map(Recipe.Limit.bytes))
            let check = try plan(
                "check b.json --model m.gguf --impacts i.csv\(more.contains("costs") ? " --costs costs.csv" : "")"
            )
            #expect(check.exitCode == 0, "\(check.output)")
            let explained = try plan("explain token_embd.weight \(Self.small) --context 2k \(more)")
            #expect(explained.exitCode == 0, "\(explained.errors)")
        }
        let free = try plan("explain token_embd.weight \(Self.small) --context 2k")
        #expect(!free.output.contains("forbidden"))
        #expect(free.output.contains("it is not on the card"))
    }

    @Test("the page has a control for the context, with what the card leaves for the file at each")
    func contextsOnThePage() throws {
        let run = try plan("report \(Self.small) --contexts 2k,1k,1024k -o p.html")
        #expect(run.exitCode == 0, "\(run.errors)")
        let page = try folder.text("p.html")
        let json = try #require(
            page.split(separator: "<script type=\"application/json\" id=\"data\">").last?
                .split(separator: "</script>").first
        )
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        )
        let contexts = try #require(data["contexts"] as? [[String: Any]])
        #expect(contexts.map { $0["name"] as? String } == ["1k", "2k", "1024k"])
        #expect(contexts.last?["bytes"] as? Int == 0)
        for context in contexts.dropLast() {
            let name = try #require(context["name"] as? String)
            #expect(try plan("\(Self.small) --context \(name) -o \(name).json").exitCode == 0)
            let onCard = try recipe("\(name).json")
            let bytes = try #require(context["bytes"] as? Int)
            #expect(onCard.card?.bytesForFile == bytes)
            // What the page saves for this context is a recipe for the card.
            let saved = try #require(context["recipe"] as? [String: Any])
            let generator = try #require(saved["generator"] as? [String: Any])
            let words = try #require(generator["arguments"] as? [String])
            #expect(words.map { String($0.dropFirst()) } == onCard.generator.arguments)
            let budget = try #require(saved["budget"] as? [String: Any])
            #expect(budget["bytes"] as? String == "#\(bytes)" && budget["card"] != nil)
            let command = try #require(context["command"] as? [String])
            #expect(command.starts(with: ["llama-server", "-m", "FILE.gguf", "-c"]))
            // The best plan of the page within that is the card's, and another command makes it.
            let points = try #require(data["points"] as? [String: Any])
            func column(_ name: String) throws -> [Double] {
                try #require(points[name] as? String).split(separator: " ").compactMap { Double($0) }
            }
            let (sizes, impacts) = (try column("bytes"), try column("impact"))
            let best = try #require(sizes.lastIndex { $0 <= Double(bytes) })
            #expect(sizes[best] == Double(onCard.size.bytes))
            #expect(abs(impacts[best] - onCard.impact.total) <= 1e-9 * onCard.impact.total)
            let pin = "--pin token_embd.weight=BF16"
            #expect(try plan("\(Self.alone) --budget \(bytes) \(pin) -o again.json --force").exitCode == 0)
            #expect(try recipe("again.json").layers.map(\.format) == onCard.layers.map(\.format))
        }
        #expect(
            run.errors.contains(
                "what is not on the card has its best format in every plan: --pin 'token_embd.weight=BF16'"
            )
        )
        #expect(page.contains("<select id=\"context\">"))
    }

    @Test(
        "a card that is asked for wrongly is refused with a sentence",
        arguments: [
            ("--card 12GB --budget 9GB", 64, "give one of --budget"),
            ("--context 32k", 64, "--context needs a card"),
            ("--budget 9GB --kv q8_0", 64, "--kv needs a card"),
            ("--card 12GB --runtime llama.cpp", 64, "llama.cpp does not run \"flux1-dev\""),
            ("--card 12GB --runtime ollama", 64, "there is no runtime named"),
            ("--card 12GB --resolution big", 64, "--resolution takes width and height"),
            ("--card 12GB --resolution 16x16", 64, "has to be from 64"),
            ("--card 12GB --context 32k", 64, "a context changes nothing in the memory of comfyui-gguf"),
            ("--card 12GB --kv q8_0", 64, "a format of the cache changes nothing in the memory of"),
            ("--card 12GB --sequences 2", 64, "a number of sequences changes nothing in the memory of"),
            ("--card 12GB --ubatch 512", 64, "a number of tokens at once changes nothing in the memory of"),
            ("--card 12GB --swa-full", 64, "a cache of whole windows changes nothing in the memory of"),
            ("--card 12GB --kv-unified", 64, "one cache for all sequences changes nothing in the memory of"),
            (
                "--budget 9GB --ubatch 64", 64,
                "--ubatch needs a card or devices; add --card, such as --card 24GiB, or --device"
            ),
            (
                "--budget 9GB --resolution 1024x1024", 64,
                "--resolution needs a card; add --card, such as --card 24GiB\n"
            ),
            (
                "inspect flux1-dev --context 8k", 64,
                "--context needs a card; add --card, such as --card 24GiB\n"
            ),
            ("frontier --swa-full", 64, "--swa-full needs a card"),
            ("explain layer05.txt --budget 9GB --kv-unified", 64, "--kv-unified needs a card"),
            ("--card 12GB --ubatch 0", 64, "--ubatch takes a number of tokens"),
            ("--model m.gguf --impacts i.csv --card 24GiB --ubatch 2048k", 64, "the micro batch is 2097152"),
            ("compare --card 12GB --contexts 8k,16k", 64, "a context changes nothing in the memory of"),
            ("--card 12GB --kv q8_1", 64, "--kv takes a format of llama.cpp's cache"),
            ("--card 12GB --kv f16,q8_0", 64, "--kv takes one format here"),
            ("--card 8G", 64, "cannot read --card"),
            ("--card 12GB --context 32m", 64, "--context takes a number of tokens"),
            ("--card 12", 64, "write a unit behind it, such as 12GiB"),
            ("--card 12GB --margin 300", 64, "write a unit behind it, such as 300GiB"),
            ("--card 12GB --kv f16", 64, "a format of the cache changes nothing in the memory of"),
            ("--card 12GB --sequences 1", 64, "a number of sequences changes nothing in the memory of"),
            ("compare --card 12GB --kv f16", 64, "a format of the cache changes nothing in the memory of"),
            (
                "--model m.gguf --impacts i.csv --card 24GiB --resolution 1024x1024", 64,
                "the size of a picture changes nothing in the memory of"
            ),
            ("--card 1GiB", 2, "nothing is left for weights"),
            ("--card 2GiB --margin 0GiB --reserve 0.0MiB --overhead 0", 2, "no plan fits"),
            ("--card 3GiB", 2, "no plan fits"), ("--card 12GB --beside none.gguf", 66, "none.gguf"),
            ("compare --card 12GB --budgets 9GB", 64, "give either --budgets"),
            ("compare --budgets 9GB --contexts 8k", 64, "--contexts needs a card"),
            ("explain layer05.txt", 64, "give either --budget"),
            ("frontier --margin 1GiB", 64, "--margin needs a card"),
            ("report --contexts 8k", 64, "--contexts needs a card"),
            ("report --card 12GB --contexts 8k", 64, "a context changes nothing in the memory of"),
            ("report --card 12GB --budget 9GB", 64, "give either --budget"),
            ("--model m.gguf --impacts i.csv --card 24GiB --runtime comfyui-gguf", 64, "llama.cpp does"),
            ("--model m.gguf --impacts i.csv --card 24GiB --sequences 0", 64, "the number of sequences is 0"),
        ]
    )
    func refuses(_ arguments: String, _ code: Int32, _ sentence: String) throws {
        let run = try plan(arguments)
        #expect(run.exitCode == code, "\(run.errors)")
        #expect(run.errors.contains(sentence), "\(run.errors)")
        #expect(!folder.exists("plans"))
    }

    @Test("other files on the card take what the runtime keeps of them")
    func besideFiles() throws {
        // On the card of the other tests nothing is left for the weights.
        #expect(try plan("\(Self.small) --context 1k --beside m.gguf -o r.json").exitCode == 2)
        let wide = Self.small.replacing("23MiB", with: "64MiB")
        #expect(try plan("\(wide) --context 1k --beside m.gguf -o w.json").exitCode == 0)
        #expect(
            try recipe("w.json").card?.claims.map(\.name) == [
                "KV cache", "compute", "m.gguf", "KV cache of m.gguf", "compute of m.gguf", "overhead",
                "margin",
            ]
        )
        #expect(try plan("--card 24GB --beside m.gguf -o c.json").exitCode == 0)
        #expect(try recipe("c.json").card?.claims.first { $0.name == "m.gguf" }?.bytes == 0)
        // The draft is started with what was counted, and check knows that there is one.
        let quantized = try plan("\(wide) --context 1k --kv q8_0 --beside m.gguf -o q.json")
        #expect(
            quantized.output.hasSuffix(
                " -ngl 99 --spec-type draft-simple -md m.gguf -ngld 99 -ctkd q8_0 -ctvd q8_0\n"
            )
        )
        let checked = try plan("check q.json --model m.gguf --impacts i.csv")
        #expect(checked.exitCode == 0, "\(checked.output)")
        #expect(checked.output.contains("solved again"))
        #expect(
            try plan("--card 24GB --runtime stable-diffusion.cpp --beside m.gguf -o d.json").exitCode == 0
        )
        let bytes = try FileManager.default.attributesOfItem(atPath: folder.path("m.gguf"))[
            .size
        ]
        #expect(try recipe("d.json").card?.claims.first { $0.name == "m.gguf" }?.bytes == bytes as? Int)
        // What has a table of words is an encoder, which then is on the card and not on the host.
        let drawn = try plan("--card 24GB --runtime stable-diffusion.cpp --beside m.gguf -o e.json")
        #expect(!drawn.output.contains("--clip-on-cpu"))
        #expect(
            try plan("--card 24GB --runtime stable-diffusion.cpp -o f.json").output.contains("--clip-on-cpu")
        )
    }

    @Test("a card that the table's smallest format is too large for asks for a table with smaller ones")
    func smallerFormats() throws {
        let run = try ScratchFolder().plan("--card 8GB")
        #expect(run.exitCode == 2, "\(run)")
        #expect(run.errors.contains("Q4_1 is the smallest of flux1-dev-table3"), "\(run.errors)")
        #expect(run.errors.contains("such as plan estimate makes of the model's weights"))
        let chosen = try ScratchFolder().plan("--card 8GB --formats Q8_0")
        #expect(chosen.errors.contains("allow smaller formats"), "\(chosen.errors)")
    }
}
