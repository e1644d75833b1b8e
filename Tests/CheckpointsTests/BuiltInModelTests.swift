import Tensors
import Testing

@testable import Checkpoints

struct BuiltInModelTests {
    @Test(
        "each built-in model has its published number of parameters",
        arguments: [
            ("flux1-dev", 780, 11_901_408_320), ("flux1-schnell", 776, 11_891_178_560),
            ("llama-3.1-8b", 292, 8_030_261_312), ("llama-3.1-70b", 724, 70_553_706_560),
            ("qwen3-30b-a3b", 579, 30_532_122_624), ("qwen3-235b-a22b", 1_131, 235_093_634_560),
        ]
    )
    func parameters(name: String, tensors: Int, parameters: Int) throws {
        let model = try Model.builtIn(named: name)
        #expect(model.name == name)
        #expect(model.tensors.count == tensors)
        #expect(model.parameters == parameters)
    }

    @Test("every name that is offered can be read")
    func names() throws {
        #expect(Set(Model.builtInNames).count == 6)
        for name in Model.builtInNames { #expect(try Model.builtIn(named: name).name == name) }
    }

    @Test("an unknown built-in model is an error that lists the known ones")
    func unknown() {
        let error = CheckpointError.unknownModel("flux2", known: Model.builtInNames)
        #expect(throws: error) { try Model.builtIn(named: "flux2") }
        #expect(
            error.description
                == #"there is no built-in model "flux2"; use \#(Model.builtInNames.joined(separator: ", ")) or a file"#
        )
    }

    @Test("FLUX.1 has 76 layers of the published sizes, in the order of the blocks")
    func fluxLayers() throws {
        let model = try Model.builtIn(named: "flux1-dev")
        let grouped = try LayerGrouping.flux.grouped(model.tensors)
        #expect(grouped.layers.count == 76)
        #expect(
            grouped.layers.prefix(3).map(\.name) == ["layer00.img", "layer00.txt", "layer01.img"]
        )
        #expect(grouped.layers.suffix(38).map(\.name) == (19...56).map { "layer\($0).x" })
        for layer in grouped.layers {
            #expect(layer.elementCount == (layer.name.hasSuffix(".x") ? 141_557_760 : 169_869_312))
        }
        #expect(grouped.kept.count + grouped.layers.reduce(0) { $0 + $1.tensors.count } == 780)
    }

    @Test(
        "the tensor data of FLUX.1 in GGUF with every block in one format has the published size",
        arguments: [
            ("Q4_1", 7_536_922_880), ("Q5_1", 9_016_201_472), ("Q8_0", 12_714_397_952),
            ("BF16", 23_808_987_392),
            ("Q6_K", 9_848_295_680), ("Q5_K", 8_276_562_176), ("Q4_0", 6_797_283_584),
            ("Q3_K", 5_225_550_080),
            ("Q2_K", 4_023_636_224),
        ]
    )
    func fluxSizes(format: String, bytes: Int) throws {
        let format = try #require(QuantizationFormat(named: format))
        let model = try Model.builtIn(named: "flux1-dev")
        let grouped = try LayerGrouping.flux.grouped(model.tensors)
        let layout = GGUFHeader.flux().layout(for: model.tensors)
        var counts = grouped.kept.map(\.bytes)
        for layer in grouped.layers {
            for tensor in layer.tensors { counts.append(try #require(format.byteCount(of: tensor))) }
        }
        #expect(counts.count == 780)
        #expect(layout.dataSize(tensorByteCounts: counts) == bytes)
        #expect(layout.fileSize(tensorByteCounts: counts) == bytes + layout.headerBytes)
    }

    @Test("FLUX.1's file without guidance is grouped as well")
    func schnell() throws {
        let model = try Model.builtIn(named: "flux1-schnell")
        #expect(try LayerGrouping.flux.grouped(model.tensors).layers.count == 76)
    }

    @Test("a language model is grouped tensor by tensor")
    func llama() throws {
        let model = try Model.builtIn(named: "llama-3.1-8b")
        let grouped = try LayerGrouping.perTensor.grouped(model.tensors)
        #expect(grouped.layers.first?.name == "token_embd.weight")
        #expect(grouped.layers.count + grouped.kept.count == 292)
        #expect(grouped.layers.allSatisfy { $0.tensors.map(\.name) == [$0.name] })
    }
}
