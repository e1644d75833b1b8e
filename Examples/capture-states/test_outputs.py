"""Tests of outputs.py on networks with random weights, one of them with a closed form: python -m unittest.

With PLAN set to the built program, what was captured is also turned into tables.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from torch import nn

from formats import cast
from outputs import Network, capture, divergence, gguf_layer, layers_of, main, mean_square_error, parse, tiny


def linear_network() -> Network:
    """Two linear layers of which the second multiplies by 3: losses at the end are those of the outputs, times 9 or once."""
    torch.manual_seed(3)
    first, second = nn.Linear(64, 32, bias=False), nn.Linear(32, 32, bias=False)
    second.weight.data = 3 * torch.eye(32)
    module = nn.Sequential(first, second)
    inputs = [torch.randn(50, 64) for _ in range(3)]
    return Network("linear", module, inputs, lambda module, x: module(x), mean_square_error, "mean square error, of the end")


class OutputsTests(unittest.TestCase):
    def test_the_loss_of_a_linear_network_is_that_of_its_perturbation(self) -> None:
        network = linear_network()
        sizes = [0.1, 0.4]
        values = capture(network, [0, 2], sizes, ["Q8_0"], draws=20)
        for name, factor in (("0.weight", 9), ("1.weight", 1)):
            squares = values[f"mean_square.{name}"]
            for square, losses in zip(squares, values[f"end_loss.{name}"], strict=True):
                for size, loss in zip(sizes, losses, strict=True):
                    self.assertAlmostEqual(loss / (factor * size**2 * square / 12), 1, delta=0.1)
                # The same numbers are drawn for every size.
                self.assertAlmostEqual(losses[1] / losses[0], 16, places=3)

    def test_the_loss_of_a_cast_is_that_of_the_output_with_the_cast_weights(self) -> None:
        network = linear_network()
        values = capture(network, [1], [0.1], ["Q4_0", "Q5_0"])
        layer = network.module[0]  # type: ignore[index]
        with torch.no_grad():
            inputs = network.inputs[1]
            changed = inputs @ cast(layer.weight, "Q4_0").T
            expected = (changed - layer(inputs)).double().square().mean().item()
        self.assertAlmostEqual(values["cast_loss.0.weight.Q4_0"][0] / expected, 1, places=4)
        self.assertLess(values["cast_loss.0.weight.Q5_0"][0], expected)

    def test_the_divergence_is_that_of_the_distributions(self) -> None:
        clean, end = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
        p = 1 / (1 + torch.exp(torch.tensor(-1.0))).item()
        expected = 0.5 * (torch.log(torch.tensor(0.5 / p)) + torch.log(torch.tensor(0.5 / (1 - p)))).item()
        self.assertAlmostEqual(divergence(end, clean), expected, places=6)
        self.assertEqual(divergence(clean, clean), 0)

    def test_layers_have_the_names_of_the_gguf_file(self) -> None:
        names = list(layers_of(tiny(parse(["--tiny"]))))
        kinds = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
        expected = {f"blk.{block}.{kind}.weight" for block in range(2) for kind in kinds} | {"output.weight"}
        self.assertEqual(set(names), expected)

    def test_an_output_that_is_tied_to_the_embedding_has_its_name(self) -> None:
        config = transformers.LlamaConfig(
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=1,
            vocab_size=11,
            tie_word_embeddings=True,
        )
        module = transformers.LlamaForCausalLM(config)
        layer = gguf_layer(module)
        self.assertEqual(layer("lm_head"), "token_embd.weight")
        self.assertEqual(layer("model.layers.0.self_attn.q_proj"), "blk.0.attn_q.weight")

    def test_other_inputs_have_another_digest(self) -> None:
        network = tiny(parse(["--tiny", "--samples", "2"]))
        digest = network.digest()
        network.inputs = [*network.inputs[1:], network.inputs[0]]
        self.assertNotEqual(network.digest(), digest)

    def test_batches_are_the_same_alone_or_in_parts_and_other_settings_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            whole, parts = Path(folder, "whole"), Path(folder, "parts")
            arguments = ["--tiny", "--samples", "3", "--batch", "2", "--formats", "Q8_0", "--out"]
            main([*arguments, str(whole)])
            for part in ("1/2", "2/2"):
                main([*arguments, str(parts), "--part", part])
            names = sorted(path.name for path in whole.iterdir())
            self.assertEqual(names, [f"outputs-{n:06}.safetensors" for n in (0, 2)])
            for name in names:
                with safe_open(whole / name, "pt") as one, safe_open(parts / name, "pt") as other:
                    for key in one.keys():
                        self.assertTrue(torch.equal(one.get_tensor(key), other.get_tensor(key)))
            with self.assertRaises(SystemExit) as ended:
                main([*arguments, str(whole), "--seed", "2"])
            self.assertIn("other settings", str(ended.exception.code))

    @unittest.skipUnless("PLAN" in os.environ, "PLAN does not name the built program")
    def test_captures_become_a_table_of_losses_whose_power_is_fitted(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out, tables = Path(folder, "captures"), Path(folder, "t.json")
            main(["--tiny", "--samples", "3", "--batch", "2", "--formats", "Q4_0,Q8_0", "--out", str(out)])
            files = [str(path) for path in sorted(out.iterdir())]
            plan = [os.environ["PLAN"], "measure", *files, "-o", str(tables)]
            run = subprocess.run(plan, check=True, capture_output=True, text=True)
            self.assertIn("Losses grow as the power", run.stdout)
            document = json.loads(tables.read_text())
            # A smooth network in single precision.
            self.assertAlmostEqual(document["exponent"], 2, delta=0.1)
            self.assertEqual(len(document["outputs"]), 15)
            self.assertEqual(len(document["impacts"]), 30)
            self.assertEqual((document["kind"], document["unit"]), ("loss", "KL divergence, nats per token"))
            impacts = {(cell["layer"], cell["format"]): cell["impact"] for cell in document["impacts"]}
            for layer in {layer for layer, _ in impacts}:
                self.assertLess(impacts[layer, "Q8_0"], impacts[layer, "Q4_0"])


if __name__ == "__main__":
    unittest.main()
