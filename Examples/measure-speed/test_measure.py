"""Tests with programs in the place of llama-bench and llama-quantize: python -m unittest, a second."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

from measure import costs, format_name, main

BENCH = """#!{python}
import json, sys
words = sys.argv[1:]
text = open(words[words.index("-m") + 1]).read()
if text == "broken": sys.exit("no such model")
if text == "silent": print("[]"); sys.exit()
rows = [{{"n_prompt": 512, "n_gen": 0, "avg_ts": 9999.0}}, {{"n_prompt": 0, "n_gen": 128, "avg_ts": float(text)}}]
print(json.dumps(rows))
"""
# A third of the bytes, three times the speed.
QUANTIZE = """#!{python}
import sys
pure, source, target, name = sys.argv[1:]
assert pure == "--pure"
if name == "Q9_K": sys.exit("no such format")
open(target, "w").write(str(3 * float(open(source).read())))
"""


class MeasureTests(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        for name, text in [("llama-bench", BENCH), ("llama-quantize", QUANTIZE)]:
            program = self.folder / name
            program.write_text(text.format(python=sys.executable))
            program.chmod(0o755)
        for name, text in [("f16", "10"), ("q8", "20"), ("broken", "broken"), ("silent", "silent")]:
            (self.folder / name).write_text(text)
        self.output = self.folder / "costs.csv"

    def run_main(self, *words: str) -> tuple[int, str]:
        errors = io.StringIO()
        programs = [
            f"--llama-bench={self.folder / 'llama-bench'}", f"--llama-quantize={self.folder / 'llama-quantize'}",
            f"--scratch={self.folder}", "-o", str(self.output),
        ]
        with contextlib.redirect_stderr(errors):
            code = main([*words, *programs])
        return code, errors.getvalue()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def test_the_costs_are_the_times_over_the_slowest(self) -> None:
        code, _ = self.run_main(f"F16={self.path('f16')}", f"Q8_0={self.path('q8')}")
        self.assertEqual(code, 0)
        self.assertEqual(self.output.read_text(), "format,cost\nF16,1.0000\nQ8_0,0.5000\n")

    def test_what_no_format_saves_comes_off(self) -> None:
        self.assertEqual(costs({"F16": 11, "Q8_0": 6}, 1), {"F16": 1, "Q8_0": 0.5})
        code, errors = self.run_main(f"F16={self.path('f16')}", "--fixed", "100")
        self.assertEqual(code, 1)
        self.assertIn("no more than the fixed", errors)

    def test_files_are_made_measured_and_removed(self) -> None:
        code, _ = self.run_main(
            f"F16={self.path('f16')}", "--source", self.path("f16"), "--make", "Q8_0,Q4_K_S"
        )
        self.assertEqual(code, 0)
        self.assertEqual(self.output.read_text(), "format,cost\nF16,1.0000\nQ8_0,0.3333\nQ4_K,0.3333\n")
        self.assertEqual(list(self.folder.glob("**/*.gguf")), [])

    def test_names_of_mixes_become_names_of_formats(self) -> None:
        names = ["Q4_K_S", "Q4_K_M", "Q6_K", "IQ4_XS", "Q8_0", "IQ3_S"]
        self.assertEqual([format_name(name) for name in names], ["Q4_K", "Q4_K", "Q6_K", "IQ4_XS", "Q8_0", "IQ3_S"])

    def test_what_goes_wrong_is_said_and_nothing_is_written(self) -> None:
        source = ["--source", self.path("f16")]
        for words, sentence in [
            ([], "give a file per format"), (["F16"], "FORMAT=FILE"), (["--make", "Q8_0"], "needs --source"),
            ([f"F16={self.path('broken')}"], "no such model"), ([f"F16={self.path('silent')}"], "no speed"),
            ([*source, "--make", "Q9_K"], "cannot make Q9_K"), (["--llama-bench=/nowhere", "F16=x"], "nowhere"),
        ]:
            code, errors = self.run_main(*words) if "nowhere" not in sentence else self.run_missing(*words)
            self.assertEqual(code, 1, sentence)
            self.assertIn(sentence, errors)
            self.assertFalse(self.output.exists())

    def run_missing(self, *words: str) -> tuple[int, str]:
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = main([*words, "-o", str(self.output)])
        return code, errors.getvalue()


if __name__ == "__main__":
    unittest.main()
