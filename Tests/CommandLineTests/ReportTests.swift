import Foundation
import TestSupport
import Testing

/// The page as a file; `Scripts/test-page` drives it in a browser.
@Suite struct ReportTests {
    private func page(_ arguments: String..., notes: ((String) -> Void)? = nil, files: [String: String] = [:])
        throws -> String
    {
        let scratch = try ScratchFolder()
        for (name, text) in files {
            try scratch.write(text, name)
        }
        let run = try ProgramRun.plan(["report", "-o", "page.html"] + arguments, in: scratch.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        notes?(run.errors)
        return try scratch.text("page.html")
    }

    private func data(_ page: String) throws -> [String: Any] {
        let start = try #require(page.range(of: "<script type=\"application/json\" id=\"data\">")).upperBound
        let end = try #require(page[start...].range(of: "</script>")).lowerBound
        let object = try JSONSerialization.jsonObject(with: Data(page[start..<end].utf8))
        return try #require(object as? [String: Any])
    }

    @Test(
        "the page of FLUX has its whole frontier in less than a megabyte, and names no address but that of SVG"
    )
    func isSmallAndSelfContained() throws {
        let page = try page("--budget", "9GB")
        #expect(page.utf8.count < 1_000_000)
        let points = try #require(try data(page)["points"] as? [String: String])
        #expect(points["bytes"]?.split(separator: " ").count == 1213)
        #expect(points["changes"]?.split(separator: ",", omittingEmptySubsequences: false).count == 1213)
        let addresses = page.components(separatedBy: "http").dropFirst().filter { !$0.hasPrefix("-equiv") }
        #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
        #expect(!page.contains("src="))
    }

    @Test("without a name of its own a page replaces that of the same model and table, and no other")
    func defaultNames() throws {
        let folder = try ScratchFolder()
        let model = #"{"model": "m", "tensors": [{"name": "a", "shape": [64, 256]}]}"#
        try folder.write(Array(model.utf8), "m.json")
        try folder.write(Array("# kind: loss\nlayer,Q4_0,Q8_0\na,0.5,0.1\n".utf8), "i.csv")
        try folder.write(Array("# kind: loss\nlayer,Q4_0,Q8_0\na,0.6,0.1\n".utf8), "j.csv")
        let options = "report --model m.json --impacts"
        #expect(try folder.plan("\(options) i.csv").exitCode == 0)
        let first = try folder.data("report.html")
        #expect(
            try folder.plan("\(options) i.csv").exitCode == 0
                && folder.names(".") == ["i.csv", "j.csv", "m.json", "report.html"]
        )
        let other = try folder.plan("\(options) j.csv")
        #expect(
            other.exitCode == 0 && other.errors.contains("report.html stays, as it is of another"),
            "\(other.errors)"
        )
        #expect(try folder.data("report.html") == first)
        let name = try #require(try folder.names(".").first { $0.hasPrefix("report-m-") })
        let page = try folder.data(name)
        #expect(try folder.plan("\(options) j.csv").exitCode == 0 && folder.data(name) == page)
        #expect(try folder.names(".").count == 5)
    }

    @Test("names from files cannot end the data or begin an element")
    func escapesNames() throws {
        let name = "</script><script>broken()</script>"
        let page = try page(
            "--model",
            "m.json",
            "--impacts",
            "i.csv",
            files: [
                "m.json":
                    "{\"model\": \"\(name)\", \"tensors\": [{\"name\": \"\(name)\", \"shape\": [64, 256]}]}",
                "i.csv": "layer,Q4_0,Q8_0\n\(name),0.5,0.1\n",
            ]
        )
        #expect(!page.contains("broken()</script>"))
        #expect(page.components(separatedBy: "</script>").count == 3)
        #expect(page.contains("<h1>&lt;/script&gt;&lt;script&gt;broken()&lt;/script&gt;</h1>"))
        let layers = try #require(try data(page)["layers"] as? [[String: Any]])
        #expect(layers.first?["name"] as? String == name)
    }

    @Test("the same input gives the same page, to the byte")
    func isReproducible() throws {
        #expect(try page("--points", "20") == page("--points", "20"))
    }

    @Test("where not every plan can be had, the page says how many were solved")
    func samplesWhereLimited() throws {
        let page = try page("--max-formats", "2", "--points", "4")
        #expect(
            page.contains(
                "plans that no other beats in both size and impact, each solved and proven by itself"
            )
        )
    }

    @Test("a budget below every plan, and a file that cannot be written, end with their exit codes")
    func failsInOneSentence() throws {
        let scratch = try ScratchFolder()
        let small = try ProgramRun.plan(["report", "--budget", "1GB", "--points", "5"], in: scratch.url)
        #expect(small.exitCode == 2)
        let folder = try ProgramRun.plan(
            ["report", "--points", "5", "-o", "no/such/folder.html"],
            in: scratch.url
        )
        #expect(folder.exitCode == 73)
        #expect(try ProgramRun.plan(["report", "--budget", "much"], in: scratch.url).exitCode == 64)
    }

    @Test("a page that leaves out plans says how many, on the page and beside it")
    func saysWhatIsLeftOut() throws {
        let thinned = try page("--points", "20") { notes in
            #expect(notes.contains("these are 2"))
            #expect(notes.contains("of 1,213 best plans, evenly spaced in size; --points sets how many"))
        }
        #expect(
            thinned.contains("of the 1,213 plans that no other beats in both size and impact, evenly spaced")
        )
        let greedy = try page("--solver", "greedy") { notes in
            #expect(
                notes.contains(
                    "of 1,213 sizes the search, which ended without a proof, found no plan of its own"
                )
            )
        }
        #expect(greedy.contains("plans, each solved by itself; the gap of each says how far it is proven"))
    }

    @Test("one plan is one plan")
    func countsOne() throws {
        let page = try page(
            "--model",
            "m.json",
            "--impacts",
            "i.csv",
            "--pin",
            "l=Q4_0",
            notes: { #expect($0.contains("page.html: 1 plan, ")) },
            files: [
                "m.json": #"{"model": "m", "tensors": [{"name": "l", "shape": [64, 256]}]}"#,
                "i.csv": "layer,Q4_0,Q8_0\nl,0.5,0.1\n",
            ]
        )
        #expect(page.contains("1 plan, the only one that no other beats"))
        #expect(!page.contains("1 plans"))
    }
}
