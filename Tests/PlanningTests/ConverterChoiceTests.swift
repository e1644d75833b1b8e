import BitAllocation
import Checkpoints
import Converters
import Foundation
import Planning
import Recipes
import Runtimes
import Sensitivity
import Tensors
import TestSupport
import Testing

/// Which converter binds a plan where none is named.
@Suite struct ConverterChoiceTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// A GGUF file with a table of these formats.
    private func input(_ formats: [String]) throws -> PlanningInput {
        let model = try Model.read(path: folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf"))
        let row: [ImpactCell] = formats.map { _ in .impact(0.1) }
        let table = try ImpactTable(
            name: "t",
            formats: formats,
            layers: ["blk.0.attn_q.weight", "blk.0.ffn_down.weight"],
            cells: [row, row]
        )
        return PlanningInput(model: model, table: table)
    }

    /// What is said where no converter binds the plan.
    private func obstacle(
        _ formats: [String],
        _ change: (inout PlanningRules) throws -> Void = { _ in }
    ) throws -> WritingObstacle? {
        var rules = PlanningRules()
        try change(&rules)
        let choice = try ConverterChoice(usualFor: try input(formats), rules)
        guard case .bindsNone(let obstacle) = choice.remark else { return nil }
        #expect(choice.converter == nil)
        return obstacle
    }

    @Test("a GGUF model's plan is for this program, which leaves out what it does not write")
    func own() throws {
        let plain = try ConverterChoice(usualFor: try input(["Q4_0", "Q8_0"]), PlanningRules())
        #expect(plain.converter?.name == Converters.usual(for: .gguf).name && plain.remark == nil)
        let mixed = try ConverterChoice(usualFor: try input(["Q4_0", "float8_e4m3fn"]), PlanningRules())
        #expect(mixed.converter?.name == Converters.usual(for: .gguf).name)
        #expect(mixed.remark == .leavesOut(["float8_e4m3fn"], of: .gguf))
        // Who names the formats knows which are left out.
        var rules = PlanningRules()
        rules.formats = [.q4_0]
        #expect(try ConverterChoice(usualFor: try input(["Q4_0", "float8_e4m3fn"]), rules).remark == nil)
    }

    @Test("what this program does not write binds no converter, and the first reason is said")
    func obstacles() throws {
        #expect(try obstacle(["float8_e4m3fn"]) == .noColumn(of: .gguf, other: nil))
        #expect(
            try obstacle(["Q4_0", "float8_e4m3fn"]) { $0.formats = [.q4_0, .float8_e4m3fn] }
                == .format("float8_e4m3fn", of: .gguf)
        )
        #expect(
            try obstacle(["Q4_0"]) {
                $0.kept = [.init(try Glob("output_norm.weight"), format: .f16, description: "norm")]
            } == .keptOtherwise(tensor: "output_norm.weight", format: .f16)
        )
        let choice = try ConverterChoice(
            usualFor: try input(["Q4_0", "Q8_0"]),
            PlanningRules(),
            defined: ["IQ9", "Q8_0"]
        )
        #expect(choice.converter == nil && choice.remark == .bindsNone(.format("Q8_0", of: nil)))
    }

    @Test("what is kept by the name of its layer is kept as by the names of its tensors")
    func keptLayer() throws {
        var file = GGUFModel()
        file.add("general.architecture", "llama")
        for name in ["attn_q", "ffn_gate_inp"] {
            file.add("blk.0.\(name).weight", [64, 256], [Float](repeating: 0, count: 64 * 256))
        }
        let table = try ImpactTable(name: "t", formats: ["Q4_0"], layers: ["blk.0"], cells: [[.impact(0.1)]])
        let input = PlanningInput(
            model: try Model.read(path: folder.write(file.bytes, "m.gguf")),
            table: table
        )
        for pattern in ["blk.0", "blk.0.ffn_gate_inp.weight"] {
            var rules = PlanningRules()
            rules.grouping = LayerGrouping(
                name: "blocks",
                keeps: [],
                rules: [try .init("blk.*.*", layer: "blk.{1}")]
            )
            rules.kept = [.init(try Glob(pattern), format: .q8_0, description: pattern)]
            let choice = try ConverterChoice(usualFor: input, rules)
            #expect(choice.converter == nil, "\(pattern)")
            let router = WritingObstacle.keptOtherwise(tensor: "blk.0.ffn_gate_inp.weight", format: .q8_0)
            #expect(choice.remark == .bindsNone(router), "\(pattern)")
        }
    }

    @Test("a model without files, and a runtime of other files, bind no converter and need no word")
    func silent() throws {
        let flux = PlanningInput(model: try .builtIn(named: "flux1-dev"), table: try .fluxDevTable3)
        let inventory = try ConverterChoice(usualFor: flux, PlanningRules())
        #expect(inventory.converter == nil && inventory.remark == nil)
        var rules = PlanningRules()
        rules.runtime = .mlx
        let other = try ConverterChoice(usualFor: try input(["Q4_0"]), rules)
        #expect(other.converter == nil && other.remark == nil)
    }

    @Test("a table of MLX's formats alone makes the plan of a folder from Hugging Face one for MLX")
    func folders() throws {
        let hub = HubFolder(seed: 1)
        try hub.write(to: folder.url.appendingPathComponent("hub"))
        let model = try Model.read(path: folder.path("hub"))
        let layer = try #require(hub.tensors.first { $0.shape.count == 2 }).name
        func input(_ formats: [String]) throws -> PlanningInput {
            let cells: [[ImpactCell]] = [formats.map { _ in .impact(0.1) }]
            return PlanningInput(
                model: model,
                table: try ImpactTable(name: "t", formats: formats, layers: [layer], cells: cells)
            )
        }
        let mlx = try #require(QuantizationFormat.mlx.first).name
        let alone = try input([mlx])
        #expect(try ConverterChoice(usualFor: alone, PlanningRules()).converter?.name == "mlx")
        #expect(ConverterChoice.ofFinishedFiles(alone)?.name == "mlx")
        let mixed = try input([mlx, "Q4_0"])
        #expect(try ConverterChoice(usualFor: mixed, PlanningRules()).converter == nil)
        #expect(ConverterChoice.ofFinishedFiles(mixed) == nil)
    }

    @Test("ComfyUI's converter binds a plan unasked for that program only")
    func usual() {
        let names = [nil] + Converters.all.map { Optional($0.name) }
        #expect(
            names.filter { ConverterChoice.mayBeUsual($0, for: nil) } == [nil, "plan", "mlx"]
        )
        #expect(
            names.filter { ConverterChoice.mayBeUsual($0, for: .comfyUI) } == [nil, "plan", "comfyui", "mlx"]
        )
    }
}

@Suite struct RuleComparisonTests {
    private func planned(_ change: (inout PlanningRules) -> Void = { _ in }) throws -> (
        RestrictedTask, PlannedModel
    ) {
        var rules = PlanningRules()
        change(&rules)
        let task = try RestrictedTask(
            PlanningInput(model: .builtIn(named: "flux1-dev"), table: .fluxDevTable3),
            rules
        )
        return (task, try task.plan(for: .budget(.bytes(9_000_000_000))))
    }

    @Test("Table 3's plans under both rules are counted apart, layer by layer")
    func count() throws {
        let (task, plan) = try planned()
        let (_, other) = try planned { $0.combination = .rss }
        let changed = zip(plan.plan.choices, other.plan.choices).count { $0 != $1 }
        let comparison = try #require(RuleComparison(task, on: plan))
        #expect(comparison.changedLayerCount(with: Allocator()) == changed && changed > 0)
    }

    @Test("a rule that was chosen leaves nothing to ask")
    func chosen() throws {
        let (task, plan) = try planned { $0.combination = .sum }
        #expect(RuleComparison(task, on: plan) == nil)
    }
}
