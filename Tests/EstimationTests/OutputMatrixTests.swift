import Testing

@testable import Estimation

/// Which matrix makes a language model's output, and what its errors count.
@Suite struct OutputMatrixTests {
    private let blocks = (0..<30).map { "blk.\($0).ffn_up.weight" }

    @Test("the output's own matrix counts twice for every block")
    func own() throws {
        let names = ["token_embd.weight", "output.weight", "output_norm.weight"] + blocks
        let matrix = try #require(OutputMatrix(tensorNames: names))
        #expect(matrix.tensor == "output.weight")
        #expect(matrix.weight == 60)
        #expect(matrix.lastBlock.tower == "blk" && matrix.lastBlock.number == 29)
    }

    @Test("where there is none, the table of embeddings makes the output")
    func tied() throws {
        let names = ["token_embd.weight", "output_norm.weight"] + blocks
        #expect(OutputMatrix(tensorNames: names)?.tensor == "token_embd.weight")
        let hub = ["model.embed_tokens.weight", "model.norm.weight", "model.layers.3.mlp.up_proj.weight"]
        let matrix = try #require(OutputMatrix(tensorNames: hub))
        #expect(matrix.tensor == "model.embed_tokens.weight")
        #expect(matrix.weight == 8)
    }

    @Test("encoders and image models have none")
    func none() {
        #expect(OutputMatrix(tensorNames: ["token_embd.weight", "token_embd_norm.weight"] + blocks) == nil)
        #expect(
            OutputMatrix(
                tensorNames: ["double_blocks.0.img_attn.proj.weight", "final_layer.linear.weight"]
            ) == nil
        )
    }

    /// Names of a family's tensors: of what is outside the blocks, the towers of blocks with their number, what the output and the last way
    /// down are to be.
    struct Family: CustomTestStringConvertible {
        let name: String
        let outside: [String]
        let blocks: [(tower: String, count: Int, down: String)]
        let output: String
        let last: String
        var testDescription: String { name }

        var tensors: [String] {
            let parts = blocks.flatMap { tower, count, down in
                (0..<count).flatMap {
                    ["\(tower).\($0).attn.q_proj.weight", "\(tower).\($0).\(down).weight"]
                }
            }
            return (outside + parts).sorted()
        }
    }

    static let named = [
        Family(
            name: "GPT-2",
            outside: ["wte.weight", "wpe.weight", "ln_f.weight"],
            blocks: [("h", 12, "mlp.c_proj")],
            output: "wte.weight",
            last: "h.11.mlp.c_proj.weight"
        ),
        Family(
            name: "Falcon",
            outside: ["transformer.word_embeddings.weight", "lm_head.weight", "transformer.ln_f.weight"],
            blocks: [("transformer.h", 3, "mlp.dense_4h_to_h")],
            output: "lm_head.weight",
            last: "transformer.h.2.mlp.dense_4h_to_h.weight"
        ),
        Family(
            name: "Phi-2",
            outside: ["model.embed_tokens.weight", "lm_head.weight", "model.final_layernorm.weight"],
            blocks: [("model.layers", 2, "mlp.fc2")],
            output: "lm_head.weight",
            last: "model.layers.1.mlp.fc2.weight"
        ),
        Family(
            name: "GPT-NeoX",
            outside: ["gpt_neox.embed_in.weight", "embed_out.weight", "gpt_neox.final_layer_norm.weight"],
            blocks: [("gpt_neox.layers", 2, "mlp.dense_4h_to_h")],
            output: "embed_out.weight",
            last: "gpt_neox.layers.1.mlp.dense_4h_to_h.weight"
        ),
        Family(
            name: "OPT",
            outside: ["model.decoder.embed_tokens.weight", "model.decoder.final_layer_norm.weight"],
            blocks: [("model.decoder.layers", 2, "fc2")],
            output: "model.decoder.embed_tokens.weight",
            last: "model.decoder.layers.1.fc2.weight"
        ),
        Family(
            name: "MPT",
            outside: ["transformer.wte.weight", "transformer.norm_f.weight"],
            blocks: [("transformer.blocks", 2, "ffn.down_proj")],
            output: "transformer.wte.weight",
            last: "transformer.blocks.1.ffn.down_proj.weight"
        ),
        Family(
            name: "Mamba",
            outside: ["backbone.embeddings.weight", "backbone.norm_f.weight"],
            blocks: [("backbone.layers", 2, "mlp.down_proj")],
            output: "backbone.embeddings.weight",
            last: "backbone.layers.1.mlp.down_proj.weight"
        ),
        Family(
            name: "Whisper",
            outside: [
                "model.decoder.embed_tokens.weight", "proj_out.weight", "model.decoder.layer_norm.weight",
                "model.encoder.layer_norm.weight",
            ],
            blocks: [("model.decoder.layers", 2, "fc2"), ("model.encoder.layers", 4, "fc2")],
            output: "proj_out.weight",
            last: "model.decoder.layers.1.fc2.weight"
        ),
        Family(
            name: "T5 as GGUF",
            outside: [
                "token_embd.weight", "output.weight", "enc.output_norm.weight", "dec.output_norm.weight",
            ],
            blocks: [("enc.blk", 4, "ffn_down"), ("dec.blk", 3, "ffn_down")],
            output: "output.weight",
            last: "dec.blk.2.ffn_down.weight"
        ),
        Family(
            name: "T5",
            outside: ["shared.weight", "encoder.final_layer_norm.weight", "decoder.final_layer_norm.weight"],
            blocks: [
                ("encoder.block", 4, "layer.1.DenseReluDense.wo"),
                ("decoder.block", 3, "layer.2.DenseReluDense.wo"),
            ],
            output: "shared.weight",
            last: "decoder.block.2.layer.2.DenseReluDense.wo.weight"
        ),
        Family(
            name: "PaliGemma",
            outside: ["language_model.model.embed_tokens.weight", "language_model.model.norm.weight"],
            blocks: [
                ("vision_tower.vision_model.encoder.layers", 5, "mlp.fc2"),
                ("language_model.model.layers", 3, "mlp.down_proj"),
            ],
            output: "language_model.model.embed_tokens.weight",
            last: "language_model.model.layers.2.mlp.down_proj.weight"
        ),
        Family(
            name: "Qwen2-VL",
            outside: ["model.embed_tokens.weight", "model.norm.weight", "visual.merger.norm.weight"],
            blocks: [("visual.blocks", 4, "mlp.down_proj"), ("model.layers", 4, "mlp.down_proj")],
            output: "model.embed_tokens.weight",
            last: "model.layers.3.mlp.down_proj.weight"
        ),
    ]

    @Test("the output and the last down projection are found by every family's names", arguments: named)
    func families(family: Family) throws {
        let matrix = try #require(OutputMatrix(tensorNames: family.tensors))
        #expect(matrix.tensor == family.output)
        #expect(family.tensors.filter(matrix.isLastDownProjection) == [family.last])
        let count = try #require(family.blocks.first { family.last.hasPrefix($0.tower + ".") }).count
        #expect(matrix.weight == 2 * Double(count))
        #expect(OutputMatrix(tensorNames: family.tensors, isTextEncoder: true) == nil)
    }

    @Test("blocks that predict tokens further ahead are not the last")
    func nextTokens() throws {
        let names = [
            "token_embd.weight", "output.weight", "output_norm.weight", "blk.46.nextn.eh_proj.weight",
        ]
        let blocks = (0...46).map { "blk.\($0).ffn_down.weight" }
        let matrix = try #require(OutputMatrix(tensorNames: names + blocks))
        #expect(matrix.weight == 92 && matrix.isLastDownProjection("blk.45.ffn_down.weight"))
        #expect(!matrix.isLastDownProjection("blk.46.ffn_down.weight"))
    }

    @Test("the last norm of LFM2 has the name of the first of others")
    func shortConvolutions() throws {
        let names = ["token_embd.weight", "token_embd_norm.weight", "blk.1.shortconv.in_proj.weight"]
        let matrix = try #require(OutputMatrix(tensorNames: names))
        #expect(matrix.tensor == "token_embd.weight" && matrix.norm == "token_embd_norm.weight")
    }

    @Test("the encoder of CLIP makes no output, nor does the last matrix of a diffusion transformer")
    func imageModels() {
        let clip = ["text_model.embeddings.token_embedding.weight", "text_model.final_layer_norm.weight"]
        #expect(OutputMatrix(tensorNames: clip + ["text_model.encoder.layers.0.mlp.fc2.weight"]) == nil)
        #expect(
            OutputMatrix(tensorNames: [
                "t5.shared.weight", "proj_out.weight", "transformer_blocks.0.ff.net.2.weight",
            ]) == nil
        )
    }
}
