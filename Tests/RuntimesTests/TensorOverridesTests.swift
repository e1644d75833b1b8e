import Runtimes
import TestSupport
import Testing

/// The rules that move tensors, read back.
@Suite struct TensorOverridesTests {
    private static let tensors: [String] =
        ["token_embd.weight", "output.weight", "output_norm.weight"]
        + (0..<24).flatMap { block in
            ["attn_output", "ffn_up_exps", "ffn_down_exps", "ffn_gate_inp"].map {
                "blk.\(block).\($0).weight"
            }
        }

    @Test("whatever goes elsewhere is moved there, and nothing else is", arguments: 0..<200)
    func readsBack(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        var places: [String: String] = [:]
        for tensor in Self.tensors where Int.random(in: 0..<3, using: &generator) == 0 {
            places[tensor] = ["CPU", "CUDA1"].randomElement(using: &generator)
        }
        let overrides = try TensorOverrides(places, tensors: Self.tensors)
        for tensor in Self.tensors { #expect(overrides.device(of: tensor) == places[tensor]) }
        #expect(overrides.rules.count <= 4 * 2 + 3)
    }

    @Test("a rule names its tensors exactly: neither output.weight takes attn_output, nor block 1 block 10")
    func isAnchored() throws {
        let overrides = try TensorOverrides(
            ["output.weight": "CPU", "blk.1.ffn_up_exps.weight": "CPU", "blk.3.ffn_up_exps.weight": "CPU"],
            tensors: Self.tensors
        )
        #expect(
            overrides.argument == #"^output\.weight$=CPU,^blk\.(1|3)\.ffn_up_exps\.weight$=CPU"#
        )
        #expect(overrides.device(of: "blk.0.attn_output.weight") == nil)
        #expect(overrides.device(of: "blk.10.ffn_up_exps.weight") == nil)
    }

    @Test("a name that no rule can hold is refused")
    func refusesCommas() throws {
        for name in ["a,b.weight", "a=b.weight"] {
            #expect(throws: RuntimeError.unplaceable(tensor: name)) {
                try TensorOverrides([name: "CPU"], tensors: [name])
            }
        }
        #expect(try TensorOverrides([:], tensors: Self.tensors).argument == nil)
        #expect(
            try TensorOverrides(["a+b.(1).w": "CPU"], tensors: ["a+b.(1).w", "aab.1.w"]).rules.count == 1
        )
    }
}
