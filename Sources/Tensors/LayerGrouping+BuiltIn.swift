extension LayerGrouping {
    /// FLUX.1: a layer for each stream of a block, named as the casting measurements name them.
    ///
    /// Layers `layer00.img`, `layer00.txt` … `layer18.txt` are the two streams of the 19 double blocks, and
    /// `layer19.x` … `layer56.x` the 38 single blocks; each holds the block's 2-D weights. Tensors with one
    /// dimension are kept in F32, and what stands before and after the blocks in BF16, as ComfyUI-GGUF writes them.
    /// Names may begin with `model.diffusion_model.`, as in files that hold the whole pipeline. FLUX.2 and Chroma have their blocks
    /// named alike.
    public static let flux = flux(doubleBlocks: fluxDoubleBlocks)

    /// The number of double blocks of FLUX.1-dev and FLUX.1-schnell.
    private static let fluxDoubleBlocks = 19

    private static func flux(doubleBlocks: Int) -> LayerGrouping {
        builtIn { () throws(TensorError) -> LayerGrouping in
            LayerGrouping(
                name: "flux",
                purpose: "the streams of each block of FLUX, and of models with its names such as Chroma",
                ignoredPrefixes: ["model.diffusion_model."],
                keeps: [
                    try Keep("*", in: .f32, dimensions: 1...1),
                    try Keep("img_in.*", in: .bf16),
                    try Keep("txt_in.*", in: .bf16),
                    try Keep("time_in.*", in: .bf16),
                    try Keep("vector_in.*", in: .bf16),
                    try Keep("guidance_in.*", in: .bf16),
                    try Keep("final_layer.*", in: .bf16),
                    // FLUX.2's blocks share their modulation; Chroma has a network in its place.
                    try Keep("*_stream_modulation*.lin.*", in: .bf16),
                    try Keep("distilled_guidance_layer.*", in: .bf16),
                ],
                rules: [
                    try Rule("double_blocks.*.img_*", layer: "layer{1:02}.img", dimensions: 2...2),
                    try Rule("double_blocks.*.txt_*", layer: "layer{1:02}.txt", dimensions: 2...2),
                    try Rule("single_blocks.*.*", layer: "layer{1+\(doubleBlocks):02}.x", dimensions: 2...2),
                ]
            )
        }
    }

    /// FLUX.1 by whole blocks: layers `0` … `18` are the double blocks, both streams together, and `19` … `56` the
    /// single blocks, as measurements that cast a whole block name them.
    ///
    /// What is kept, and in which format, is as in ``flux``.
    public static let fluxBlocks = fluxBlocks(doubleBlocks: fluxDoubleBlocks)

    private static func fluxBlocks(doubleBlocks: Int) -> LayerGrouping {
        builtIn { () throws(TensorError) -> LayerGrouping in
            LayerGrouping(
                name: "flux blocks",
                purpose: "the blocks of FLUX",
                ignoredPrefixes: flux.ignoredPrefixes,
                keeps: flux.keeps,
                rules: [
                    try Rule("double_blocks.*.img_*", layer: "{1+0}", dimensions: 2...2),
                    try Rule("double_blocks.*.txt_*", layer: "{1+0}", dimensions: 2...2),
                    try Rule("single_blocks.*.*", layer: "{1+\(doubleBlocks)}", dimensions: 2...2),
                ]
            )
        }
    }

    /// The grouping for a model's own number of double blocks, where it is ``flux`` or ``fluxBlocks``; itself otherwise.
    ///
    /// Models that were cut down from FLUX.1 have fewer double blocks, and the numbers of their single blocks' layers
    /// begin where those end.
    public func adapted(to tensors: [TensorInfo]) -> LayerGrouping {
        guard self == .flux || self == .fluxBlocks else { return self }
        var count = 0
        for tensor in tensors {
            let name = withoutPrefix(tensor.name)
            guard name.hasPrefix("double_blocks.") else { continue }
            let parts = name.split(separator: ".", maxSplits: 2)
            guard parts.count == 3, parts[0] == "double_blocks", let number = Int(parts[1]) else { continue }
            count = max(count, min(number, TensorInfo.maximumElementCount) + 1)
        }
        // Without any, the tensors are a part of a model.
        guard count > 0, count != Self.fluxDoubleBlocks else { return self }
        return self == .flux ? .flux(doubleBlocks: count) : .fluxBlocks(doubleBlocks: count)
    }

    /// Stable Diffusion 3.5: a layer for each stream of a joint block, `joint00.x` and `joint00.context`.
    ///
    /// Each holds the 2-D weights of `joint_blocks.N.x_block` or `joint_blocks.N.context_block`. Tensors with one
    /// dimension are kept in F32, and what stands before and after the blocks in BF16: these are the ones that
    /// ComfyUI-GGUF never quantizes. Names may begin with `model.diffusion_model.`.
    public static let sd3: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "sd3",
            purpose: "the streams of each block of Stable Diffusion 3",
            ignoredPrefixes: ["model.diffusion_model."],
            keeps: [
                try Keep("*", in: .f32, dimensions: 1...1),
                try Keep("x_embedder.*", in: .bf16),
                try Keep("t_embedder.*", in: .bf16),
                try Keep("y_embedder.*", in: .bf16),
                try Keep("pos_embed*", in: .bf16),
                try Keep("context_embedder.*", in: .bf16),
                try Keep("final_layer.*", in: .bf16),
            ],
            rules: [
                try Rule("joint_blocks.*.x_block.*", layer: "joint{1:02}.x", dimensions: 2...2),
                try Rule("joint_blocks.*.context_block.*", layer: "joint{1:02}.context", dimensions: 2...2),
            ]
        )
    }

    /// A language model in GGUF: a layer for each block, `blk.0` and so on, and one for each other tensor, such as
    /// `token_embd` and `output`.
    ///
    /// What llama.cpp never quantizes, ``UntouchedTensors/llamaCpp``, is kept in the type that it has, or in F32 where the model
    /// does not say one.
    public static let perBlock: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "per block",
            purpose: "the blocks of a language model in GGUF, and each other tensor",
            keeps: try vectors(),
            rules: [
                try Rule("blk.*.*", layer: "blk.{1+0}"),
                try Rule("*.weight", layer: "{1}"),
                try Rule("*", layer: "{0}"),
            ],
            untouchedInGGUF: .llamaCpp
        )
    }

    /// What has one dimension, in F32, as llama.cpp's converter of Hugging Face's models writes it.
    private static func vectors() throws(TensorError) -> [Keep] {
        [try Keep("*", in: .f32, dimensions: 1...1)]
    }

    /// Any model: each tensor of two or more dimensions is a layer of its own name, the others are kept in F32.
    ///
    /// Of a language model in GGUF, the same is kept as in ``perBlock``.
    public static let perTensor: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "per tensor",
            purpose: "each tensor of two or more dimensions",
            keeps: try vectors(),
            rules: [try Rule("*", layer: "{0}", dimensions: 2...Int.max)],
            untouchedInGGUF: .llamaCpp
        )
    }

    /// A PyTorch model: each module with a weight of two or more dimensions is a layer of the module's name, as
    /// `mlx_lm.dynamic_quant` names it; the experts of a layer are one module, `switch_mlp`.
    ///
    /// Tensors with one dimension are kept in BF16. Of a language model in GGUF, the same is kept as in ``perBlock``.
    public static let perModule: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "per module",
            purpose: "each module of a PyTorch model, the experts of a layer together",
            keeps: [try Keep("*", in: .bf16, dimensions: 1...1)],
            rules: [
                try Rule("*.experts.*.*.weight", layer: "{1}.switch_mlp.{3}", dimensions: 2...Int.max),
                try Rule("*.weight", layer: "{1}", dimensions: 2...Int.max),
                try Rule("*", layer: "{0}", dimensions: 2...Int.max),
            ],
            untouchedInGGUF: .llamaCpp
        )
    }

    /// A language model in safetensors: the attention and the feed-forward network of each block are layers, such as
    /// `model.layers.0.self_attn` and `model.layers.0.mlp`, as exllamav2 measures them.
    ///
    /// All else is kept in F16.
    public static let exllamav2: LayerGrouping = builtIn { () throws(TensorError) -> LayerGrouping in
        LayerGrouping(
            name: "exllamav2",
            purpose: "attention and feed-forward network of each block, as exllamav2 measures them",
            keeps: [
                try Keep("*", in: .f16, dimensions: 1...1),
                try Keep("model.embed_tokens.*", in: .f16),
                try Keep("lm_head.*", in: .f16),
            ],
            rules: [
                try Rule("model.layers.*.self_attn.*", layer: "model.layers.{1}.self_attn"),
                try Rule("model.layers.*.mlp.*", layer: "model.layers.{1}.mlp"),
                try Rule("model.layers.*.block_sparse_moe.*", layer: "model.layers.{1}.block_sparse_moe"),
            ]
        )
    }

    /// The groupings that are part of the program.
    public static let builtIns: [LayerGrouping] = [
        flux, fluxBlocks, sd3, wan, qwenImage, zImage, sdxl, hiDream, ltx, perBlock, perTensor, perModule,
        exllamav2,
    ]

    /// The built-in grouping of a name, or nil; its words may be joined by hyphens, as in `flux-blocks`.
    public static func builtIn(named name: String) -> LayerGrouping? {
        let name = String(name.map { $0 == "-" ? " " : $0 })
        return builtIns.first { $0.name == name }
    }

    /// Makes a grouping of rules that are part of the program, so that a rule that cannot be read is a mistake in
    /// the program and no input of anybody's.
    static func builtIn(_ make: () throws(TensorError) -> LayerGrouping) -> LayerGrouping {
        do {
            return try make()
        } catch {
            preconditionFailure("a built-in grouping cannot be read: \(error)")
        }
    }
}
