import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Runtimes
import Sensitivity
import Tensors
import TestSupport
import Testing

/// The built-in model and table under rules.
private func fluxPlanning(
    converter: String? = nil,
    _ change: (inout PlanningRules) throws -> Void = { _ in }
) throws -> RestrictedTask {
    let model = try Model.builtIn(named: "flux1-dev")
    let bound = try converter.map { try Converters.named($0).adapted(to: model, importance: .none) }
    var rules = PlanningRules(converter: bound)
    try change(&rules)
    return try RestrictedTask(PlanningInput(model: model, table: .fluxDevTable3), rules)
}

@Suite struct RestrictedTaskTests {
    private let generator = Recipe.Generator(version: "0.1.0", arguments: [])

    /// Keeps what a pattern names in a format, or in its own.
    private func keep(_ pattern: String, in format: QuantizationFormat?) throws -> PlanningRules.Keep {
        .init(try Glob(pattern), format: format, description: pattern)
    }

    @Test(
        "what its converter leaves in another format than it is to be kept in is refused, named by layer or by tensor",
        arguments: ["layer18.img", "double_blocks.18.img_mod.lin.weight", "*18*"]
    )
    func keptByLayer(pattern: String) throws {
        do {
            _ = try fluxPlanning(converter: "plan") { $0.kept = [try keep(pattern, in: .q8_0)] }
            Issue.record("nothing was refused")
        } catch PlanningError.keptOtherwise(_, let converter, let found, let asked) {
            #expect(converter == "plan" && found != "Q8_0" && asked == "Q8_0")
        }
        let free = try fluxPlanning { $0.kept = [try keep(pattern, in: .q8_0)] }
        #expect(free.task.model.kept.contains { $0.format == .q8_0 })
        // Of two rules the first counts, which asks for no format.
        let own = try fluxPlanning(converter: "plan") {
            $0.kept = [try keep(pattern, in: nil), try keep("layer17.img", in: nil)]
        }
        #expect(!own.task.model.kept.contains { $0.format == .q8_0 })
    }

    @Test("a runtime refuses a format that tensors are kept in as one that layers are pinned to")
    func keptForRuntime() throws {
        #expect(throws: PlanningError.notDecoded("float8_e4m3fn", runtime: "comfyui-gguf")) {
            try fluxPlanning {
                $0.runtime = .comfyUIGGUF
                $0.kept = [try keep("layer00.img", in: .float8_e4m3fn)]
            }
        }
        _ = try fluxPlanning {
            $0.runtime = .comfyUIGGUF
            $0.kept = [try keep("layer00.img", in: .q8_0)]
        }
    }

    @Test("a plan is nested also in what another plan keeps, and nothing is kept in fewer bits than there")
    func nestedInKept() throws {
        let other = try fluxPlanning { $0.kept = [try keep("layer00.img", in: .q8_0)] }
            .plan(for: .budget(.bytes(9_000_000_000))).recipe(by: generator)
        var formats: [String: QuantizationFormat] = [:]
        for layer in other.layers { formats[layer.layer] = QuantizationFormat(named: layer.format) }
        for kept in other.kept { formats[kept.tensor] = QuantizationFormat(named: kept.format) }
        #expect(formats["layer00.img"] == nil)
        let nested = Restriction(.nestedIn(formats), description: "nested")
        let task = try fluxPlanning { $0.restrictions = [nested] }
        let recipe = try task.plan(for: .budget(.bytes(10_000_000_000))).recipe(by: generator)
        let chosen = try #require(recipe.layers.first { $0.layer == "layer00.img" })
        #expect(try #require(QuantizationFormat(named: chosen.format)).bitsPerWeight >= 8.5)
        #expect(throws: PlanningError.contradiction(relax: ["layer00.img"], budget: nil)) {
            try fluxPlanning {
                $0.restrictions = [nested]
                $0.kept = [try keep("layer00.img", in: .q4_1)]
            }
        }
        _ = try fluxPlanning {
            $0.restrictions = [nested]
            $0.kept = [try keep("layer00.img", in: .bf16)]
        }
    }

    @Test("where what is kept does not fit by itself, no other table is advised")
    func keptTooLarge() throws {
        let task = try fluxPlanning { $0.kept = [try keep("layer0*", in: nil)] }
        let advice = "no format of the layers helps, as what is kept does not fit by itself"
        for (budget, isAdvised) in [(5_000_000_000, true), (8_000_000_000, false)] {
            do {
                _ = try task.plan(for: .budget(.bytes(budget)))
                Issue.record("there is a plan within \(budget)")
            } catch let error as PlanningError {
                #expect(error.description.contains(advice) == isAdvised, "\(error)")
            }
        }
    }

    @Test("tensors without a type of their own that are kept as asked are told")
    func keptAsAsked() throws {
        let task = try fluxPlanning { $0.kept = [try keep("layer00.img", in: .q8_0)] }
        #expect(task.keptCasts.note?.contains("cast as asked: 5 from BF16 to Q8_0") == true)
        #expect(try fluxPlanning().keptCasts.note == nil)
    }

    @Test("why there is no plan is the restrictions to relax where there would be one without them")
    func reasons() throws {
        let floor = Restriction(.atLeast(try Glob("*"), .q8_0), description: "floor")
        let task = try fluxPlanning { $0.restrictions = [floor] }
        let error = AllocationError.infeasible(
            budget: 9_000_000_000,
            smallestBytes: task.task.problem.smallestBytes
        )
        #expect(
            task.reason(for: error, within: 9_000_000_000)
                == .contradiction(relax: ["floor"], budget: 9_000_000_000)
        )
        guard case .noneFits = task.reason(for: error, within: 1_000_000_000) else {
            Issue.record("another reason")
            return
        }
        #expect(task.reason(for: .limitReached, within: 1) == nil)
    }

    @Test(
        "a share of the source is of the model as it comes, whatever is kept in another format",
        arguments: [QuantizationFormat.q8_0, .f32]
    )
    func sourceBytes(format: QuantizationFormat) throws {
        let plain = try fluxPlanning().sourceBytes
        for pattern in ["layer18.img", "double_blocks.18.*.weight", "layer0*"] {
            let kept = try fluxPlanning { $0.kept = [try keep(pattern, in: format)] }
            #expect(kept.sourceBytes == plain && kept.task.sourceBytes != plain, "\(pattern)")
        }
    }

    @Test("a budget is a goal whose plan fits, and is the allocator's own")
    func budget() throws {
        let task = try fluxPlanning()
        let planned = try task.plan(for: .budget(.bytes(9_000_000_000)))
        var problem = task.task.problem
        problem.budget = 9_000_000_000
        let own = try Allocator().plan(for: problem)
        #expect(planned.plan.choices == own.choices && planned.plan.bound == own.bound)
        let recipe = try planned.recipe(by: generator)
        #expect(recipe.limit == .bytes(9_000_000_000))
        #expect(recipe.size.bytes <= 9_000_000_000)
        #expect(recipe.converter == nil)
    }

    @Test("an impact is a goal whose plan is the smallest, and one byte less does not reach it")
    func impact() throws {
        let task = try fluxPlanning()
        let planned = try task.plan(for: .impact(2.5))
        #expect(planned.plan.impact <= 2.5)
        #expect(try planned.recipe(by: generator).limit == .impact(2.5))
        let smaller = try task.plan(for: .budget(.bytes(planned.plan.bytes - 1)))
        #expect(smaller.plan.impact > 2.5)
    }

    @Test("a card is a goal whose plan leaves room for what the runtime keeps, as the recipe records")
    func card() throws {
        let task = try fluxPlanning(converter: "plan")
        var request = CardRequest(bytes: 12_000_000_000)
        request.runtime = .comfyUIGGUF
        let planned = try task.plan(for: .card(request))
        let recipe = try planned.recipe(by: generator)
        let claimed = try #require(recipe.card).claims.reduce(0) { $0 + $1.bytes }
        #expect(claimed > 0)
        #expect(
            try #require(planned.card).cardBytes(of: planned.plan, for: planned.task) + claimed
                <= 12_000_000_000
        )
        #expect(recipe.cardDifferences(planned.input.model).isEmpty)
    }

    @Test(
        "the outcome on a card is the plan of that goal, or says that nothing fits, or that nothing is left"
    )
    func outcomeOnCard() throws {
        let task = try fluxPlanning(converter: "plan")
        var request = CardRequest(bytes: 12_000_000_000)
        request.runtime = .comfyUIGGUF
        let outcome = try task.outcome(on: request)
        let planned = try task.plan(for: .card(request))
        #expect(outcome.plan?.choices == planned.plan.choices)
        #expect(outcome.fileBytes == planned.card?.fileBytes)
        #expect(outcome.cacheBytes == nil)
        #expect(try task.fileBytes(on: request) == planned.card?.fileBytes)
        request.bytes = 3 << 30
        let small = try task.outcome(on: request)
        let left = try task.fileBytes(on: request)
        #expect(small.plan == nil && small.fileBytes == left && left > 0)
        request.bytes = 1 << 30
        #expect(try task.outcome(on: request).fileBytes == nil)
        #expect(try task.fileBytes(on: request) == 0)
        request.context = 1_024
        #expect(throws: RuntimeError.settingWithoutPart(name: "a context", runtime: "comfyui-gguf")) {
            try task.outcome(on: request)
        }
    }

    @Test(
        "every layer of a plan for a converter has a format that the converter makes",
        arguments: [
            "plan", "mixed-gguf-converter", "stable-diffusion.cpp",
        ]
    )
    func converter(name: String) throws {
        let task = try fluxPlanning(converter: name)
        let recipe = try task.plan(for: .budget(.bytes(10_000_000_000))).recipe(by: generator)
        let converter = try Converters.named(name)
        #expect(recipe.converter == name)
        for layer in recipe.layers {
            let format = try #require(QuantizationFormat(named: layer.format))
            #expect(converter.accepts(format) || format == .bf16, "\(layer.layer) in \(layer.format)")
        }
    }

    @Test("a format that only a pin brings in counts in the header that is planned for")
    func finishedFileOfPins() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let all = try ImpactTable.fluxDevTable3
        let pinned = try #require(all.layers.first)
        let table = try ImpactTable(
            name: "t",
            formats: all.formats,
            layers: Array(all.layers.dropFirst()),
            cells: Array(all.cells.dropFirst())
        )
        let converter = try Converters.named("plan").adapted(to: model, importance: .none)
        var rules = PlanningRules(converter: converter)
        rules.restrictions = [
            Restriction(.pin(try Glob(pinned), .iq2_xxs), description: "the first in IQ2_XXS")
        ]
        let task = try RestrictedTask(PlanningInput(model: model, table: table), rules)
        let file = try #require(task.file)
        // It is made with an importance matrix, which the file names.
        #expect(task.task.layout == file.layout && file.accuracy == .tensorData)
        let without = try converter.finishedFile(for: model, formats: [.q8_0])
        #expect(file.layout.headerBytes > without.layout.headerBytes)
    }

    @Test("rules that contradict the converter or the model are refused by what is wrong")
    func refusals() throws {
        #expect(throws: PlanningError.formatRefused("TQ1_0", converter: "mixed-gguf-converter")) {
            try fluxPlanning(converter: "mixed-gguf-converter") { rules in
                rules.restrictions = [
                    Restriction(.pin(try Glob("layer05.*"), .tq1_0), description: "layer05 in TQ1_0")
                ]
            }
        }
        #expect(
            throws: PlanningError.patternMatchesNothing(
                "nothing of that name",
                near: ["layer07.img", "layer07.txt"]
            )
        ) {
            try fluxPlanning {
                $0.kept = [.init(try Glob("layer07.*.*"), description: "nothing of that name")]
            }
        }
        #expect(
            throws: PlanningError.notLoaded(
                converter: "mixed-gguf-converter",
                runtime: "mlx",
                loaded: ["mlx"]
            )
        ) {
            try fluxPlanning(converter: "mixed-gguf-converter") { $0.runtime = .mlx }
        }
        // Whoever converts it, and where nobody is named.
        for converter in [nil, "mixed-gguf-converter"] {
            #expect(
                throws: RuntimeError.wrongRuntime(
                    model: "flux1-dev",
                    runtime: "llama.cpp",
                    others: ["comfyui-gguf", "stable-diffusion.cpp"]
                )
            ) {
                try fluxPlanning(converter: converter) { $0.runtime = .llamaCpp }
            }
        }
        #expect(throws: PlanningError.notDecoded("Q4_1", runtime: "mlx")) {
            try fluxPlanning {
                $0.formats = [.q4_1]
                $0.runtime = .mlx
            }
        }
    }

    @Test("a budget below the smallest file is refused with what the smallest file is made of")
    func infeasible() throws {
        let task = try fluxPlanning()
        let error = #expect(throws: PlanningError.self) { try task.plan(for: .budget(.bytes(1_000_000))) }
        guard case .noneFits(let reason) = error else {
            Issue.record("not refused for its budget: \(String(describing: error))")
            return
        }
        #expect(reason.smallestBytes == task.task.problem.smallestBytes)
        #expect(reason.plannedBytes + task.task.problem.fixedBytes == reason.smallestBytes)
        #expect(reason.keptBytes == task.task.keptBytes)
    }
}

@Suite struct RecipeAuditTests {
    private func audit(_ change: (inout RecipeParts) -> Void) throws -> [RecipeDifference] {
        let task = try fluxPlanning()
        let recipe = try task.plan(for: .budget(.bytes(9_000_000_000))).recipe(
            by: .init(version: "0.1.0", arguments: [])
        ).changed(change)
        let (model, table) = (task.input.model, task.input.table)
        return try RecipeAudit(
            recipe,
            model: model,
            table: table,
            sizes: RecipeSizes(recipe, tensors: model.tensors),
            layers: task.task.model
        ).differences
    }

    @Test("a recipe as it was planned has no differences")
    func right() throws {
        #expect(try audit { _ in }.isEmpty)
    }

    @Test("a changed impact, size, bound or kept tensor is found where it stands")
    func wrong() throws {
        let impact = try audit { $0.layers[3].impact += 0.5 }
        #expect(Set(impact.map(\.place)) == [try fluxPlanning().task.model.layers[3].name, "the plan"])
        #expect(try audit { $0.size.bytes += 1 }.contains { $0.place == "the file" && $0.figure == "bytes" })
        #expect(try audit { $0.proof.bound = 1e9 }.contains { $0.figure == "bound" })
        let kept = try audit { $0.kept.removeFirst() }
        #expect(kept.contains { $0.figure == "missing" })
        #expect(try audit { $0.limit = .bytes(1) }.contains { $0.figure == "budget" })
    }

    @Test("layers of equal shapes that exchange their tensors are found, and so is what is said of the table")
    func tied() throws {
        let swapped = try audit {
            let names = $0.layers.map(\.layer)
            guard let one = names.firstIndex(of: "layer01.txt"),
                let other = names.firstIndex(of: "layer07.txt")
            else { return }
            let tensors = $0.layers[one].tensors
            $0.layers[one].tensors = $0.layers[other].tensors
            $0.layers[other].tensors = tensors
        }
        #expect(swapped.map(\.figure) == ["tensors", "tensors"])
        #expect(swapped.map(\.place) == ["layer01.txt", "layer07.txt"])
        #expect(try audit { $0.impacts.kind = .unknown }.map(\.figure) == ["kind"])
        #expect(try audit { $0.importance = .init(name: "x", digest: "y") }.map(\.figure) == ["importance"])
        #expect(try audit { $0.impacts = .init(name: "x", digest: $0.impacts.digest) }.isEmpty)
        #expect(try audit { $0.model.parameters = 1 }.map(\.figure) == ["parameters"])
        #expect(try audit { $0.converter = "banana" }.map(\.figure).contains("converter"))
    }

    @Test(
        "a kept tensor in another format than the task keeps it in is found, and a layer without its tensors"
    )
    func matchesTask() throws {
        let task = try fluxPlanning()
        let recipe = try task.plan(for: .budget(.bytes(9_000_000_000))).recipe(
            by: .init(version: "0.1.0", arguments: [])
        )
        #expect(recipe.tensorDifferences(in: task.task).isEmpty)
        let moved = try #require(recipe.layers[3].tensors.last)
        let found = recipe.changed {
            $0.kept[0].format = "F32"
            $0.layers[3].tensors.removeLast()
        }.tensorDifferences(in: task.task)
        #expect(found.map(\.place) == [recipe.layers[3].layer, recipe.kept[0].tensor])
        #expect(found.first?.planned == "without \(moved)")
    }

    @Test("a model with other tensors is another, and one of the same names and sizes is alike")
    func match() throws {
        let task = try fluxPlanning()
        let recipe = try task.plan(for: .budget(.bytes(9_000_000_000))).recipe(
            by: .init(version: "0.1.0", arguments: [])
        )
        let model = task.input.model
        let sizes = RecipeSizes(recipe, tensors: model.tensors)
        #expect(ModelMatch(model, recipe, sizes) == .same)
        let other = recipe.changed { $0.model.digest = "fnv1a64:0" }
        #expect(ModelMatch(model, other, sizes) == .alike)
        let fewer = RecipeSizes(recipe, tensors: Array(model.tensors.dropFirst()))
        guard case .other = ModelMatch(model, other, fewer) else {
            Issue.record("a model that lacks a tensor is taken for the recipe's")
            return
        }
    }
}
