"""Tests of where gradients go, with tiny random networks of transformers and diffusers."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor, nn

sys.path.append(str(Path(__file__).resolve().parent.parent / "shared"))

from flux import tiny_inputs, tiny_transformer
from gradients import GradientCapture, Squares
from loading import diffusion_network
from model_file import ModelFile, check, uncovered
from naming import FluxNaming, GGUFNaming, Naming, ParameterNaming
from networks import KL_DIVERGENCE, Network, Score, language_score

SIZES: dict[str, Any] = {
    "vocab_size": 48,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def causal(kind: str, **more: Any) -> Any:
    torch.manual_seed(3)
    config = getattr(transformers, f"{kind}Config")(**{**SIZES, **more})
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def language_network(module: nn.Module) -> Network:
    def score(module: Any, values: Tensor, generator: torch.Generator) -> Score:
        return language_score(module(input_ids=values, use_cache=False).logits, generator)

    return Network("tiny", module, [torch.arange(3, 20)[None]], score, KL_DIVERGENCE)


def captured(network: Network, naming: Naming) -> tuple[GradientCapture, dict[str, Squares]]:
    capture = GradientCapture(network, naming)
    return capture, capture.squares(0, 1)


def gradients(network: Network) -> dict[str, Tensor]:
    """The whole gradients of the first sequence, as PyTorch makes them."""
    network.module.requires_grad_(True)
    generator = torch.Generator().manual_seed(0x9E3779B97F4A7C15 % 2**63)
    score = network.score(network.module, network.inputs[0], generator)
    score.value.backward()
    found = {}
    for name, parameter in network.module.named_parameters():
        if parameter.grad is not None:
            found[name] = parameter.grad.double() / score.count**0.5
        parameter.grad = None
    return found


def llama_tensors(model: Any) -> dict[str, Tensor]:
    """The matrices of a tiny model as llama.cpp's converter writes them: q and k with the halves of each head alternating."""
    tensors = {"token_embd.weight": model.model.embed_tokens.weight, "output.weight": model.lm_head.weight}
    for number, layer in enumerate(model.model.layers):
        attention, mlp = layer.self_attn, layer.mlp
        for name, weight, heads in (("q", attention.q_proj.weight, 4), ("k", attention.k_proj.weight, 2)):
            size = weight.shape[0] // heads
            order = [
                head * size + half * size // 2 + place
                for head in range(heads)
                for place in range(size // 2)
                for half in (0, 1)
            ]
            tensors[f"blk.{number}.attn_{name}.weight"] = weight[order]
        tensors[f"blk.{number}.attn_v.weight"] = attention.v_proj.weight
        tensors[f"blk.{number}.attn_output.weight"] = attention.o_proj.weight
        for name in ("gate", "up", "down"):
            tensors[f"blk.{number}.ffn_{name}.weight"] = getattr(mlp, f"{name}_proj").weight
    return {name: tensor.detach() for name, tensor in tensors.items()}


def write_llama(path: Path, model: Any) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(48)
    tensors = llama_tensors(model)
    tensors["output_norm.weight"] = torch.ones(32)
    for number in range(2):
        tensors[f"blk.{number}.attn_norm.weight"] = tensors[f"blk.{number}.ffn_norm.weight"] = torch.ones(32)
    for name, tensor in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor.numpy()))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class NamingTests(unittest.TestCase):
    def assert_squares(self, squares: Squares, gradient: Tensor) -> None:
        """Compares with the squares of a whole gradient, [experts, rows, columns] or [rows, columns]."""
        whole = (gradient if gradient.dim() == 3 else gradient[None]).square()
        self.assertTrue(torch.allclose(squares.rows, whole.sum(2), rtol=1e-4, atol=1e-12))
        self.assertTrue(torch.allclose(squares.columns, whole.sum(1), rtol=1e-4, atol=1e-12))

    def test_a_model_loaded_from_a_gguf_file_gets_the_rows_of_that_file(self) -> None:
        original = causal("Llama")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tiny.gguf")
            write_llama(path, original)
            loaded = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file="tiny.gguf").eval()
            file = ModelFile(path)
            network = language_network(loaded)
            capture, squares = captured(network, GGUFNaming(loaded.config, file.names))
            check(file, capture.layouts.values(), capture.parameters)
            self.assertEqual(uncovered(file, capture.layouts.values(), capture.parameters), [])
            # q's rows in the file's order, found by its weights and not by any rule.
            whole = gradients(network)["model.layers.1.self_attn.q_proj.weight"]
            stored = file.matrices("blk.1.attn_q.weight")
            assert stored is not None
            own = loaded.model.layers[1].self_attn.q_proj.weight
            order = [int((own - row).abs().sum(1).argmin()) for row in stored[0]]
            self.assertNotEqual(order, sorted(order))
            self.assert_squares(squares["blk.1.attn_q.weight"], whole[order])
            self.assertEqual(set(squares), {name for name in file.names if "norm" not in name})

    def test_rows_in_another_order_than_the_file_has_are_refused(self) -> None:
        model = causal("Llama")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tiny.gguf")
            write_llama(path, model)
            file = ModelFile(path)
            naming = GGUFNaming(model.config, file.names)
            capture = GradientCapture(language_network(model), naming)
            check(file, capture.layouts.values(), capture.parameters)
            naming.architecture = "qwen2"
            capture = GradientCapture(language_network(model), naming)
            with self.assertRaisesRegex(ValueError, "attn_q"):
                check(file, capture.layouts.values(), capture.parameters)

    def test_experts_are_stacked_for_gguf_and_split_for_safetensors(self) -> None:
        model = causal("Mixtral", num_local_experts=4, num_experts_per_tok=2)
        network = language_network(model)
        whole = gradients(network)
        gate_up = whole["model.layers.0.mlp.experts.gate_up_proj"]
        down = whole["model.layers.0.mlp.experts.down_proj"]
        _, squares = captured(network, GGUFNaming(model.config))
        self.assert_squares(squares["blk.0.ffn_gate_exps.weight"], gate_up[:, :64])
        self.assert_squares(squares["blk.0.ffn_up_exps.weight"], gate_up[:, 64:])
        self.assert_squares(squares["blk.0.ffn_down_exps.weight"], down)
        self.assertIn("blk.0.ffn_gate_inp.weight", squares)
        _, squares = captured(network, GGUFNaming(model.config, {"blk.0.ffn_gate_up_exps.weight"}))
        self.assert_squares(squares["blk.0.ffn_gate_up_exps.weight"], gate_up)
        for gate, up, downs in (("w1", "w3", "w2"), ("gate_proj", "up_proj", "down_proj")):
            block = "model.layers.0.block_sparse_moe.experts" if gate == "w1" else "model.layers.0.mlp.experts"
            names = {f"{block}.{expert}.{kind}.weight" for expert in range(4) for kind in (gate, up, downs)}
            if gate == "w1":
                # transformers calls the block otherwise than the checkpoint does.
                names |= {"model.layers.0.block_sparse_moe.gate.weight"}
            _, squares = captured(network, ParameterNaming(names))
            self.assertEqual(names - set(squares), set())
            self.assert_squares(squares[f"{block}.3.{up}.weight"], gate_up[3, 64:])
            self.assert_squares(squares[f"{block}.2.{downs}.weight"], down[2])

    def test_interleaved_and_transposed_experts_are_taken_apart(self) -> None:
        model = causal("GptOss", num_local_experts=4, num_experts_per_tok=2, head_dim=8)
        network = language_network(model)
        gate_up = gradients(network)["model.layers.0.mlp.experts.gate_up_proj"].transpose(1, 2)
        _, squares = captured(network, GGUFNaming(model.config))
        self.assert_squares(squares["blk.0.ffn_gate_exps.weight"], gate_up[:, 0::2])
        self.assert_squares(squares["blk.0.ffn_up_exps.weight"], gate_up[:, 1::2])

    def test_matrices_that_a_module_holds_transposed_are_turned_for_gguf_alone(self) -> None:
        model = causal("GPT2", n_embd=32, n_layer=1, n_head=4)
        network = language_network(model)
        whole = gradients(network)["transformer.h.0.mlp.c_fc.weight"]
        _, squares = captured(network, GGUFNaming(model.config))
        self.assert_squares(squares["blk.0.ffn_up.weight"], whole.T)
        _, squares = captured(network, ParameterNaming())
        self.assert_squares(squares["transformer.h.0.mlp.c_fc.weight"], whole)

    def test_architectures_whose_rows_stay_are_not_permuted(self) -> None:
        for kind, more in (("Qwen2", {}), ("Qwen3", {"head_dim": 8}), ("Phi3", {})):
            model = causal(kind, **more)
            network = language_network(model)
            whole = gradients(network)
            _, squares = captured(network, GGUFNaming(model.config))
            if kind == "Phi3":
                self.assert_squares(squares["blk.1.attn_qkv.weight"], whole["model.layers.1.self_attn.qkv_proj.weight"])
            else:
                self.assert_squares(squares["blk.1.attn_q.weight"], whole["model.layers.1.self_attn.q_proj.weight"])

    def test_a_fused_tensor_of_the_file_is_put_together(self) -> None:
        model = causal("Qwen2")
        network = language_network(model)
        whole = gradients(network)
        parts = [whole[f"model.layers.0.self_attn.{kind}_proj.weight"] for kind in "qkv"]
        _, squares = captured(network, GGUFNaming(model.config, {"blk.0.attn_qkv.weight"}))
        self.assert_squares(squares["blk.0.attn_qkv.weight"], torch.cat(parts))

    def test_tied_weights_are_one_tensor(self) -> None:
        model = causal("Llama", tie_word_embeddings=True)
        network = language_network(model)
        _, squares = captured(network, GGUFNaming(model.config))
        self.assertNotIn("output.weight", squares)
        self.assert_squares(squares["token_embd.weight"], gradients(network)["model.embed_tokens.weight"])

    def test_every_weight_of_flux_has_a_place_in_the_published_checkpoint(self) -> None:
        transformer = tiny_transformer()
        network = diffusion_network("flux", transformer, [tiny_inputs(0)], "", "")
        capture, squares = captured(network, FluxNaming())
        self.assertEqual(capture.unnamed, [])
        whole = gradients(network)
        block = "transformer_blocks.1"
        self.assert_squares(
            squares["double_blocks.1.txt_attn.qkv.weight"],
            torch.cat([whole[f"{block}.attn.add_{kind}_proj.weight"] for kind in "qkv"]),
        )
        single = "single_transformer_blocks.2"
        parts = [f"{single}.attn.to_q", f"{single}.attn.to_k", f"{single}.attn.to_v", f"{single}.proj_mlp"]
        self.assert_squares(
            squares["single_blocks.2.linear1.weight"], torch.cat([whole[f"{part}.weight"] for part in parts])
        )
        self.assert_squares(squares["single_blocks.2.linear2.weight"], whole[f"{single}.proj_out.weight"])
        self.assertEqual(len([name for name in squares if name.startswith("double_blocks.0.")]), 10)
        self.assertEqual(len([name for name in squares if name.startswith("single_blocks.0.")]), 3)
        _, prefixed = captured(network, FluxNaming({"model.diffusion_model.double_blocks.0.img_mlp.0.weight"}))
        self.assertIn("model.diffusion_model.final_layer.linear.weight", prefixed)

    def test_modules_that_make_up_half_a_tensor_are_refused(self) -> None:
        network = diffusion_network("flux", tiny_transformer(), [tiny_inputs(0)], "", "")
        with self.assertRaisesRegex(ValueError, "double_blocks.0.img_attn.qkv.weight"):
            GradientCapture(network, FluxNaming(), ["*.attn.to_k"]).squares(0, 1)

    def test_an_encoder_finds_its_names_under_the_prefix_of_the_file(self) -> None:
        torch.manual_seed(1)
        config = transformers.BertConfig(
            vocab_size=48, hidden_size=32, num_hidden_layers=1, num_attention_heads=4, intermediate_size=64
        )
        model = transformers.BertModel(config)
        name = "encoder.layer.0.attention.self.query.weight"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.safetensors")
            save_file({f"bert.{key}": value.contiguous() for key, value in model.state_dict().items()}, path)
            file = ModelFile(path)
            network = Network("bert", model, [], lambda m, x, g: Score(x, 1), KL_DIVERGENCE)
            capture = GradientCapture(network, ParameterNaming(file.names))
            check(file, capture.layouts.values(), capture.parameters)
            self.assertEqual(capture.layouts[name].pieces[0].tensor, f"bert.{name}")
            with torch.no_grad():
                model.get_parameter(name).add_(1)
            with self.assertRaisesRegex(ValueError, "same weights"):
                check(file, capture.layouts.values(), capture.parameters)
        layout = GGUFNaming(config)(name, nn.Linear(1, 1), model.get_parameter(name))
        assert layout is not None
        self.assertEqual(layout.pieces[0].tensor, "blk.0.attn_q.weight")


if __name__ == "__main__":
    unittest.main()
