"""Tests on a tiny transformer with random weights: python -m unittest, a few seconds on a CPU.

With PLAN set to the built program, what was captured is also turned into tables.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from capture import PERTURBATION, capture, loss, main, perturbed
from flux import tiny_inputs, tiny_transformer
from formats import UnfitFormat, cast, known_formats
from stack import FluxStack, replaced


class CaptureTests(unittest.TestCase):
    def setUp(self) -> None:
        self.transformer: Any = tiny_transformer()
        self.stack = FluxStack(self.transformer)

    def test_running_all_layers_gives_what_the_model_itself_gives(self) -> None:
        inputs = tiny_inputs(3)
        found: list[torch.Tensor] = []
        handle = self.transformer.norm_out.register_forward_pre_hook(lambda _, args: found.append(args[0]))
        with torch.no_grad():
            self.transformer(**inputs)
        handle.remove()
        sample = self.stack.sample(3, inputs)
        end = self.stack.run(range(self.stack.layer_count), self.stack.first_state(sample), sample)
        self.assertTrue(torch.equal(end["x"][:, sample.txt.shape[1] :], found[0]))

    def test_running_in_two_parts_is_running_at_once(self) -> None:
        sample = self.stack.sample(0, tiny_inputs(0))
        first = self.stack.first_state(sample)
        whole = self.stack.run(range(5), first, sample)
        for cut in range(1, 5):
            middle = self.stack.run(range(cut), first, sample)
            self.assertEqual(tuple(middle), self.stack.streams(cut))
            self.assertEqual(loss(self.stack.run(range(cut, 5), middle, sample), whole), 0)

    def test_every_weight_with_two_dimensions_belongs_to_one_stream(self) -> None:
        weights = [
            id(weight)
            for layer in range(5)
            for stream in self.stack.streams(layer)
            for weight in self.stack.weights(layer, stream)
        ]
        blocks = [*self.stack.double_blocks, *self.stack.single_blocks]
        expected = [id(p) for block in blocks for p in block.parameters() if p.dim() == 2]
        self.assertEqual(sorted(weights), sorted(expected))

    def test_a_perturbation_has_the_mean_square_of_table_two(self) -> None:
        values = torch.randn(200_000)
        noisy = perturbed(values, 1, 2, 3, "img", 4)
        expected = PERTURBATION**2 * values.square().mean().item() / 12
        self.assertAlmostEqual((noisy - values).square().mean().item() / expected, 1, delta=0.02)
        self.assertTrue(torch.equal(noisy, perturbed(values, 1, 2, 3, "img", 4)))
        for other in [(2, 2, 3, "img", 4), (1, 3, 3, "img", 4), (1, 2, 4, "img", 4), (1, 2, 3, "x", 4), (1, 2, 3, "img", 5)]:
            self.assertFalse(torch.equal(noisy, perturbed(values, *other)))

    def test_casting_is_close_and_more_bits_are_closer(self) -> None:
        weight = torch.randn(8, 256)
        errors = {format: (cast(weight, format) - weight).square().mean().item() for format in known_formats()}
        self.assertLess(errors["F16"], errors["BF16"])
        self.assertLess(errors["BF16"], errors["Q8_0"])
        self.assertLess(errors["Q8_0"], errors["Q5_1"])
        self.assertLess(errors["Q5_1"], errors["Q4_1"])
        self.assertLess(errors["float8_e4m3fn"], errors["float8_e5m2"])
        self.assertLess(errors["Q4_0"], errors["MXFP4"])
        self.assertTrue(all(0 < error < 0.1 for format, error in errors.items() if not format.startswith("TQ")))
        self.assertTrue(all(0.1 < errors[format] < 1 for format in ("TQ1_0", "TQ2_0")))
        with self.assertRaises(UnfitFormat):
            cast(torch.randn(8, 48), "Q8_0")
        with self.assertRaises(ValueError):
            cast(weight, "Q9")

    def test_weights_come_back_even_after_an_error(self) -> None:
        weights = self.stack.weights(0, "txt")
        before = [weight.clone() for weight in weights]
        with self.assertRaises(RuntimeError), replaced(weights, [torch.zeros_like(w) for w in weights]):
            self.assertEqual(weights[0].abs().sum().item(), 0)
            raise RuntimeError
        self.assertTrue(all(torch.equal(one, other) for one, other in zip(before, weights, strict=True)))

    def test_a_capture_has_every_state_and_cast(self) -> None:
        samples = [self.stack.sample(number, tiny_inputs(number)) for number in (4, 9)]
        values = capture(self.stack, "tiny", samples, ["Q4_1", "Q8_0"], draws=3, seed=1).values
        states = [(layer, stream) for layer in range(6) for stream in self.stack.streams(layer)]
        casts = [(layer, stream) for layer in range(5) for stream in self.stack.streams(layer)]
        self.assertEqual(len(values), 2 * len(states) + 2 * len(casts))
        for layer, stream in states:
            self.assertTrue(all(len(draws) == 3 and min(draws) > 0 for draws in values[f"end_loss.{layer}.{stream}"]))
        for layer, stream in casts:
            coarse, fine = (values[f"cast_loss.{layer}.{stream}.{format}"] for format in ("Q4_1", "Q8_0"))
            self.assertTrue(all(a > b > 0 for a, b in zip(coarse, fine, strict=True)))
        # After the last layer, the loss at the end is that of the perturbation itself.
        for draws, square in zip(values["end_loss.5.x"], values["mean_square.5.x"], strict=True):
            self.assertAlmostEqual(sum(draws) / 3 / (PERTURBATION**2 * square / 12), 1, delta=0.2)

    def test_batches_are_the_same_alone_or_in_parts_and_are_not_made_twice(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            whole, parts = Path(folder, "whole"), Path(folder, "parts")
            arguments = ["--tiny", "--samples", "5", "--batch", "2", "--draws", "1", "--formats", "Q8_0", "--out"]
            main([*arguments, str(whole)])
            for part in ("1/2", "2/2"):
                main([*arguments, str(parts), "--part", part])
            names = sorted(path.name for path in whole.iterdir())
            self.assertEqual(names, [f"capture-{n:06}.safetensors" for n in (0, 2, 4)])
            for name in names:
                with safe_open(whole / name, "pt") as one, safe_open(parts / name, "pt") as other:
                    self.assertEqual(one.metadata()["join"], "2")
                    for key in one.keys():
                        self.assertTrue(torch.equal(one.get_tensor(key), other.get_tensor(key)))
            (whole / names[1]).unlink()
            kept = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
            main([*arguments, str(whole)])
            self.assertEqual(sorted(path.name for path in whole.iterdir()), names)
            for name, stamp in kept.items():
                self.assertEqual((whole / name).stat().st_mtime_ns, stamp)

    def test_captures_with_other_settings_are_not_gone_on_with(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--tiny", "--samples", "1", "--draws", "1", "--out", folder]
            self.assertEqual(main([*arguments, "--formats", "Q8_0"]), 0)
            self.assertEqual(main([*arguments, "--formats", "Q8_0"]), 0)
            for other in (["--formats", "Q4_0"], ["--formats", "Q8_0", "--seed", "2"]):
                with self.assertRaises(SystemExit) as ended:
                    main([*arguments, *other])
                self.assertIn("other settings", str(ended.exception.code))

    @unittest.skipUnless("PLAN" in os.environ, "PLAN does not name the built program")
    def test_captures_become_tables(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "captures")
            main(["--tiny", "--samples", "3", "--batch", "1", "--out", str(out)])
            files = [str(path) for path in sorted(out.iterdir())]
            tables, page = Path(folder, "t.json"), Path(folder, "t.md")
            plan = [os.environ["PLAN"], "measure", *files, "-o", str(tables), "--markdown", str(page)]
            subprocess.run(plan, check=True, capture_output=True)
            document = json.loads(tables.read_text())
            self.assertEqual(len(document["layers"]), 2 * 2 + 3)
            self.assertEqual(len(document["states"]), 2 * 2 + 4)
            with safe_open(files[0], "pt") as one:
                stored = one.get_tensor("mean_square.1.txt")
            squares = [stored.item()]
            for file in files[1:]:
                with safe_open(file, "pt") as more:
                    squares.append(more.get_tensor("mean_square.1.txt").item())
            row = next(r for r in document["states"] if (r["before"], r["stream"]) == (1, "txt"))
            self.assertAlmostEqual(row["meanSquare"], sum(squares) / 3, places=12)
            self.assertIn("#### Table 3", page.read_text())


if __name__ == "__main__":
    unittest.main()
