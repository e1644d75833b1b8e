import Sensitivity
import Tensors
import TestSupport
import Testing

@Suite("reading measurements of exllamav3")
struct ExLlamaGroupsTests {
    private static let sample = """
        {"base": {"dir": "m-2", "bpw": 2.0},
         "alts": [{"dir": "m-4", "bpw": 4.018}, {"dir": "m-6", "bpw": 6.0}],
         "groups": [
           {"idx": 0, "layers": ["model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj"],
            "candidates": [{"dkld": -0.25, "dbits": 4096}, {"dkld": -0.5, "dbits": 8200}]},
           {"idx": 1, "layers": ["model.layers.0.mlp.down_proj"],
            "candidates": [{"dkld": 0.125, "dbits": 1024}, {"dkld": -0.125, "dbits": 2048}]}
         ],
         "base_kld": 0.75, "arch_string": "LlamaForCausalLM"}
        """
    private static let layers = ["model.layers.0.self_attn:q_proj+k_proj", "model.layers.0.mlp.down_proj"]

    private func read(_ text: String, _ counts: [String: Int] = [:]) throws(SensitivityError) -> ImpactTable {
        let reading = try ImpactTableReader.read(
            text: text,
            name: "t",
            options: ImpactImportOptions(parameterCounts: counts)
        )
        #expect(reading.shape == .exllamaGroups)
        return reading.table
    }

    @Test("a cell is how far a copy is above the best of its group, whatever the sign of its change")
    func impacts() throws {
        let table = try read(Self.sample)
        #expect(table.layers == Self.layers)
        #expect(table.formats == ["exl3-2.00bpw", "exl3-4.02bpw", "exl3-6.00bpw"])
        #expect(table.cells.map { $0.map(\.impact) } == [[0.5, 0.25, 0], [0.125, 0.25, 0]])
        #expect(table.meaning.kind == .loss)
        #expect(table.byteCounts == [[0, 512, 1025], [0, 128, 256]])
    }

    @Test("with the numbers of weights a size is that of the base copy and what is added")
    func sizes() throws {
        let counts = [
            "model.layers.0.self_attn.q_proj": 1024, "model.layers.0.self_attn.k_proj": 512,
            "model.layers.0.mlp.down_proj": 4,
        ]
        #expect(try read(Self.sample, counts).byteCounts == [[384, 896, 1409], [1, 129, 257]])
        #expect(
            sentence { try read(Self.sample, ["other": 1]) }?.hasPrefix(
                """
                t:4: the model has no layer "model.layers.0.self_attn.q_proj", whose number of weights the cells need: give the model
                """
            ) == true
        )
    }

    @Test(
        "what is missing, of another kind or there twice is an error that names it",
        arguments: [
            (#""dkld": -0.25"#, #""dkld": "x""#, "dkld"), (#""dbits": 4096"#, #""dbits": null"#, "dbits"),
            (#"{"dkld": 0.125, "dbits": 1024}, "#, "", "candidates"),
            (#"["model.layers.0.mlp.down_proj"]"#, "[]", "layers"), (#""bpw": 2.0"#, #""x": 2.0"#, "bpw"),
            (
                #"["model.layers.0.mlp.down_proj"]"#,
                #"["model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj"]"#, "twice"
            ),
        ]
    )
    func mistakes(text: String, replacement: String, words: String) throws {
        let error = try #require(throws: SensitivityError.self) {
            try read(Self.sample.replacing(text, with: replacement))
        }
        #expect(error.description.contains(words), "\(error)")
    }

    @Test(
        "modules that are listed in a name are found again",
        arguments: [
            ["a.b.q", "a.b.k", "a.b.v"], ["a.b"], ["a", "b"], ["a.0.x", "a.1.y.z"], ["m.x.1", "m.x.1.y"],
        ]
    )
    func names(modules: [String]) throws {
        let name = try #require(ListedModules.name(of: modules))
        #expect(ListedModules.modules(of: name) == modules)
    }
}
