import Checkpoints
import Tensors
import Testing

@Suite("weights that are quantized already")
struct PackedWeightTests {
    /// A layer's tensors as a program writes them: name, type, shape.
    typealias Layer = [(name: String, type: String, shape: [Int])]

    private static func model(_ layer: Layer) throws -> Model {
        let plain: Layer = [
            ("model.embed_tokens.weight", "F16", [512, 256]), ("model.norm.weight", "F16", [256]),
            ("position_ids", "I64", [1, 512]),
        ]
        return try Model(
            name: "m",
            tensors: (plain + layer).map {
                try TensorInfo(
                    name: $0.name,
                    shape: $0.shape,
                    elementType: QuantizationFormat(named: $0.type)
                )
            }
        )
    }

    @Test(
        "each scheme is recognised by what its own programs write",
        arguments: [
            (
                .gptq, "down.qweight",
                [
                    ("down.qweight", "I32", [32, 256]), ("down.qzeros", "I32", [2, 32]),
                    ("down.scales", "F16", [2, 256]), ("down.g_idx", "I32", [256]),
                ]
            ),
            (
                .gptq, "down.qweight",
                [("down.qweight", "I32", [32, 256]), ("down.scales", "F16", [2, 256])]
            ),
            (
                .awq, "down.qweight",
                [
                    ("down.qweight", "I32", [256, 32]), ("down.qzeros", "I32", [2, 32]),
                    ("down.scales", "F16", [2, 256]),
                ]
            ),
            (
                .compressedTensors, "down.weight_packed",
                [
                    ("down.weight_packed", "I32", [256, 32]), ("down.weight_scale", "BF16", [256, 2]),
                    ("down.weight_shape", "I64", [2]),
                ]
            ),
            (
                .compressedTensors, "down.weight",
                [("down.weight", "I8", [256, 256]), ("down.weight_scale", "BF16", [256, 1])]
            ),
            (
                .bitsandbytes, "down.weight",
                [
                    ("down.weight", "U8", [32768, 1]), ("down.weight.absmax", "F32", [1024]),
                    ("down.weight.quant_map", "F32", [16]),
                    ("down.weight.quant_state.bitsandbytes__nf4", "U8", [81]),
                ]
            ),
            (.llmInt8, "down.weight", [("down.weight", "I8", [256, 256]), ("down.SCB", "F32", [256])]),
            (
                .mlx, "down.weight",
                [
                    ("down.weight", "U32", [256, 32]), ("down.scales", "BF16", [256, 4]),
                    ("down.biases", "BF16", [256, 4]),
                ]
            ),
            (
                .packedFloat4, "down.weight",
                [
                    ("down.weight", "U8", [256, 128]), ("down.weight_scale", "float8_e4m3fn", [256, 16]),
                    ("down.weight_scale_2", "F32", [1]),
                ]
            ),
            (
                .scaledFloat8, "down.weight",
                [("down.weight", "float8_e4m3fn", [256, 256]), ("down.weight_scale_inv", "F32", [2, 2])]
            ),
            (
                .scaledFloat8, "down.weight",
                [("down.weight", "float8_e5m2", [256, 256]), ("down.scale_weight", "F32", [1])]
            ),
            (.otherPacking, "down.weight", [("down.weight", "F6_E2M3", [256, 256])]),
            (
                .mxfp4, "experts.up_blocks",
                [
                    ("experts.up_blocks", "U8", [4, 256, 8, 16]), ("experts.up_scales", "U8", [4, 256, 8]),
                    ("experts.up_bias", "BF16", [4, 256]),
                ]
            ),
            (
                .exllamaV2, "down.q_weight",
                [
                    ("down.q_weight", "I32", [32, 256]), ("down.q_scale", "I32", [8, 32]),
                    ("down.q_scale_max", "F16", [8]), ("down.q_groups", "I16", [16]),
                    ("down.q_invperm", "I32", [256]),
                ]
            ),
            (
                .exllamaV3, "down.trellis",
                [
                    ("down.trellis", "I16", [16, 16, 48]), ("down.suh", "F16", [256]),
                    ("down.svh", "F16", [256]),
                ]
            ),
            (.marlin, "down.B", [("down.B", "I32", [16, 512]), ("down.s", "F16", [2, 256])]),
            (
                .aqlm, "down.codes",
                [
                    ("down.codes", "I16", [256, 32, 1]), ("down.codebooks", "F16", [1, 1024, 1, 8]),
                    ("down.scales", "F16", [256, 1, 1, 1]),
                ]
            ),
            (
                .quanto, "down.weight._data",
                [
                    ("down.weight._data", "I8", [256, 256]), ("down.weight._scale", "BF16", [256, 1]),
                    ("down.input_scale", "BF16", [1]),
                ]
            ),
            (
                .hqq, "down.W_q",
                [
                    ("down.W_q", "U8", [128, 256]), ("down.scale", "F16", [1024, 1]),
                    ("down.zero", "F16", [1024, 1]),
                ]
            ),
            (
                .svdQuant, "down.qweight",
                [
                    ("down.qweight", "I8", [256, 128]), ("down.wscales", "BF16", [4, 256]),
                    ("down.lora_up", "BF16", [256, 32]),
                ]
            ),
            (
                .vptq, "down.indices",
                [
                    ("down.indices", "I32", [1, 64, 32]), ("down.centroids.weight", "F16", [1, 2048]),
                    ("down.weight_scale", "F16", [256]),
                ]
            ),
            (
                .eetq, "down.weight",
                [("down.weight", "I8", [256, 256]), ("down.weight_scales", "F16", [256])]
            ),
            // Whose they are nobody's names say.
            (
                .otherPacking, "down.weight",
                [("down.weight", "U8", [64, 256]), ("down.weight_scale", "BF16", [1])]
            ),
            (
                .otherPacking, "down.weight",
                [
                    ("down.weight", "U8", [256, 128]), ("down.scales", "F16", [256, 4]),
                    ("down.zeros", "F16", [256, 4]),
                ]
            ),
            (
                .otherPacking, "down.weight",
                [
                    ("down.weight", "I8", [256, 256]), ("down.weight_scale", "F32", [1]),
                    ("down.comfy_quant", "U8", [32]),
                ]
            ),
            (.otherPacking, "down.nibbles", [("down.nibbles", "U8", [256, 128])]),
            (.otherPacking, "down.weight", [("down.weight", "I8", [8, 8])]),
            (.ggml, "down.weight", [("down.weight", "Q4_K", [256, 256])]),
        ] as [(PackedWeight.Scheme, String, Layer)]
    )
    func recognised(_ scheme: PackedWeight.Scheme, _ tensor: String, _ layer: Layer) throws {
        let found = try Self.model(layer).packedWeights
        #expect(found.map(\.scheme) == [scheme])
        #expect(found.map(\.tensor) == [tensor])
    }

    @Test("plain weights, integers without scales and 8-bit floats without scales are what they seem")
    func plain() throws {
        let layer: Layer = [
            ("down.weight", "float8_e4m3fn", [256, 256]), ("down.scales_of_noise", "F32", [4]),
            ("experts.map", "I32", [4, 16]), ("img_attn.norm.query_norm.scale", "BF16", [128]),
        ]
        #expect(try Self.model(layer).packedWeights.isEmpty)
        #expect(try Model.builtIn(named: "flux1-dev").packedWeights.isEmpty)
    }

    @Test("what models of plain weights have of integers is no packed weight, however large it is")
    func buffers() throws {
        let layer: Layer = [
            ("h.0.attn.bias", "U8", [1, 1, 1024, 1024]), ("h.0.attn.masked_bias", "F16", [1]),
            ("swin.relative_position_index", "I64", [144, 144]), ("bert.token_type_ids", "I32", [1, 8192]),
            ("layers.0.ffn.gate.tid2eid", "I32", [8192, 6]), ("hashes", "I64", [64, 1024]),
            ("text_encoder.spiece_model", "U8", [4_000_000]), ("attention_mask", "BOOL", [1, 1, 512, 512]),
            ("embed.num_batches_tracked", "I64", [1]),
        ]
        #expect(try Self.model(layer).packedWeights.isEmpty)
    }

    @Test("a packed weight says its name, its scheme and its type")
    func description() throws {
        let layer: Layer = [("down.qweight", "I32", [32, 256]), ("down.scales", "F16", [2, 256])]
        #expect(
            try Self.model(layer).packedWeights.first?.description
                == "tensor \"down.qweight\" is packed by GPTQ (I32)"
        )
    }
}
