import Testing

@testable import Tensors

struct LayerGroupingTests {
    private func tensor(_ name: String, _ shape: [Int] = [4, 4]) throws -> TensorInfo {
        try TensorInfo(name: name, shape: shape)
    }

    private func layers(_ model: LayeredModel) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: model.layers.map { ($0.name, $0.tensors.map(\.name)) })
    }

    @Test("FLUX.1's streams become layers in the order of their first tensors")
    func flux() throws {
        let model = try LayerGrouping.flux.grouped([
            tensor("single_blocks.0.linear1.weight"), tensor("double_blocks.3.img_mod.lin.weight"),
            tensor("double_blocks.3.txt_mod.lin.weight"), tensor("double_blocks.3.img_mlp.0.weight"),
            tensor("single_blocks.37.modulation.lin.weight"),
        ])
        #expect(model.layers.map(\.name) == ["layer19.x", "layer03.img", "layer03.txt", "layer56.x"])
        #expect(
            layers(model)["layer03.img"]
                == ["double_blocks.3.img_mod.lin.weight", "double_blocks.3.img_mlp.0.weight"]
        )
        #expect(model.kept.isEmpty)
    }

    @Test("FLUX.1's other tensors are kept, those of one dimension in F32 and the others in BF16")
    func fluxKept() throws {
        let names = [
            "img_in.", "txt_in.", "time_in.in_layer.", "vector_in.out_layer.", "guidance_in.in_layer.",
            "final_layer.linear.",
        ]
        let tensors =
            try names.flatMap { [try tensor($0 + "weight"), try tensor($0 + "bias", [4])] }
            + [tensor("double_blocks.0.img_mod.lin.bias", [4])]
        let model = try LayerGrouping.flux.grouped(tensors)
        #expect(model.layers.isEmpty)
        #expect(model.kept.map(\.tensor) == tensors)
        for kept in model.kept {
            #expect(kept.format == (kept.tensor.dimensionCount == 1 ? .f32 : .bf16))
            #expect(kept.bytes == (kept.tensor.dimensionCount == 1 ? 16 : 32))
        }
    }

    @Test("the prefix of a whole pipeline's file is ignored, and the tensor keeps its name")
    func prefix() throws {
        let name = "model.diffusion_model.double_blocks.0.img_attn.qkv.weight"
        let model = try LayerGrouping.flux.grouped([tensor(name)])
        #expect(layers(model) == ["layer00.img": [name]])
    }

    @Test("uncovered tensors are an error that lists ten of them and counts the others")
    func uncovered() throws {
        let names = (0..<13).map { "other.\($0)" }
        let error = TensorError.uncoveredTensors(names, grouping: "flux")
        let tensors = try names.map { try tensor($0) }
        #expect(throws: error) { try LayerGrouping.flux.grouped(tensors) }
        #expect(error.description.contains("13 tensors: \"other.0\", "))
        #expect(error.description.contains("\"other.9\" and 3 more"))
        #expect(!error.description.contains("other.10"))
    }

    @Test(
        "a block whose number is none is covered by no rule",
        arguments: [
            "double_blocks.x.img_mod", "double_blocks.-1.img_mod", "double_blocks..img_mod",
            "double_blocks.0.other",
            "single_blocks.9223372036854775807.linear1", "single_blocks.99999999999999999999.linear1",
            "double_blocks.0.a.img_mod", "img_in",
        ]
    )
    func noNumber(name: String) {
        #expect(throws: TensorError.uncoveredTensors([name], grouping: "flux")) {
            try LayerGrouping.flux.grouped([tensor(name)])
        }
    }

    @Test("a tensor of three dimensions in a block is covered by no rule of FLUX.1")
    func threeDimensions() {
        let name = "double_blocks.0.img_mod.lin.weight"
        #expect(throws: TensorError.uncoveredTensors([name], grouping: "flux")) {
            try LayerGrouping.flux.grouped([tensor(name, [2, 4, 4])])
        }
    }

    @Test("two tensors of one name are an error")
    func duplicates() {
        #expect(throws: TensorError.duplicateTensor("w")) {
            try LayerGrouping.perTensor.grouped([tensor("w"), tensor("w")])
        }
    }

    @Test("more than 2^56 elements in all are an error")
    func tooLarge() {
        #expect(throws: TensorError.modelTooLarge) {
            try LayerGrouping.perTensor.grouped([tensor("a", [1 << 28, 1 << 28]), tensor("b")])
        }
    }

    @Test("tensor by tensor, all with two dimensions or more are layers of their own names")
    func perTensor() throws {
        let model = try LayerGrouping.perTensor.grouped([
            tensor("a"), tensor("b", [4]), tensor("c", [2, 2, 2]),
        ])
        #expect(layers(model) == ["a": ["a"], "c": ["c"]])
        #expect(model.kept.map(\.tensor.name) == ["b"])
        #expect(model.kept.map(\.format) == [.f32])
    }

    @Test("no tensors make a model of nothing")
    func empty() throws {
        let model = try LayerGrouping.flux.grouped([])
        #expect(model.layers.isEmpty)
        #expect(model.kept.isEmpty)
    }

    @Test("the first rule that matches decides, and keep rules come before all others")
    func order() throws {
        let grouping = LayerGrouping(
            name: "own",
            keeps: [try .init("a.keep", in: .f16)],
            rules: [
                try .init("a.*", layer: "first"), try .init("*", layer: "second"),
                try .init("b.*", layer: "third"),
            ]
        )
        let model = try grouping.grouped([tensor("a.keep"), tensor("a.1"), tensor("b.1")])
        #expect(layers(model) == ["first": ["a.1"], "second": ["b.1"]])
        #expect(model.kept.map(\.format) == [.f16])
    }

    @Test("a tensor kept in a format that does not fit it is an error")
    func keptDoesNotFit() throws {
        let grouping = LayerGrouping(name: "own", keeps: [try .init("*", in: .q8_0)], rules: [])
        #expect(throws: TensorError.formatDoesNotFit(tensor: "w", format: "Q8_0", rowLength: 4)) {
            try grouping.grouped([tensor("w")])
        }
    }

    @Test("a template that uses a capture its pattern does not make is an error")
    func missingCapture() {
        #expect(throws: TensorError.missingCapture(template: "{2}", capture: 2, pattern: "a*")) {
            try LayerGrouping.Rule("a*", layer: "{2}")
        }
        #expect(throws: TensorError.emptyPattern) { try LayerGrouping.Rule("", layer: "x") }
        #expect(throws: TensorError.emptyPattern) { try LayerGrouping.Keep("", in: .f32) }
    }

    @Test("a layer's size is the sum of its tensors, each padded as the file pads it")
    func layerSize() throws {
        let layer = ModelLayer(name: "l", tensors: [try tensor("a", [1, 32]), try tensor("b", [3, 32])])
        #expect(layer.elementCount == 128)
        #expect(layer.byteCount(in: .q8_0) == 136)
        #expect(
            layer.byteCount(in: .q8_0, layout: try FileLayout(headerBytes: 96, alignment: 32)) == 64 + 128
        )
        #expect(layer.byteCount(in: .q4_K) == nil)
    }
}
