import Sensitivity
import Testing

@Suite("What the cells of a table are")
struct ImpactMeaningTests {
    private func read(_ text: String, name: String = "t", _ options: ImpactImportOptions = .init())
        throws(SensitivityError) -> ImpactTable
    {
        try ImpactTableReader.read(text: text, name: name, options: options).table
    }

    private let full = ImpactMeaning(
        kind: .loss,
        unit: "KL divergence, nats per token",
        method: "gradients of 4 sequences",
        importance: ImportanceReference(
            name: "folder/my imatrix.gguf",
            digest: "fnv1a64:0c5d",
            filled: ["a.weight", "b"]
        ),
        gradients: ImportanceReference(name: "g.gguf", digest: "fnv1a64:5f0c"),
        uncertainty: 0.2
    )

    @Test("CSV says it in comments before the header, and reads them back with the same digest")
    func csv() throws {
        let plain = try read("layer,Q4_0,Q8_0\na,1,0.5\nb,inf,\n")
        #expect(plain.meaning == .unknown)
        #expect(plain.csv() == "# kind: unknown\nlayer,Q4_0,Q8_0\na,1.0,0.5\nb,inf,\n")
        #expect(try read(plain.csv()).meaning == .unknown)
        let table = plain.with(meaning: full)
        #expect(
            table.csv() == """
                # kind: loss
                # unit: KL divergence, nats per token
                # method: gradients of 4 sequences
                # uncertainty: 0.2
                # gradients: fnv1a64:5f0c g.gguf
                # importance: fnv1a64:0c5d my imatrix.gguf
                # filled: a.weight, b
                layer,Q4_0,Q8_0
                a,1.0,0.5
                b,inf,

                """
        )
        let again = try read(table.csv())
        #expect(again == table)
        #expect(again.digest == plain.digest)
        // Comments are no empty rows.
        #expect(again.lint { _ in nil } == plain.lint { _ in nil })
    }

    @Test("other comments are passed over, in long form and before results of GGUF-Tool-Suite too")
    func otherComments() throws {
        let long = try read(
            "#made on Monday: by hand\r\n\r\n#  Kind : x\r\n# kind:amplitude\r\nlayer,format,impact\r\na,Q4_0,1\r\n"
        )
        #expect(long.meaning == ImpactMeaning(kind: .amplitude))
        #expect(long.impact(layer: "a", format: "Q4_0") == 1)
        let suite = try read("# kind: amplitude\nQTYPE,a\nq4_0,1\n")
        #expect(suite.meaning.kind == .amplitude)
        #expect(try read("# kind: amplitude\na:\n  Q4_0: 1\n").meaning == ImpactMeaning(kind: .amplitude))
    }

    @Test("a row's line is that of the file, comments counted")
    func lines() {
        #expect {
            try read("# kind: loss\n# unit: x\nlayer,Q4_0\na,-1\n")
        } throws: { error in
            "\(error)".contains("4")
        }
    }

    @Test(
        "a kind that is none, a key that stands twice and an importance without a digest are errors",
        arguments: [
            ("# kind: lost\nlayer,Q4_0\na,1\n", "amplitude, loss, unknown"),
            ("# kind: loss\n# kind: loss\nlayer,Q4_0\na,1\n", "twice"),
            ("# importance: imatrix\nlayer,Q4_0\na,1\n", "its digest and its name"),
            (#"{"kind": "lost", "layers": {"a": {"Q4_0": 1}}}"#, "amplitude, loss, unknown"),
            (#"{"unit": 1, "layers": {"a": {"Q4_0": 1}}}"#, "unit is 1; give a string"),
            (#"{"importance": {"name": "i"}, "layers": {"a": {"Q4_0": 1}}}"#, #"importance has no "digest""#),
        ]
    )
    func errors(text: String, sentence: String) {
        #expect {
            try read(text)
        } throws: { error in
            "\(error)".contains(sentence)
        }
    }

    @Test("JSON says it in members of the object, long and wide")
    func json() throws {
        let members = """
            "kind": "loss", "unit": "KL divergence, nats per token", "method": "gradients of 4 sequences", \
            "uncertainty": 0.2, "gradients": {"name": "g.gguf", "digest": "fnv1a64:5f0c"}, \
            "importance": {"name": "my imatrix.gguf", "digest": "fnv1a64:0c5d", "filled": ["a.weight", "b"]}
            """
        #expect(try read("{\(members), \"layers\": {\"a\": {\"Q4_0\": 1}}}").meaning == full)
        let long = #"{"impacts": [{"layer": "a", "format": "Q4_0", "impact": 1}], \#(members)}"#
        #expect(try read(long).meaning == full)
        #expect(try read(#"{"kind": null, "layers": {"a": {"Q4_0": 1}}}"#).meaning == .unknown)
        #expect(try read(#"[{"layer": "a", "format": "Q4_0", "impact": 1}]"#).meaning == .unknown)
    }

    @Test("tables of other programs have the kind of what those programs measure")
    func elsewhere() throws {
        #expect(
            try read("QTYPE,a\nq4_0,0.1\n", name: "kld_results").meaning.description
                == "losses (KL divergence, nats per token; measured)"
        )
        #expect(try read("QTYPE,a\nq4_0,0.1%\n").meaning.unit == "change of perplexity, as a share")
        #expect(try read("QTYPE,a\nq4_0,7.1\n", name: "ppl_results").meaning.unit == "perplexity")
        let mlx = ImpactImportOptions(lowFormat: "Q4_0", highFormat: "Q8_0", parameterCounts: ["a": 1])
        #expect(
            try read(#"[["a", 0.1]]"#, mlx).meaning.description
                == "losses (KL divergence, nats per token; gradients to first order)"
        )
        let exllama = #"{"measurement": {"a": [{"accuracy": 0.9, "total_bits": 80}]}}"#
        #expect(try read(exllama).meaning.kind == .amplitude)
        #expect(
            try read("0:\n  Q4_1: 2\n").meaning.description
                == "losses (mean square error of the end; measured)"
        )
        #expect(try read("|layer|Q4_1|\n|-|-|\n|a|1|\n").meaning == .unknown)
        #expect(try ImpactTable.fluxDevTable3.meaning.kind == .amplitude)
        let page = try SensitivityAnalysisPage.fluxDev.markdown
        #expect(try read(page).meaning.kind == .amplitude)
    }

    @Test("a scaled table keeps it, and what is no text of one line becomes one")
    func keeps() throws {
        let table = try read("layer,Q4_0\na,1\n").with(meaning: full)
        #expect(try table.replacingImpacts(name: "u") { 2 * $2 }.meaning == full)
        let odd = ImpactMeaning(kind: .loss, unit: " a\nb ", method: "\t")
        #expect(odd.unit == "a b" && odd.method == nil)
    }

    @Test(
        "an expected loss reads with its unit",
        arguments: [
            ("KL divergence, nats per token", "KL divergence of 0.25 nats per token, ±30 %"),
            ("1 - cos", "1 - cos of 0.25, ±30 %"), ("1 − cos", "1 − cos of 0.25, ±30 %"),
            ("perplexity", "0.25 perplexity, ±30 %"), ("nats", "0.25 nats, ±30 %"),
            ("nats/token", "0.25 nats/token, ±30 %"),
        ]
    )
    func expectations(unit: String, words: String) {
        let meaning = ImpactMeaning(kind: .loss, unit: unit, uncertainty: 0.3)
        #expect(meaning.expectation(of: 0.25, written: "0.25") == words)
    }
}
