extension LayerGrouping {
    /// FLUX.1: a layer for each stream of a block, named as the casting measurements name them.
    ///
    /// Layers `layer00.img`, `layer00.txt` … `layer18.txt` are the two streams of the 19 double blocks, and
    /// `layer19.x` … `layer56.x` the 38 single blocks; each holds the block's 2-D weights. Tensors with one
    /// dimension are kept in F32, and what stands before and after the blocks in BF16, as ComfyUI-GGUF writes them.
    /// Names may begin with `model.diffusion_model.`, as in files that hold the whole pipeline.
    public static let flux: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "flux",
            ignoredPrefixes: ["model.diffusion_model."],
            keeps: [
                try Keep("*", in: .f32, dimensions: 1...1),
                try Keep("img_in.*", in: .bf16),
                try Keep("txt_in.*", in: .bf16),
                try Keep("time_in.*", in: .bf16),
                try Keep("vector_in.*", in: .bf16),
                try Keep("guidance_in.*", in: .bf16),
                try Keep("final_layer.*", in: .bf16),
            ],
            rules: [
                try Rule("double_blocks.*.img_*", layer: "layer{1:02}.img", dimensions: 2...2),
                try Rule("double_blocks.*.txt_*", layer: "layer{1:02}.txt", dimensions: 2...2),
                try Rule("single_blocks.*.*", layer: "layer{1+19:02}.x", dimensions: 2...2),
            ]
        )
    }

    /// Any model: each tensor of two or more dimensions is a layer of its own name, the others are kept in F32.
    public static let perTensor: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "per tensor",
            keeps: [try Keep("*", in: .f32, dimensions: 1...1)],
            rules: [try Rule("*", layer: "{0}", dimensions: 2...Int.max)]
        )
    }

    /// Makes a grouping of rules that are part of the program, so that a rule that cannot be read is a mistake in
    /// the program and no input of anybody's.
    private static func builtIn(_ make: () throws(TensorError) -> LayerGrouping) -> LayerGrouping {
        do {
            return try make()
        } catch {
            preconditionFailure("a built-in grouping cannot be read: \(error)")
        }
    }
}
