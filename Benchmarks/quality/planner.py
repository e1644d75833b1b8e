"""`plan`, run as a user runs it: weights to a table, table to a recipe, recipe to llama-quantize's rules."""

import csv
import dataclasses
import functools
import hashlib
import json
import pathlib
import subprocess

from commands import Failed, run
from llama import Llama, Types, origin


@functools.cache
def digest(path: pathlib.Path) -> str:
    """The beginning of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def matrix_name(matrix: pathlib.Path | None) -> str:
    return matrix.stem if matrix else "plain"


@dataclasses.dataclass(frozen=True)
class Column:
    """One way to a table of costs, and how its cells combine."""

    name: str
    # The options of plan estimate that make the table out of the file of errors.
    options: tuple[str, ...]
    combine: str
    # Whether the table's errors are weighted by the importance matrix that the file is quantized with.
    weighted: bool = True
    # Whether it is run at every size, or at RANDOM_SIZE alone: what is known to lose is shown once.
    everywhere: bool = True
    # Whether embeddings and the output have the types that they have in llama.cpp's mix, or are planned as all else is.
    pinned: bool = True
    # The captured gradients that make its cells losses of the whole network, so that the plan's impact predicts what the file
    # loses.
    gradients: pathlib.Path | None = None
    # Chunks of the calibration text on which the loss of every layer was measured, one layer cast at a time; 0 for tables of errors.
    calibrated: int = 0
    # How much less than llama.cpp's own mix the plan is to lose, without and with an importance matrix.
    goal: tuple[float | None, float | None] = (None, None)


@dataclasses.dataclass(frozen=True)
class Plan:
    """A plan, as its recipe states it, with the rules for llama-quantize."""

    recipe: pathlib.Path
    rules: pathlib.Path
    kind: str
    types: Types
    impact: float
    bytes: int


class Planner:
    def __init__(self, program: pathlib.Path, model: pathlib.Path, folder: pathlib.Path, llama: Llama, text: pathlib.Path):
        self.program, self.model, self.folder, self.llama, self.text = program, model, folder, llama, text

    def errors(self, matrix: pathlib.Path | None, gradients: pathlib.Path | None) -> pathlib.Path:
        """The file of errors: one pass over the weights, which every table is made of."""
        by = f"-by-{digest(gradients)}" if gradients else ""
        path = self.folder / f"errors-{matrix_name(matrix)}{by}.jsonl"
        done = path.with_suffix(".done")
        if not done.exists():
            options: list[str | pathlib.Path] = ["--gradients", gradients] if gradients else []
            if matrix:
                options += ["--importance", "gradients"] if matrix == gradients else ["--imatrix", matrix]
            run([self.program, "estimate", self.model, *options, "--errors", path, "--resume", "--grouping", "per tensor",
                 "-o", path.with_suffix(".csv")], path.with_suffix(".log"))
            done.touch()
        return path

    def losses(self, chunks: int) -> pathlib.Path:
        """The losses of single layers, each cast to one format, by the network itself.

        An interrupted run goes on at the layer that it was at.
        """
        path = self.folder / f"losses-{digest(self.text)}-{self.llama.context}-{chunks}.csv"
        done = path.with_suffix(".done")
        if not done.exists():
            run([self.program, "calibrate", self.model, "--text", self.text, "--llama-perplexity", self.llama.program("llama-perplexity"),
                 "--context", self.llama.context, "--chunks", str(chunks), "--grouping", "per tensor", "--resume", "-o", path,
                 "--scratch", path.with_suffix(".scratch"), "--", "-t", self.llama.threads], path.with_suffix(".log"))
            done.touch()
        return path

    def table(self, column: Column, matrix: pathlib.Path | None) -> pathlib.Path:
        errors = self.errors(matrix if column.weighted else None, column.gradients)
        options = [*column.options, *(["--losses", self.losses(column.calibrated)] if column.calibrated else [])]
        words = (*column.options, *([f"{column.calibrated} chunks"] if column.calibrated else []))
        name = hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]
        path = errors.with_name(f"{errors.stem}-{name}.csv")
        if not path.exists():
            run([self.program, "estimate", self.model, "--merge", errors, "--grouping", "per tensor", *options,
                 "-o", path], path.with_suffix(".log"))
        return path

    @staticmethod
    def predicted(table: pathlib.Path, wanted: Types) -> float | None:
        """What a table of losses expects of a file with these types; nothing where it has no cell for one of them."""
        lines = (line for line in table.read_text().splitlines() if not line.startswith("#"))
        total = 0.0
        for row in csv.DictReader(lines):
            kind = wanted[row["layer"]]
            if kind == "F32":
                continue
            cell = row.get(kind)
            if not cell or cell == "inf":
                return None
            total += float(cell)
        return total

    def plan(self, column: Column, table: pathlib.Path, budget: int, pins: Types, name: str) -> Plan:
        """The proven best plan for the budget, exported for llama-quantize."""
        recipe, rules = self.folder / f"{name}.json", self.folder / f"{name}.txt"
        words = [word for tensor, kind in pins.items() for word in ("--pin", f"{tensor}={kind}")]
        run([self.program, "solve", "--budget", str(budget), "--model", self.model, "--impacts", table, "--grouping",
             "per tensor", "--converter", "llama-quantize", "--combine", column.combine, *words, "-o", recipe],
            recipe.with_suffix(".plan.log"))
        said = run([self.program, "export", recipe, "--converter", "llama-quantize", "--model", self.model, "-o", rules],
                   recipe.with_suffix(".export.log"))
        values = json.loads(recipe.read_text())
        if values["proof"]["status"] != "optimal":
            raise Failed(f"the plan {recipe} is not proven: {values['proof']}")
        types = {tensor: layer["format"] for layer in values["layers"] for tensor in layer["tensors"]}
        # The last word of the command that the export prints is the type that the rules need beside them.
        command = next(line for line in said.splitlines() if "-mixed.gguf" in line)
        return Plan(recipe, rules, command.split()[-1], types, values["impact"]["total"], values["size"]["bytes"])

    def check(self, plan: Plan, file: pathlib.Path) -> None:
        """Holds the finished file against the recipe; a difference ends the run.

        With an importance matrix the header says where it came from, which is the one difference that is let pass.
        """
        command = list(map(str, (self.program, "check", plan.recipe, file, "--model", self.model, "--format", "json")))
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        differences = json.loads(result.stdout) if result.returncode == 1 else []
        if [found["what"] for found in differences] != ["file bytes"] or file.stat().st_size - origin(file) != plan.bytes:
            raise Failed(f"{file} is not as {plan.recipe} has it:\n{result.stdout}{result.stderr}")
