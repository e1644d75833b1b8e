"""Tests of the program: python -m unittest. With PLAN set to the built `plan`, its reading of the files is tested too."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from capture import main
from flux import tiny_transformer
from loading import stretches
from test_naming import causal, write_llama

HERE = Path(__file__).resolve().parent
WORDS = [f"word{number}" for number in range(45)]
PLAN = os.environ.get("PLAN", "")


def save_tokenizer(folder: Path) -> None:
    words = {word: number for number, word in enumerate(["<pad>", "<s>", "</s>", *WORDS])}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<pad>"))
    tokenizer.pre_tokenizer = Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>").save_pretrained(folder)


def vectors(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    return {tensor.name: np.array(tensor.data) for tensor in gguf.GGUFReader(path).tensors}


def fields(path: Path) -> dict[str, Any]:
    return {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}


class CaptureTests(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def capture(self, *arguments: str, name: str = "out") -> Path:
        output = self.folder / f"{name}.gguf"
        folder = self.folder / f"{name}-sequences"
        arguments = (*arguments, "--dtype", "float32", "--sequences-folder", str(folder), "-o", str(output))
        self.assertEqual(main(list(arguments)), 0)
        return output

    def assert_ends(self, text: str, *arguments: str) -> None:
        with self.assertRaises(SystemExit) as ended:
            main(list(arguments))
        self.assertIn(text, str(ended.exception.code))

    def language_model(self) -> tuple[str, ...]:
        causal("Llama").save_pretrained(self.folder / "tiny")
        save_tokenizer(self.folder / "tiny")
        text = self.folder / "text.txt"
        text.write_text(" ".join(WORDS * 4))
        return (
            "--language-model",
            str(self.folder / "tiny"),
            "--text",
            str(text),
            "--sequences",
            "3",
            "--tokens",
            "16",
        )

    def test_a_language_model_becomes_a_file_of_vectors(self) -> None:
        arguments = self.language_model()
        file = self.folder / "tiny.gguf"
        write_llama(file, causal("Llama"))
        made = self.capture(*arguments, "--file", str(file))
        found, known = vectors(made), fields(made)
        self.assertEqual(len(found), 3 * (2 + 2 * 7))
        self.assertEqual(found["blk.0.attn_k.weight.rows"].shape, (16,))
        self.assertEqual(found["blk.0.ffn_down.weight.in_sum2"].shape, (64,))
        self.assertEqual(found["blk.0.ffn_down.weight.counts"].tolist(), [3])
        self.assertAlmostEqual(found["blk.0.ffn_down.weight.in_sum2"].mean() / 3, 1, places=5)
        self.assertEqual(known["general.type"], "imatrix")
        self.assertEqual(known["gradients.loss"], "kl")
        self.assertEqual(known["gradients.unit"], "KL divergence, nats per token")
        self.assertEqual((known["gradients.sequences"], known["gradients.tokens"]), (3, 48))
        self.assertEqual(known["gradients.clip"], 3)
        self.assertTrue(known["gradients.text"].startswith("sha256:"))
        self.assertEqual(known["imatrix.chunk_size"], 16)
        # The names of the network itself.
        plain = vectors(self.capture(*arguments, name="plain"))
        self.assertTrue(
            np.allclose(
                np.sort(found["blk.0.attn_k.weight.rows"]),
                np.sort(plain["model.layers.0.self_attn.k_proj.weight.rows"]),
            )
        )

    def test_16_bit_floats_change_little(self) -> None:
        arguments = self.language_model()
        exact = vectors(self.capture(*arguments))
        output = self.folder / "short.gguf"
        more = [
            "--dtype",
            "bfloat16",
            "--checkpointing",
            "--sequences-folder",
            str(self.folder / "short"),
            "-o",
            str(output),
        ]
        self.assertEqual(main([*arguments, *more]), 0)
        for name, values in vectors(output).items():
            self.assertLess(np.linalg.norm(values - exact[name]), 0.2 * np.linalg.norm(exact[name]), name)

    def test_an_encoder_becomes_a_file_of_vectors(self) -> None:
        torch.manual_seed(2)
        config = transformers.BertConfig(
            vocab_size=48, hidden_size=32, num_hidden_layers=1, num_attention_heads=4, intermediate_size=64
        )
        transformers.BertModel(config).save_pretrained(self.folder / "tiny")
        save_tokenizer(self.folder / "tiny")
        text = self.folder / "sentences.txt"
        text.write_text("\n".join(" ".join(WORDS[start : start + 5]) for start in range(10)))
        model = str(self.folder / "tiny")
        made = self.capture("--encoder", model, "--file", model, "--text", str(text), "--sequences", "4")
        self.assertEqual(fields(made)["gradients.loss"], "cosine")
        names = set(vectors(made))
        self.assertIn("encoder.layer.0.attention.self.query.weight.rows", names)
        # Nothing goes from the pooler to the embedding.
        self.assertNotIn("pooler.dense.weight.rows", names)

    def test_the_example_of_a_network_of_ones_own_runs(self) -> None:
        made = self.capture("--own", str(HERE / "own_network.py"), "--sequences", "5")
        self.assertEqual(fields(made)["gradients.unit"], "KL divergence, nats per input")
        self.assertEqual(vectors(made)["0.weight.rows"].shape, (32,))

    def test_parts_and_interruptions_change_nothing(self) -> None:
        arguments = ["--own", str(HERE / "own_network.py"), "--sequences", "5"]
        whole = self.capture(*arguments)
        parts = []
        for part in ("1/2", "2/2"):
            folder = self.folder / f"part-{part[0]}"
            more = ["--dtype", "float32", "--part", part, "--sequences-folder", str(folder)]
            self.assertEqual(main([*arguments, *more, "-o", str(self.folder / "never.gguf")]), 0)
            parts += sorted(folder.iterdir())
        self.assertFalse((self.folder / "never.gguf").exists())
        self.assertEqual(len(parts), 5)
        merged = self.folder / "merged.gguf"
        self.assertEqual(main(["--merge", *map(str, reversed(parts)), "-o", str(merged)]), 0)
        self.assertEqual(merged.read_bytes(), whole.read_bytes())
        again = self.folder / "out-sequences"
        (again / "sequence-000003.safetensors").unlink()
        stamps = {path.name: path.stat().st_mtime_ns for path in again.iterdir()}
        self.assertEqual(self.capture(*arguments).read_bytes(), merged.read_bytes())
        for name, stamp in stamps.items():
            self.assertEqual((again / name).stat().st_mtime_ns, stamp)

    def test_what_does_not_belong_together_is_refused(self) -> None:
        arguments = ["--own", str(HERE / "own_network.py"), "--sequences", "3", "--dtype", "float32"]
        first, second = self.folder / "first", self.folder / "second"
        for folder, seed in ((first, "1"), (second, "2")):
            main([*arguments, "--seed", seed, "--sequences-folder", str(folder), "-o", str(self.folder / "o.gguf")])
        self.assert_ends("other settings", *arguments, "--seed", "2", "--sequences-folder", str(first))
        files = sorted(map(str, first.iterdir()))
        self.assert_ends("other settings", "--merge", *files[:2], str(second / "sequence-000002.safetensors"))
        self.assert_ends("1 are missing, the first is number 1", "--merge", files[0], files[2])
        self.assert_ends("same sequence", "--merge", *files, files[0])
        self.assert_ends("no file of a sequence's gradients", "--merge", str(HERE / "README.md"))
        self.assert_ends("no file", "--merge", str(self.folder / "nothing.safetensors"))

    def test_stretches_lie_evenly_and_never_overlap(self) -> None:
        tokens = list(range(100))
        found = stretches(tokens, 4, 20)
        self.assertEqual([stretch[0] for stretch in found], [0, 26, 53, 80])
        self.assertEqual(stretches(tokens, 1, 100), [tokens])
        self.assertEqual(stretches(tokens, 5, 20)[1][0], 20)
        with self.assertRaisesRegex(ValueError, "the text has 100 tokens"):
            stretches(tokens, 6, 20)

    @unittest.skipUnless(PLAN, "PLAN does not name the built program")
    def test_plan_makes_losses_of_the_vectors_and_reads_the_columns_as_a_matrix(self) -> None:
        model = self.folder / "flux.safetensors"
        state = tiny_transformer().state_dict()
        save_file({name: value.contiguous() for name, value in state.items()}, model)
        made = self.capture("--tiny", "--sequences", "2", "--file", str(model))
        self.assertEqual(fields(made)["gradients.loss"], "mse")
        for number, options in enumerate((["--gradients"], ["--importance", "gradients", "--gradients"], ["--imatrix"])):
            table = self.folder / f"{number}.csv"
            arguments = [*options, str(made), "--formats", "Q8_0,Q4_0", "-o", str(table)]
            command = [PLAN, "estimate", str(model), *arguments, "--errors", str(self.folder / f"{number}.jsonl")]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            unit = fields(made)["gradients.unit"] if number < 2 else "relative error"
            self.assertIn(f"# unit: {unit}\n", table.read_text())


if __name__ == "__main__":
    unittest.main()
