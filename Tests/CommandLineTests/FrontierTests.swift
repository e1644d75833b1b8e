import Foundation
import TestSupport
import Testing

@Suite struct FrontierTests {
    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: packageRoot)
    }

    private func object(_ run: ProgramRun) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    @Test("frontier gives all 1,213 best plans of the built-in model as JSON, and says that they are all")
    func givesEveryPlan() throws {
        let run = try plan("frontier", "--format", "json")
        #expect(run.exitCode == 0)
        let result = try object(run)
        let points = try #require(result["points"] as? [[String: Any]])
        #expect(points.count == 1213)
        #expect(result["complete"] as? Bool == true)
        #expect(points.first?["bytes"] as? Int == 7_536_977_184)
        #expect(points.last?["impact"] as? Double == 0)
        #expect(points.count { $0["knee"] as? Bool == true } == 3)
        #expect(points[0]["nextBytes"] as? Int == 17_694_720)
    }

    @Test("a published recipe stands on the curve and one format for all above it")
    func comparesPlans() throws {
        let result = try object(
            try plan("frontier", "--with", "plans/flux1-dev-9GB.json", "--format", "json")
        )
        let compared = try #require(result["compared"] as? [[String: Any]])
        #expect(compared.last?["kind"] as? String == "recipe")
        #expect(compared.last?["excessImpact"] as? Double == 0)
        let q8 = try #require(compared.first { $0["name"] as? String == "Q8_0" })
        #expect(try #require(q8["excessImpact"] as? Double) > 0.5)
    }

    @Test("as text the curve is thinned, with the knees and the price of the next step")
    func printsText() throws {
        let run = try plan("frontier")
        #expect(run.output.hasPrefix("flux1-dev: 1,213 best plans, every one there is; 27 shown\n"))
        #expect(
            run.output.contains(" 8.47 GB   7.89 GiB   5.69     2.8755    0  knee  +470.68 MB  buys -13 %\n")
        )
        #expect(try plan("frontier", "--chart").output.contains("* best plan, K knee"))
    }

    @Test(
        "where a limit on formats binds, as many plans as asked for are solved one by one, and a note says so"
    )
    func samplesWhereLimited() throws {
        let run = try plan("frontier", "--max-formats", "2", "--points", "8", "--format", "csv")
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("not every best plan is here"))
        #expect(run.output.split(separator: "\n").filter { $0.hasPrefix("frontier,") }.count <= 10)
    }

    @Test("the drawing is well-formed XML in which names from files are text")
    func drawsSVG() throws {
        let scratch = try ScratchFolder()
        let name = "<script>&'\".json"
        try FileManager.default.copyItem(
            at: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json"),
            to: scratch.url.appendingPathComponent(name)
        )
        let run = try ProgramRun.plan(
            ["frontier", "--format", "svg", "--with", name, "-o", "f.svg"],
            in: scratch.url
        )
        #expect(run.exitCode == 0)
        let drawing = try scratch.text("f.svg")
        #expect(drawing.contains("&lt;script&gt;&amp;&#39;&quot;.json"))
        #expect(!drawing.contains("<script"))
        let check = try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["python3", "-c", "import xml.dom.minidom; xml.dom.minidom.parse('f.svg')"],
            in: scratch.url
        )
        #expect(check.exitCode == 0)
    }

    @Test("a recipe that is missing, or has other layers, ends the frontier with one sentence")
    func refusesOtherRecipes() throws {
        #expect(try plan("frontier", "--with", "nowhere.json").exitCode == 66)
        let scratch = try ScratchFolder()
        let recipe = try String(
            contentsOf: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json"),
            encoding: .utf8
        )
        let file = scratch.url.appendingPathComponent("other.json")
        try Data(recipe.replacing("\"layer00.img\"", with: "\"other\"").utf8).write(to: file)
        let run = try plan("frontier", "--with", file.path)
        #expect(run.exitCode == 65)
        #expect(run.errors.contains("does not have the layers"))
        #expect(try plan("frontier", "--points", "1").exitCode == 64)
    }

    @Test(
        "plans that do not keep to the restrictions are marked, wherever they are held against those that do"
    )
    func marksUnrestrictedPlans() throws {
        let arguments = ["--pin", "layer00.img=BF16", "--with", "plans/flux1-dev-9GB.json"]
        let json = try ProgramRun.plan(["frontier", "--format", "json"] + arguments, in: packageRoot)
        let compared = try #require(try object(json)["compared"] as? [[String: Any]])
        for plan in compared {
            // The recipe has the pinned layer in BF16, and one format for all has it so in BF16 alone.
            let keeps = plan["kind"] as? String == "recipe" || plan["name"] as? String == "BF16"
            #expect(plan["keepsRestrictions"] as? Bool == keeps)
        }
        let text = try ProgramRun.plan(["frontier"] + arguments, in: packageRoot)
        #expect(text.output.contains("  not allowed: layer00.img\n"))
        #expect(text.errors.contains("do not keep to the restrictions"))
        #expect(try !plan("frontier").output.contains("not allowed"))
        let summary = try plan("--budget", "10GB", "--pin", "layer00.img=BF16", "-o", "/dev/null")
        #expect(summary.output.contains("does not keep to the restrictions"))
    }

    @Test(
        "one format for all names the layers that may not take it, in every form",
        arguments: ["text", "json", "csv", "markdown", "svg"]
    )
    func showsExceptions(format: String) throws {
        let run = try plan("frontier", "--points", "3", "--format", format)
        #expect(run.exitCode == 0)
        #expect(run.output.contains("layer18.img, layer18.txt in BF16"))
        #expect(!run.output.contains("not allowed"))
        let limited = try plan(
            "frontier",
            "--max-formats",
            "1",
            "--points",
            "2",
            "--time-limit",
            "2",
            "--format",
            format
        )
        #expect(limited.output.contains("layer18.img, layer18.txt in BF16"))
        if ["text", "markdown"].contains(format) {
            #expect(limited.output.contains("not allowed: 2 formats, at most 1"))
        }
    }

    @Test("a recipe that was planned for something else is measured, and a note says for what")
    func notesOtherRecipes() throws {
        let other = try plan("frontier", "--combine", "rss", "--with", "plans/flux1-dev-9GB.json")
        #expect(other.exitCode == 0)
        #expect(other.errors.contains("combines impacts by sum; its choices are measured here by rss"))
        let scratch = try ScratchFolder()
        let schnell = ["--model", "flux1-schnell", "--impacts", "flux1-dev-table3"]
        let made = try ProgramRun.plan(["--budget", "9GB", "-o", "s.json"] + schnell, in: scratch.url)
        #expect(made.exitCode == 0)
        let foreign = try ProgramRun.plan(["frontier", "--with", "s.json"], in: scratch.url)
        #expect(foreign.exitCode == 0)
        #expect(foreign.errors.contains("s.json is for another model, \"flux1-schnell\""))
        let own = try ProgramRun.plan(["frontier", "--with", "s.json"] + schnell, in: scratch.url)
        #expect(!own.errors.contains("another model"))
    }

    @Test(
        "a chart that is not drawn is not left out without a word",
        arguments: ["svg", "csv", "json", "markdown"]
    )
    func saysWhereNoChartIs(format: String) throws {
        let run = try plan("frontier", "--chart", "--format", format)
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("--chart draws with --format text only"))
    }

    @Test(
        "as Markdown a model's name is text, and the next step is that to the next row where rows are left out"
    )
    func writesMarkdown() throws {
        let scratch = try ScratchFolder()
        try scratch.write(#"{"model": "a*b<c", "tensors": [{"name": "l", "shape": [64, 256]}]}"#, "m.json")
        try scratch.write("layer,Q4_0,Q8_0\nl,0.5,0.1\n", "i.csv")
        let run = try ProgramRun.plan(
            ["frontier", "--format", "markdown", "--model", "m.json", "--impacts", "i.csv"],
            in: scratch.url
        )
        #expect(run.output.hasPrefix(#"a\*b\<c: 3 best plans, every one there is"#))
        #expect(run.output.contains("| Next step |"))
        #expect(try plan("frontier").output.contains("  Next row\n"))
    }

    @Test(
        "a file's ending says how the curve is written",
        arguments: [
            ("f.svg", "<svg "), ("f.csv", "kind,name,bytes,"), ("f.json", "{"), ("f.md", "flux1-dev: "),
            ("f.txt", "flux1-dev: "), ("curve", "flux1-dev: "),
        ]
    )
    func endings(name: String, beginning: String) throws {
        let folder = try ScratchFolder()
        let run = try folder.plan("frontier --points 5 -o \(name)")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.text(name).hasPrefix(beginning))
        #expect(try folder.text(name).contains(" Size |") == (name == "f.md"))
    }

    @Test("an ending that nothing is written for, or that another format has, is refused before the search")
    func refusesEndings() throws {
        let folder = try ScratchFolder()
        for (words, sentence) in [
            ("-o f.png", "f.png ends with .png, which is not written"),
            ("--format csv -o f.svg", "f.svg has the ending of SVG, and this is written as CSV"),
            ("--format text -o f.md", "f.md has the ending of Markdown, and this is written as text"),
        ] {
            let run = try folder.plan("frontier \(words)")
            #expect(run.exitCode == 64 && run.errors.contains(sentence), "\(run.errors)")
        }
        #expect(try folder.names() == [])
        #expect(try folder.plan("frontier --points 5 --format svg -o f.picture").exitCode == 0)
    }
}
