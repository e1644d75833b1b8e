extension ImageArchitecture {
    /// Every kind, those whose marks others have too after these.
    package static let all: [ImageArchitecture] = [
        ImageArchitecture(
            "qwen_image",
            marks: [
                [
                    "time_text_embed.timestep_embedder.linear_2.weight",
                    "transformer_blocks.0.attn.norm_added_q.weight", "transformer_blocks.0.img_mod.1.weight",
                ]
            ],
            vetoed: ["img_in.", "txt_in.", "txt_norm.", "time_text_embed.", "norm_out."],
            vetoedNames: ["proj_out.weight"]
        ),
        ImageArchitecture(
            "flux",
            marks: [["double_blocks.0.img_attn.proj.weight"]],
            otherNames: ["transformer_blocks.0.attn.norm_added_k.weight"],
            vetoed: fluxInputs
        ),
        ImageArchitecture(
            "sd3",
            marks: [["joint_blocks.0.x_block.attn.qkv.weight"]],
            otherNames: ["transformer_blocks.0.attn.add_q_proj.weight"],
            vetoed: [
                "final_layer.", "time_text_embed.", "context_embedder.", "t_embedder.", "y_embedder.",
                "x_embedder.",
            ],
            vetoedNames: ["pos_embed"]
        ),
        ImageArchitecture(
            "aura",
            marks: [["double_layers.3.modX.1.weight"]],
            otherNames: ["joint_transformer_blocks.3.ff_context.out_projection.weight"],
            vetoed: ["t_embedder.", "init_x_linear."],
            vetoedNames: [
                "modF.1.weight", "cond_seq_linear.weight", "final_linear.weight", "positional_encoding",
                "register_tokens",
            ]
        ),
        ImageArchitecture(
            "hidream",
            marks: [
                [
                    "caption_projection.0.linear.weight",
                    "double_stream_blocks.0.block.ff_i.shared_experts.w3.weight",
                ]
            ],
            precise: [".ff_i.gate.weight", "img_emb.emb_pos"],
            vetoed: ["p_embedder.", "t_embedder.", "x_embedder.", "final_layer.", "caption_projection."]
        ),
        ImageArchitecture(
            "cosmos",
            marks: [
                ["blocks.0.mlp.layer1.weight", "blocks.0.adaln_modulation_cross_attn.1.weight"]
            ],
            precise: ["pos_embedder"],
            vetoed: ["p_embedder.", "t_embedder.", "t_embedding_norm.", "x_embedder.", "final_layer."],
            ignored: ["_extra_state", "accum_"]
        ),
        ImageArchitecture(
            "ltxv",
            marks: [
                [
                    "adaln_single.emb.timestep_embedder.linear_2.weight",
                    "transformer_blocks.27.scale_shift_table",
                    "caption_projection.linear_2.weight",
                ]
            ],
            precise: ["scale_shift_table"],
            vetoed: ["adaln_single.", "caption_projection.", "patchify_proj.", "proj_out."]
        ),
        ImageArchitecture(
            "hyvid",
            marks: [
                [
                    "double_blocks.0.img_attn_proj.weight",
                    "txt_in.individual_token_refiner.blocks.1.self_attn_qkv.weight",
                ]
            ],
            vetoed: fluxInputs
        ),
        ImageArchitecture(
            "wan",
            marks: [
                ["blocks.0.self_attn.norm_q.weight", "text_embedding.2.weight", "head.modulation"]
            ],
            otherNames: ["condition_embedder.text_embedder.linear_2.weight"],
            precise: [".modulation"],
            vetoed: [
                "modulation.", "patch_embedding.", "text_embedding.", "time_projection.", "time_embedding.",
                "img_emb.", "head.",
            ]
        ),
        ImageArchitecture(
            "sdxl",
            marks: [
                ["down_blocks.0.downsamplers.0.conv.weight", "add_embedding.linear_1.weight"],
                [
                    "input_blocks.3.0.op.weight", "input_blocks.6.0.op.weight",
                    "output_blocks.2.2.conv.weight", "output_blocks.5.2.conv.weight",
                ],
                ["label_emb.0.0.weight"],
            ],
            vetoed: networkInputs,
            vetoedNames: ["input_blocks.0.0.weight", "out.2.weight"],
            reshapes: true
        ),
        ImageArchitecture(
            "sd1",
            marks: [
                ["down_blocks.0.downsamplers.0.conv.weight"],
                [
                    "input_blocks.3.0.op.weight", "input_blocks.6.0.op.weight", "input_blocks.9.0.op.weight",
                    "output_blocks.2.1.conv.weight", "output_blocks.5.2.conv.weight",
                    "output_blocks.8.2.conv.weight",
                ],
            ],
            vetoed: networkInputs,
            vetoedNames: ["input_blocks.0.0.weight", "out.2.weight"],
            reshapes: true
        ),
        ImageArchitecture(
            "lumina2",
            marks: [["cap_embedder.1.weight", "context_refiner.0.attention.qkv.weight"]],
            otherNames: ["context_refiner.0.attention.to_q.weight"],
            precise: ["pad_token"],
            vetoed: [
                "t_embedder.", "x_embedder.", "final_layer.", "cap_embedder.", "context_refiner.",
                "noise_refiner.",
            ]
        ),
    ]

    private static let fluxInputs = [
        "txt_in.", "img_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer.",
    ]
    private static let networkInputs = [
        "class_embedding.", "time_embedding.", "add_embedding.", "time_embed.", "label_emb.", "conv_in.",
        "conv_out.",
    ]
}
