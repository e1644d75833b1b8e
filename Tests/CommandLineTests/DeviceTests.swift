import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// Several devices in place of a budget.
@Suite struct DeviceTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        let widths: KeyValuePairs = [
            "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
        ]
        let network = try LanguageModelFile()
        try folder.write(network.bytes(more: widths), "m.gguf")
        try folder.write(network.table([.q4_K, .q6_K, .q8_0]), "i.csv")
        let experts = LanguageModelFile(
            tensors: try network.tensors.map { tensor in
                guard tensor.name.contains(".ffn_"), tensor.dimensionCount == 2 else { return tensor }
                return try TensorInfo(
                    name: tensor.name.replacing(".weight", with: "_exps.weight"),
                    shape: [8] + tensor.shape,
                    elementType: .bf16
                )
            }
        )
        try folder.write(
            experts.bytes(
                architecture: "qwen3moe",
                more: [
                    "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
                    "expert_count": 8, "expert_used_count": 2, "expert_feed_forward_length": 512,
                ]
            ),
            "moe.gguf"
        )
        try folder.write(experts.table([.q4_K, .q6_K, .q8_0]), "e.csv")
        for (name, bytes) in [("other.gguf", network.bytes(architecture: "nobody-knows", more: widths))] {
            try folder.write(bytes, name)
        }
    }

    private func plan(_ arguments: String, columns: Int = 400) throws -> ProgramRun {
        try ProgramRun.plan(
            arguments.split(separator: " ").map(String.init),
            in: folder.url,
            environment: ["COLUMNS": "\(columns)"]
        )
    }

    /// Whether two impacts are those of plans that are both proven the best.
    private static func isSame(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-8 * max(one, other)
    }

    private func recipe(_ name: String = "r.json") throws -> Recipe {
        try RecipeReader.read(path: folder.path(name))
    }

    // On a machine with other work, the search of a program without optimization needs more than the usual time.
    private static let card = "--context 2k --overhead 1MiB --margin 0 --time-limit 100"
    private static let dense = "--model m.gguf --impacts i.csv \(card)"
    private static let moe = "--model moe.gguf --impacts e.csv \(card)"

    @Test("every layer takes a format and a device, the recipe says both, and check works them out again")
    func twoDevices() throws {
        let run = try plan(
            "\(Self.moe) --device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s --min-speed 30 -o r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe()
        let devices = try #require(recipe.devices)
        #expect(devices.places.map(\.name) == ["cpu", "gpu"])
        #expect(devices.places.map(\.buffer) == ["CPU", "CUDA0"])
        #expect(devices.places.map(\.units).reduce(0, +) == 5)
        // 4 blocks, 2 heads of 64 for keys and for values, two bytes each.
        let cache = devices.places.map(\.cache).reduce(0, +)
        #expect(cache == 4_194_304)
        #expect(devices.places.allSatisfy { $0.bytesLeft ?? -1 >= 0 })
        #expect(devices.speed ?? 0 >= 30)
        #expect(recipe.layers.allSatisfy { $0.device == "cpu" || $0.device == "gpu" })
        #expect(recipe.layers.first { $0.layer == "token_embd.weight" }?.device == "cpu")
        #expect(recipe.layers.contains { $0.layer.contains("exps") && $0.device == "cpu" })
        #expect(run.output.contains("Devices cpu  "))
        #expect(run.output.contains("30 asked for"))
        let check = try plan("check r.json --model moe.gguf --impacts e.csv")
        #expect(check.exitCode == 0, "\(check.output)")
        #expect(check.output.contains("solved again"))

        let file = folder.url.appendingPathComponent("r.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let weights = devices.places[1].weights
        for (right, wrong, figure) in [
            ("\"weights\": \(weights)", "\"weights\": \(weights + 1)", "weights"),
            ("\"minSpeed\": 30", "\"minSpeed\": 3000", "speed"),
            ("\"context\": 2048", "\"context\": 4096", "cache"),
            ("\"device\": \"gpu\"", "\"device\": \"cpu\"", "device"),
            ("\"buffer\": \"CUDA0\"", "\"buffer\": \"banana\"", "buffer"),
            ("\"speed\": ", "\"later\": ", "speed"),
            ("\"basis\": \"bound\"", "\"basis\": \"stated\"", "basis"),
        ] {
            let changed = text.replacing(right, with: wrong, maxReplacements: 1)
            #expect(changed != text, "\(figure)")
            try Data(changed.utf8).write(to: file)
            let check = try plan("check r.json --model moe.gguf --impacts e.csv")
            #expect(check.exitCode == 1, "\(figure)")
            #expect(check.output.contains(figure), "\(check.output)")
        }
    }

    @Test("the command moves exactly the tensors whose device is not their block's")
    func command() throws {
        let run = try plan("\(Self.moe) --device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s -o r.json")
        let line = try #require(run.output.split(separator: "\n").last { $0.hasPrefix("Run ") })
        #expect(line.contains("llama-server -m "))
        #expect(line.contains(" -c 2048 -np 1 -fa on -dev CUDA0 -ngl "))
        let devices = try #require(try recipe().devices)
        let onHost = devices.places[0].units
        let rules = line.split(separator: "'").dropFirst().first ?? ""
        for layer in try recipe().layers where layer.layer.contains("ffn_") {
            let block = try #require(layer.layer.split(separator: ".").dropFirst().first.flatMap { Int($0) })
            let home = block < onHost ? "cpu" : "gpu"
            let matches = try rules.split(separator: ",").contains { rule in
                let pattern = String(rule.prefix { $0 != "=" })
                return try layer.layer.contains(Regex(pattern))
            }
            #expect(matches == (layer.device != home), "\(layer.layer)")
        }
    }

    @Test("a floor on speed costs impact, and a limit on impact buys speed")
    func speedAgainstImpact() throws {
        let two = "--device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s"
        func made(_ more: String) throws -> (impact: Double, speed: Double) {
            let run = try plan("\(Self.moe) \(two) \(more) -o r.json")
            #expect(run.exitCode == 0, "\(run.errors)")
            return (try recipe().impact.total, try #require(try recipe().devices?.speed))
        }
        let free = try made("")
        // A floor that every plan keeps costs nothing, speed neither.
        let roomy = "--device gpu=64MiB,900MB/s --device cpu=64MiB,50MB/s"
        #expect(try plan("\(Self.moe) \(roomy) -o a.json").exitCode == 0)
        #expect(try plan("\(Self.moe) \(roomy) --min-speed 0.1 -o b.json").exitCode == 0)
        let (unasked, asked) = (try recipe("a.json"), try recipe("b.json"))
        #expect(asked.impact.total == unasked.impact.total)
        #expect(try #require(asked.devices?.speed) >= #require(unasked.devices?.speed) * (1 - 1e-9))
        #expect(asked.devices?.minimumSpeed == 0.1)
        let fast = try made("--min-speed \(free.speed * 1.2)")
        #expect(fast.speed >= free.speed * 1.2 * (1 - 1e-12))
        #expect(fast.impact >= free.impact)
        let fastest = try made("--max-impact \(fast.impact * (1 + 1e-9))")
        #expect(fastest.speed >= fast.speed * (1 - 1e-6))
        #expect(try recipe().proof.objective == .time)
        #expect(try plan("check r.json --model moe.gguf --impacts e.csv").exitCode == 0)
        let slow = try plan("\(Self.moe) \(two) --min-speed 100000 -o s.json")
        #expect(slow.exitCode == 2)
        #expect(slow.errors.contains("tokens per second; the fastest reaches"))
        #expect(!folder.exists("s.json"))
    }

    @Test("plans on devices follow every rule that combines impacts, pinned layers among them")
    func rules() throws {
        let two = "--device gpu=40MiB --device cpu=64MiB --formats Q4_K,Q8_0 --pin blk.0.attn_q.weight=BF16"
        for rule in ["sum", "rss", "max"] {
            let run = try plan("\(Self.dense) \(two) --combine \(rule) -o r.json")
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(try recipe().layers.first { $0.layer == "blk.0.attn_q.weight" }?.format == "BF16")
        }
    }

    @Test("two cards share the blocks by layers, and one large card is planned as a card is")
    func cards() throws {
        let run = try plan("\(Self.dense) --device gpu=19MiB --device gpu1=19MiB -o r.json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let places = try #require(try recipe().devices?.places)
        #expect(places.map(\.buffer) == ["CUDA0", "CUDA1"])
        #expect(places.allSatisfy { $0.units > 0 })
        // Of blocks on roomy cards nothing is moved but where it has to be.
        let roomy = try plan("\(Self.dense) --device gpu=40MiB --device gpu1=40MiB -o w.json")
        #expect(!roomy.output.contains("of others"))
        #expect(run.output.contains("-ngl 99 -ts \(places[0].units),\(places[1].units) -ot"))
        // Words are looked up on the host, which has room enough where it is no device.
        #expect(try recipe().layers.first?.device == nil)
        #expect(try plan("check r.json --model m.gguf --impacts i.csv").exitCode == 0)

        #expect(try plan("\(Self.dense) --device gpu=22MiB -o d.json").exitCode == 0)
        #expect(try plan("\(Self.dense) --card 22MiB -o c.json").exitCode == 0)
        let one = try (recipe("d.json"), recipe("c.json"))
        #expect(abs(one.0.impact.total - one.1.impact.total) < 1e-9)
    }

    @Test("compare shows what each speed costs, and diff what the devices were")
    func comparesSpeeds() throws {
        let two = "--device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s"
        let run = try plan("compare \(Self.moe) \(two) --min-speeds 10,40,100000 --format json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.count == 3)
        let impacts = rows.map { $0["impact"] as? Double }
        #expect(try #require(impacts[0]) <= (try #require(impacts[1])))
        #expect(impacts[2] == nil)
        #expect(try plan("\(Self.moe) \(two) --min-speed 40 -o r.json").exitCode == 0)
        #expect(try recipe().impact.total == impacts[1])
        #expect(try plan("\(Self.moe) \(two) --min-speed 10 -o s.json").exitCode == 0)
        let difference = try plan("diff r.json s.json")
        #expect(difference.output.contains("gpu of 29.00 MiB"))
        #expect(difference.output.contains("tokens/s"))
    }

    @Test(
        "the curve of speed goes from the least impact there is to the fastest plan, each point solved for its speed"
    )
    func curveOfSpeed() throws {
        let two = "--device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s"
        let run = try plan("frontier \(Self.moe) \(two) --points 4 --format json -o c.json")
        #expect(run.exitCode == 0, "\(run.errors)")
        // What it wrote, it may write over.
        #expect(try plan("frontier \(Self.moe) \(two) --points 4 --format json -o c.json").exitCode == 0)
        let whole = try #require(
            try JSONSerialization.jsonObject(
                with: folder.data("c.json")
            ) as? [String: Any]
        )
        let rows = try #require(whole["speeds"] as? [[String: Any]])
        let speeds = rows.compactMap { $0["speed"] as? Double }
        let impacts = rows.compactMap { $0["impact"] as? Double }
        #expect(speeds.count == 4 && impacts.count == 4)
        #expect(speeds == speeds.sorted() && impacts == impacts.sorted())
        #expect(try plan("\(Self.moe) \(two) -o r.json").exitCode == 0)
        #expect(Self.isSame(try recipe().impact.total, impacts[0]))
        let floor = try #require(rows[2]["minSpeed"] as? Double)
        #expect(try plan("\(Self.moe) \(two) --min-speed \(floor) -o s.json").exitCode == 0)
        #expect(Self.isSame(try recipe("s.json").impact.total, impacts[2]))
        let faster = try plan("\(Self.moe) \(two) --min-speed \(speeds[3] * 1.001) -o t.json")
        #expect(faster.exitCode == 2)
        for (ending, mark) in [
            ("", "the least impact at each speed"), ("--format csv", "minSpeed,speed,bytes"),
        ] {
            #expect(try plan("frontier \(Self.moe) \(two) --points 2 \(ending)").output.contains(mark))
        }
    }

    @Test("explain says what another format or another device would cost, as pinning it would have it")
    func explains() throws {
        let two = "--device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s --min-speed 30"
        let layer = "blk.2.ffn_down_exps.weight"
        let run = try plan("explain \(layer) \(Self.moe) \(two) --format json")
        #expect(run.exitCode == 0, "\(run.errors)")
        let whole = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: [[String: Any]]]
        )
        #expect(try plan("\(Self.moe) \(two) -o r.json").exitCode == 0)
        let best = try recipe()
        let taken = try #require(best.layers.first { $0.layer == layer })
        let options = try #require(whole["options"])
        #expect(options.count == 4)
        for option in options {
            let format = try #require(option["format"] as? String)
            let impact = try #require(option["pinnedImpact"] as? Double)
            #expect((option["standing"] as? String == "chosen") == (format == taken.format))
            #expect(impact >= best.impact.total * (1 - 1e-9))
            #expect(try plan("\(Self.moe) \(two) --pin \(layer)=\(format) -o p.json").exitCode == 0)
            #expect(Self.isSame(try recipe("p.json").impact.total, impact), "\(format)")
            #expect(
                option["device"] as? String
                    == (try recipe("p.json").layers.first { $0.layer == layer }?.device)
            )
            try FileManager.default.removeItem(at: folder.url.appendingPathComponent("p.json"))
        }
        let places = try #require(whole["places"])
        #expect(places.map { $0["device"] as? String } == ["cpu", "gpu"])
        for place in places {
            let impact = try #require(place["pinnedImpact"] as? Double)
            #expect(impact >= best.impact.total * (1 - 1e-9))
            if place["device"] as? String == taken.device { #expect(Self.isSame(impact, best.impact.total)) }
        }
        let text = try plan("explain \(layer) \(Self.moe) \(two)", columns: 80)
        #expect(text.output.contains("\(layer) takes \(taken.format) on \(taken.device ?? "")"))
        #expect(text.output.contains("Price   a further MB on gpu would save"))
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text.output)")
        // Words are looked up on the host, so no other device is asked about.
        let words = try plan("explain token_embd.weight \(Self.moe) \(two)")
        #expect(words.exitCode == 0, "\(words.errors)")
        #expect(words.output.contains("on the host always"))
        #expect(!words.output.contains("Takes there"))
        let all = try plan("explain \(Self.moe) \(two) --format csv")
        #expect(all.output.contains("share,impact,device"))
    }

    @Test(
        "devices have the names that llama.cpp knows them by, and a context beyond the trained one is remarked"
    )
    func namesDevices() throws {
        let run = try plan(
            "\(Self.dense.replacing("2k", with: "16k")) --device vulkan1=40MiB --device MTL0=40MiB --device host=64MiB -o r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains(" -dev Vulkan1,MTL0 -ngl "))
        #expect(try recipe().devices?.places.map(\.buffer) == ["CPU", "Vulkan1", "MTL0"])
        #expect(run.errors.contains("16,384 tokens is longer than the 8,192 that m was trained for"))
        // A card's number is its own, in whatever order the cards are named.
        for (cards, buffers) in [
            ("--device gpu1=40MiB --device gpu=40MiB", ["CUDA1", "CUDA0"]),
            ("--device gpu1=40MiB", ["CUDA1"]), ("--device GPU12=40MiB", ["CUDA12"]),
            ("--device ROCm0=40MiB --device gpu=40MiB", ["ROCm0", "CUDA0"]),
        ] {
            let run = try plan("\(Self.dense) \(cards) -o n.json --force")
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(try recipe("n.json").devices?.places.map(\.buffer) == buffers)
            #expect(run.output.contains(" -dev \(buffers.joined(separator: ",")) -ngl "))
        }
    }

    @Test("the page of a plan on devices has its places, its command and its recipe as plan writes it")
    func reports() throws {
        let two = "--device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s --min-speed 30"
        let report = try plan("report \(Self.moe) \(two) -o page.html")
        #expect(report.exitCode == 0, "\(report.errors)")
        #expect(report.errors.contains("page.html: the plan on its devices"))
        let page = try folder.text("page.html")
        let start = try #require(page.range(of: "<script type=\"application/json\" id=\"data\">")).upperBound
        let end = try #require(page[start...].range(of: "</script>")).lowerBound
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(page[start..<end].utf8)) as? [String: Any]
        )
        let devices = try #require(data["devices"] as? [String: Any])
        let run = try plan("\(Self.moe) \(two) -o r.json")
        #expect(devices["recipe"] as? String == (try folder.text("r.json")))
        let places = try #require(devices["places"] as? [Any]).map { $0 as? String }
        #expect(places == (try recipe().layers.map(\.device)))
        let texts = try #require(devices["texts"] as? [[String: String]])
        #expect(texts.map { $0["name"] } == ["cpu", "gpu"])
        for text in texts { #expect(run.output.contains(try #require(text["text"]))) }
        #expect(run.output.contains(try #require(devices["speed"] as? String)))
        let line = try #require(run.output.split(separator: "\n").last { $0.hasPrefix("Run ") })
        let command = try #require(devices["command"] as? String)
        // The file has another name there.
        let options = try #require(command.split(separator: " -c ").last)
        #expect(command.hasPrefix("llama-server -m ") && line.hasSuffix(options), "\(command)")
        #expect(
            page.contains(
                "on cpu of 64.00 MiB and gpu of 29.00 MiB with 30 tokens/s or more: proven to be the best"
            )
        )
        // The second time its own page is written over.
        for _ in 0..<2 { #expect(try plan("report \(Self.moe) \(two) -o again.html").exitCode == 0) }
        #expect(try folder.text("again.html") == page)
        let none = try plan("report \(Self.moe) --device gpu=17MiB -o none.html")
        #expect(none.exitCode == 2 && !folder.exists("none.html"))
    }

    @Test("no line of the summary is wider than the terminal")
    func width() throws {
        let run = try plan(
            "\(Self.moe) --device gpu=29MiB,900MB/s --device cpu=64MiB,50MB/s --min-speed 30 -o r.json",
            columns: 80
        )
        let lines = run.output.split(separator: "\n").filter {
            !$0.hasPrefix("Run ") && !$0.hasPrefix("Next ")
        }
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(run.output)")
    }

    @Test(
        "devices that are asked for wrongly are refused with a sentence",
        arguments: [
            ("--device gpu=24GiB --budget 9GB", 64, "--device takes the place of --budget"),
            ("--device gpu=24GiB --card 9GB", 64, "--device takes the place of --budget"),
            ("--budget 9GB --min-speed 5", 64, "--min-speed needs devices"),
            ("--device gpu", 64, "there is no name before a ="),
            ("--device gpu=many", 64, "--device takes a name and a size"),
            ("--device gpu=24GiB,936", 64, "a bandwidth ends with /s"),
            ("--device gpu=24GiB,9GB/s,3", 64, "too many commas"),
            ("--device cpu=24GiB", 64, "give a card beside the host"),
            ("--device gpu=24GiB --device gpu=12GiB", 64, "two devices are the same"),
            ("--device gpu=24GiB --device gpu0=12GiB", 64, "two devices are the same"),
            ("--device gpu99=24GiB", 64, "llama.cpp has no such device"),
            ("--device gpu=24GiB --min-speed 0", 64, "above 0"),
            ("--device gpu=24GiB --min-speed 5", 64, "gpu has none"),
            ("--device gpu=24GiB,9GB/s --min-speed 5 --max-impact 2", 64, "not both"),
            ("--device gpu=24GiB --max-formats 2", 64, "cannot be limited"),
            ("--device gpu=24GiB --robust 5", 64, "--robust"),
            ("frontier --device gpu=24GiB", 64, "gpu has none"),
            ("frontier --device gpu=24GiB,9GB/s --chart", 64, "draw size against impact"),
            ("frontier --device gpu=24GiB,9GB/s --all", 64, "belong to the curve of size"),
            ("frontier --device gpu=24GiB,9GB/s --max-formats 2", 64, "cannot be limited"),
            ("frontier --min-speed 5", 64, "--min-speed needs devices"),
            ("explain --device gpu=24GiB --budget 9GB", 64, "--device takes the place of --budget"),
            ("report --device gpu=24GiB --budget 9GB", 64, "--device takes the place of --budget"),
            ("report --device gpu=24GiB --points 5", 64, "belong to the page of all sizes"),
            ("report --min-speed 5", 64, "--min-speed needs devices"),
            ("report --device gpu=17MiB", 2, "no plan fits the devices"),
            ("explain --device gpu=24GiB --max-formats 2", 64, "cannot be limited"),
            ("explain --device gpu=17MiB", 2, "no plan fits the devices"),
            ("--device gpu=4MiB", 2, "nothing is left for weights"),
            ("--device gpu=24", 64, "write a unit behind it, such as 24GiB"),
            ("--device gpu=17MiB", 2, "of keys, values and states for 2,048 tokens"),
            ("--device gpu=17MiB", 2, "no plan fits the devices"),
            ("--device gpu=24GiB --kv nothing", 64, "--kv takes a format"),
            ("--device gpuu=24GiB", 64, "llama.cpp has no such device; it has cpu, gpu, gpu1, CUDA0"),
            ("--device CUDA=24GiB", 64, "llama.cpp has no such device"),
        ]
    )
    func refuses(_ arguments: String, _ code: Int32, _ sentence: String) throws {
        let isBare =
            arguments.contains(/^(frontier|report) --min/) || arguments.contains("--budget 9GB --min")
        let own = isBare ? "--model m.gguf --impacts i.csv" : Self.dense
        let run = try plan("\(arguments) \(own)")
        #expect(run.exitCode == code, "\(run.errors)")
        #expect(run.errors.contains(sentence), "\(run.errors)")
        #expect(!folder.exists("plans"))
    }

    @Test("pictures, and networks that nobody wrote down, are not put on devices")
    func refusesModels() throws {
        let picture = try plan("--device gpu=24GiB")
        #expect(picture.exitCode == 64)
        #expect(picture.errors.contains("cannot be told where each is"))
        let other = try plan("--model other.gguf --impacts i.csv --device gpu=24GiB")
        #expect(other.exitCode == 64)
        #expect(other.errors.contains("cannot be put on several devices"))
    }
}
