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
        #expect(matrix.lastBlock == 29)
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
}
