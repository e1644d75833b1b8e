import Planning
import Tensors
import Testing

@Suite("What a plan leaves as it is, in words")
struct KeptLayersTests {
    @Test("what has a type of no weights is kept for that, and not for what llama.cpp never quantizes")
    func types() throws {
        let tensors = [
            ("a.weight", "F16"), ("b.weight", "F64"), ("position_ids", "I64"),
            ("blk.0.altup_router.weight", "F16"),
        ]
        let model = try LayerGrouping.perTensor.grouped(
            try tensors.map {
                try TensorInfo(name: $0.0, shape: [64, 256], elementType: QuantizationFormat(named: $0.1))
            }
        ).keepingIntegers(sourceFormat: .f16)
        let kept = KeptLayers(model, besides: model.keptLayers, unfit: [])
        #expect(kept.types == ["b.weight": "F64", "position_ids": "I64"])
        #expect(kept.names == ["blk.0.altup_router.weight"])
        #expect(
            kept.note == """
                1 layer is kept as it is in every plan, as llama.cpp never quantizes it: blk.0.altup_router.weight; 2 layers are \
                kept as they are in every plan, as their types are no format of weights: b.weight, position_ids (F64, I64)
                """
        )
    }
}
