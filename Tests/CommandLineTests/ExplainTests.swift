import Foundation
import TestSupport
import Testing

@Suite struct ExplainTests {
    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: packageRoot)
    }

    @Test("explain shows a layer's options with what each would cost, in full")
    func explainsLayer() throws {
        let run = try plan("explain", "layer05.txt", "--budget", "9GB")
        #expect(run.exitCode == 0)
        #expect(
            run.output == """
                layer05.txt takes Q5_1 within 9.00 GB (8.38 GiB)

                Plan    impact 2.4498, proven the least; layer05.txt adds 0.05207
                Price   a further MB would save 0.0007017 of impact at this budget
                Why     its impact plus the price of its bytes is the least of the layer's options
                Changes previous change: from Q4_1 at 8.33 GB (8,333,239,584 bytes); next change: Q8_0 at 10.59 GB (10,587,546,912 bytes)

                Format              Size    Impact  Standing           Reduced cost  Pinned impact           Pin costs
                -------------  ---------  --------  -----------------  ------------  -------------  ------------------  ------
                Q4_1           106.17 MB  0.085241                          0.01827         2.4701  +0.02037 (+0.83 %)  proven
                Q5_1           127.40 MB   0.05207  chosen                        0         2.4498                   0  proven
                float8_e4m3fn  169.87 MB   0.10847  dominated by Q4_1        0.0862         2.5347    +0.0849 (+3.5 %)  proven
                Q8_0           180.49 MB  0.027136                         0.012317         2.4631  +0.01337 (+0.55 %)  proven
                BF16           339.74 MB         0                         0.096934         2.5566    +0.1068 (+4.4 %)  proven

                Table   flux1-dev-table3: amplitudes (S·sqrt(L/R)), added up as its author does; rss would take them as independent

                """
        )
    }

    @Test("the budgets at which explain says the format changes are those at which it does")
    func findsChanges() throws {
        let json = try plan("explain", "layer05.txt", "--budget", "9GB", "--format", "json")
        let result = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: [[String: Any]]]
        )
        let changes = try #require(result["changes"])
        #expect(changes.count == 2)
        for change in changes {
            let bytes = try #require(change["bytes"] as? Int)
            let format = try #require(change["format"] as? String)
            func takes(_ budget: Int) throws -> Bool {
                try plan("--budget", "\(budget)", "-o", "-").output.contains(
                    "\"layer\": \"layer05.txt\",\n      \"format\": \"\(format)\""
                )
            }
            let isBelow = change["change"] as? String == "previous"
            #expect(try takes(bytes) == !isBelow)
            #expect(try takes(bytes - 1) == isBelow)
        }
        // Best plans are not nested, so the next change is no promise for all budgets beyond it.
        let beyond = try plan("--budget", "10.7GB", "-o", "-")
        #expect(beyond.output.contains("\"layer\": \"layer05.txt\",\n      \"format\": \"Q5_1\""))
    }

    @Test("without a layer, explain lists the ten that matter most and the ten that hold most bytes")
    func ranksLayers() throws {
        let run = try plan("explain", "--budget", "9GB")
        #expect(run.exitCode == 0)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 * 12 + 4)
        #expect(lines[2].hasPrefix("layer00.img"))
    }

    @Test("for a budget that nothing fits, explain says what forces the size, with exit code 2")
    func explainsImpossibleBudgets() throws {
        let run = try plan("explain", "--budget", "7GB")
        #expect(run.exitCode == 2)
        #expect(run.output.contains("kept tensors, header, alignment"))
        #expect(run.output.contains("66 more layers"))
        #expect(run.errors.contains("no plan fits"))
    }

    @Test("under a maximum there is no price, and the pins are proven all the same")
    func explainsMaximum() throws {
        let run = try plan("explain", "layer18.img", "--budget", "9GB", "--combine", "max")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("bytes have no price of their own"))
        #expect(!run.output.contains("adds"))
        #expect(run.output.contains("Never   float8_e4m3fn, Q8_0: no finite impact in the table\n"))
    }

    @Test("under a root of squares the layer has a share of the squares, in which reduced costs are given")
    func explainsSquares() throws {
        let run = try plan("explain", "layer05.txt", "--budget", "9GB", "--combine", "rss")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("% of the sum of squares"))
        #expect(!run.output.contains("adds"))
        #expect(run.output.contains("Reduced cost (squared)"))
    }

    @Test("a layer that is not there is an error that names some that are")
    func refusesUnknownLayers() throws {
        let run = try plan("explain", "layer05", "--budget", "9GB")
        #expect(run.exitCode == 64)
        #expect(run.errors.contains("there is no layer \"layer05\"; there is layer05.img, layer05.txt"))
        let none = try plan("explain", "layer99.txt", "--budget", "9GB")
        #expect(none.exitCode == 64)
        #expect(none.errors.contains("plan inspect MODEL --layers lists all"))
        let pin = try plan("--budget", "9GB", "--pin", "nolayer*=BF16", "-o", "/dev/null")
        #expect(pin.errors.contains("plan inspect MODEL --layers lists the layers' names"))
    }

    @Test("under a limit on formats the reasons speak of the formats that the plan takes")
    func explainsUnderFormatLimit() throws {
        let run = try plan("explain", "layer05.txt", "--budget", "9GB", "--max-formats", "2")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("with no other formats than the plan's"))
        #expect(run.output.contains("in the formats that the plan takes"))
        #expect(run.output.contains("not in the plan's formats"))
        #expect(run.output.contains("budgets that were solved"))
    }

    @Test("under a second budget both have a price")
    func explainsUnderSecondBudget() throws {
        let scratch = try ScratchFolder()
        try scratch.write("format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n", "costs.csv")
        let run = try ProgramRun.plan(
            ["explain", "layer05.txt", "--budget", "10GB", "--slowdown", "1.2", "--costs", "costs.csv"],
            in: scratch.url
        )
        #expect(run.exitCode == 0)
        #expect(run.output.contains("0.01 more of the second budget would save 0.0"))
        #expect(run.output.contains("the prices of its bytes and of the second budget"))
    }

    @Test("a layer that has no choice is said to have none, and tied layers are explained together")
    func explainsPinsAndTies() throws {
        let pinned = try plan("explain", "layer05.txt", "--budget", "9GB", "--pin", "layer05.txt=Q8_0")
        #expect(pinned.output.contains("Why     no other format is allowed here"))
        #expect(pinned.output.contains("forbidden by --pin layer05.txt=Q8_0"))
        let tied = try plan("explain", "layer05.txt", "--budget", "9GB", "--tie", "layer*.???")
        #expect(tied.output.contains("of all that the tied layers have in common"))
        #expect(
            tied.output.contains(
                "Tied    to layer05.img; reduced costs and dominance are those of all together"
            )
        )
    }

    @Test("as JSON the changes say in what they were looked for")
    func hedgesChanges() throws {
        for (arguments, isComplete) in [([], true), (["--max-formats", "2"], false)] {
            let run = try ProgramRun.plan(
                ["explain", "layer05.txt", "--budget", "9GB", "--format", "json"] + arguments,
                in: packageRoot
            )
            let result = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: [[String: Any]]]
            )
            let curve = try #require(result["curve"]?.first)
            #expect(curve["complete"] as? Bool == isComplete)
            #expect(try #require(curve["budgets"] as? Int) > 2)
        }
    }

    @Test("where restrictions keep a budget from being met, explain names those to relax")
    func explainsRestrictedBudgets() throws {
        let run = try plan("explain", "--budget", "9GB", "--pin", "*.x=BF16", "--at-most", "layer00.*=Q8_0")
        #expect(run.exitCode == 2)
        #expect(run.output.contains("Q4_1 is forbidden by --pin *.x=BF16"))
        #expect(run.errors.contains("relax --pin *.x=BF16"))
    }
}
