"""The measurements in their order, and the tables that they make."""

import hashlib
import math
import pathlib
import statistics
import sys
import time
from collections.abc import Callable, Iterable

import gguf

import mixes
from llama import Llama, Types, origin, remove, types
from planner import Column, Planner, digest
from record import Record, Row

# Tensors count the same whatever their role.
PLAIN = ("--prior", "none")
# The tables that are compared, worst founded first.
COLUMNS = (
    Column("absolute errors, sum", ("--absolute",), "sum", everywhere=False),
    Column("absolute errors, rss", ("--absolute",), "rss", everywhere=False),
    Column("relative errors, sum", (*PLAIN, "--norm", "weighted"), "sum", everywhere=False),
    Column("relative errors, rss", (*PLAIN, "--norm", "weighted"), "rss"),
    Column("relative errors, rss, nothing pinned", (*PLAIN, "--norm", "weighted"), "rss", pinned=False),
)
# The same with the importance matrix left out of the table, though the file is quantized with it.
UNWEIGHTED = (
    Column("relative errors without the matrix, rss", PLAIN, "rss", weighted=False),
    Column("relative errors without the matrix, rss, nothing pinned", PLAIN, "rss", weighted=False, pinned=False),
)
# What the program does where nothing is said: errors of the casts that the file will have, every input counting the same, by role.
DEFAULT = (
    Column("the default", (), "rss", goal=(0.15, 0.15)),
    Column("the default, nothing pinned", (), "rss", pinned=False, goal=(0.15, 0.15)),
)
RANDOM_SIZE = "Q4_K_M"


# Where files are near lossless with an importance matrix, plans by gradients are to be no worse than llama.cpp's mix.
NEAR_LOSSLESS = "Q5_K_M"
# By how much a prediction may be off.
FACTOR = 1.3


def by_gradients(path: pathlib.Path, pinned: bool = True) -> Column:
    """The column of a file of captured gradients."""
    fields = gguf.GGUFReader(path).fields
    sequences, tokens = (int(fields[f"gradients.{key}"].contents()) for key in ("sequences", "tokens"))
    name = f"gradients of {sequences} sequences, {tokens} tokens" + ("" if pinned else ", nothing pinned")
    return Column(name, (), "sum", pinned=pinned, gradients=path, goal=(0.3, 0.45))


def by_losses(chunks: int, context: str) -> tuple[Column, ...]:
    """The column of the losses that the network itself has when one layer is cast; none without chunks to measure them on."""
    if not chunks:
        return ()
    return (Column(f"calibrated losses, {chunks * int(context)} tokens", (), "sum", weighted=False, calibrated=chunks),)


class Bench:
    def __init__(
        self, work: pathlib.Path, llama: Llama, program: pathlib.Path, model: pathlib.Path, calibration: pathlib.Path,
        test: pathlib.Path, gradients: tuple[pathlib.Path, ...], calibrated: int,
    ):
        self.gradients = tuple(map(by_gradients, gradients))
        self.unpinned = tuple(by_gradients(path, pinned=False) for path in gradients)
        self.calibrated = by_losses(calibrated, llama.context)
        self.llama, self.model, self.calibration, self.test = llama, model, calibration, test
        self.network, self.text, self.taught = digest(model), digest(test), digest(calibration)
        self.folder = work / f"{model.stem}-{self.network}"
        self.folder.mkdir(exist_ok=True)
        self.planner = Planner(program, model, self.folder, llama, calibration)
        self.record = Record(work / "results.jsonl")
        self.base = self.folder / f"base-{self.text}-{llama.context}-{llama.chunks}.kld"
        self.matrix = self.folder / f"imatrix-{self.taught}.gguf"
        self.shapes = self.linear()

    @property
    def matrices(self) -> tuple[pathlib.Path | None, ...]:
        """What files are quantized with: nothing, the importance matrix, and the columns of each file of gradients."""
        return (None, self.matrix, *(column.gradients for column in self.gradients))

    def columns(self, matrix: pathlib.Path | None) -> tuple[Column, ...]:
        if matrix is None:
            return COLUMNS + DEFAULT + self.calibrated + self.gradients + self.unpinned
        if matrix == self.matrix:
            return COLUMNS + UNWEIGHTED + DEFAULT + self.calibrated + self.gradients + self.unpinned
        return tuple(column for column in self.gradients if column.gradients == matrix)

    def said(self, matrix: pathlib.Path | None) -> str:
        if matrix is None:
            return "without an importance matrix"
        if matrix == self.matrix:
            return "with an importance matrix"
        return f"with the columns of {self.columns(matrix)[0].name} as the matrix"

    def linear(self) -> mixes.Shapes:
        """The matrices that the comparison is about: all but embeddings and the output."""
        return {
            tensor.name: (int(tensor.shape[1]), int(tensor.shape[0]))
            for tensor in gguf.GGUFReader(self.model).tensors
            if len(tensor.shape) == 2 and tensor.name.startswith("blk.")
        }

    # What is run.

    def run(self, sizes: Iterable[str], randoms: int, uniform: bool, only: str) -> None:
        self.llama.importance(self.model, self.calibration, self.matrix)
        self.llama.base(self.model, self.test, self.base)
        # The size that quick runs have comes first.
        for size in sorted(sizes, key=lambda size: size != RANDOM_SIZE):
            for matrix in self.matrices:
                own = self.measure_mix(size, matrix)
                for column in self.columns(matrix):
                    if only in column.name and (column.everywhere or size == RANDOM_SIZE):
                        self.measure_plan(column, size, own, matrix)
        if uniform:
            for matrix in (None, self.matrix):
                for kind in mixes.UNIFORM:
                    self.measure_types(f"uniform {kind}", mixes.uniform(kind, self.shapes), matrix)
        if randoms and RANDOM_SIZE in sizes:
            own = self.measure_mix(RANDOM_SIZE, None)
            budget = mixes.total(own["types"], self.shapes)
            for seed in range(1, randoms + 1):
                for matrix in (None, self.matrix):
                    self.measure_types(f"random {seed}", mixes.drawn(seed, budget, self.shapes), matrix)

    def setting(self, matrix: pathlib.Path | None) -> str:
        """What a measurement depends on beside the file's types."""
        taught = "plain" if matrix is None else self.taught if matrix == self.matrix else digest(matrix)
        return " ".join((self.network, self.text, self.llama.context, self.llama.chunks, taught))

    def stated(self, column: Column, size: str) -> str:
        """What a plan is found by, beside its setting."""
        return f"plan {size} {column.name}" + (f" {digest(column.gradients)}" if column.gradients else "")

    def measure_mix(self, kind: str, matrix: pathlib.Path | None) -> Row:
        """One of llama.cpp's own mixes, whose types are read from the file that it makes."""
        key = f"mix {kind} {self.setting(matrix)}"
        return self.record.find(key) or self.measure(key, f"llama.cpp's {kind}", matrix, kind, None)

    def measure_plan(self, column: Column, size: str, own: Row, matrix: pathlib.Path | None) -> None:
        table = self.planner.table(column, matrix)
        pins = {name: kind for name, kind in own["types"].items() if name not in self.shapes and kind != "F32"} if column.pinned else {}
        name = f"{size}-{digest(matrix) if matrix else 'plain'}-{self.stated(column, size).replace(', ', '-').replace(' ', '-')}"
        plan = self.planner.plan(column, table, own["bytes"] - own["origin"], pins, name)
        key = f"types {self.of(plan.types)} {self.setting(matrix)}"
        measured = self.record.find(key) or self.measure(
            key, f"{column.name} at {size}", matrix, plan.kind, plan.rules, lambda file: self.planner.check(plan, file)
        )
        stated = f"{self.stated(column, size)} {self.setting(matrix)}"
        before = self.record.find(stated)
        if before is None or before["measured"] != key or before["impact"] != plan.impact:
            self.record.add(stated, measured=key, impact=plan.impact, bytes=measured["bytes"])

    def measure_types(self, name: str, wanted: Types, matrix: pathlib.Path | None) -> None:
        """A mix that no recipe stands behind; all else takes the types of llama.cpp's Q4_K_M."""
        own = self.measure_mix(RANDOM_SIZE, matrix)
        every = {tensor: kind for tensor, kind in own["types"].items() if kind != "F32"} | wanted
        key = f"types {self.of(every)} {self.setting(matrix)}"
        if self.record.find(key) is None:
            rules = self.folder / "rules.txt"
            self.llama.write_rules(every, rules)
            self.measure(key, name, matrix, "Q4_K_M", rules, lambda file: self.same(file, wanted))
        stated = f"{name} {self.setting(matrix)}"
        if self.record.find(stated) is None:
            self.record.add(stated, measured=key)

    @staticmethod
    def of(wanted: Types) -> str:
        """A digest of which tensor has which type."""
        quantized = sorted(f"{name} {kind}" for name, kind in wanted.items() if kind != "F32")
        return hashlib.sha256("\n".join(quantized).encode()).hexdigest()[:12]

    @staticmethod
    def same(file: pathlib.Path, wanted: Types) -> None:
        found = types(file)
        for name, kind in wanted.items():
            if found[name] != kind:
                raise ValueError(f"{name} was to be {kind} and is {found[name]}")

    def measure(
        self, key: str, name: str, matrix: pathlib.Path | None, kind: str, rules: pathlib.Path | None,
        check: Callable[[pathlib.Path], None] | None = None,
    ) -> Row:
        """Quantizes, checks and runs one file, and records what it loses."""
        start = time.monotonic()
        file = self.folder / "quantized.gguf"
        self.llama.quantize(self.model, file, kind, rules, matrix)
        if check:
            check(file)
        loss, error = self.llama.divergence(file, self.base, file.with_suffix(".log"))
        row = self.record.add(key, name=name, loss=loss, error=error, bytes=file.stat().st_size, origin=origin(file), types=types(file))
        remove(file)
        seconds = time.monotonic() - start
        print(f"{name}, {self.said(matrix)}: {loss:.4f} ± {error:.4f} ({seconds:.0f} s)", file=sys.stderr, flush=True)
        return row

    # What is shown.

    def found(self, stated: str, matrix: pathlib.Path | None) -> tuple[Row, Row] | None:
        """What was stated of a plan or mix, and what was measured of its file."""
        row = self.record.find(f"{stated} {self.setting(matrix)}")
        measured = self.record.find(row["measured"]) if row else None
        return (row, measured) if row and measured else None

    def show(self, sizes: Iterable[str]) -> None:
        sizes = list(sizes)
        print(f"Network {self.model.stem} ({self.network}), {len(self.shapes)} linear layers; test text {self.test.name} ({self.text}), "
              f"{self.llama.chunks} chunks of {self.llama.context} tokens; tools: {self.llama.version()}.")
        print("Mean KL divergence from the unquantized network in nats per token, ± its standard error; less is better.")
        print("All at the exact size of llama.cpp's mix; norms are as they are, embeddings and output have the types of the mix "
              "in every file but those with nothing pinned.")
        for matrix in self.matrices:
            self.show_sizes(sizes, matrix)
        for matrix in (None, self.matrix):
            self.show_uniform(matrix)
        self.show_predictions()

    def show_sizes(self, sizes: list[str], matrix: pathlib.Path | None) -> None:
        own = {size: self.record.find(f"mix {size} {self.setting(matrix)}") for size in sizes}
        print(f"\n### {self.said(matrix).capitalize()}\n")
        print("| at the size of | " + " | ".join(f"{size}, {row['bytes']:,} bytes" if row else size for size, row in own.items()) + " |")
        print("|---" * (len(sizes) + 1) + "|")
        print("| llama.cpp's own mix | " + " | ".join(self.cell(row, None) for row in own.values()) + " |")
        for column in self.columns(matrix):
            cells = []
            for size in sizes:
                pair = self.found(self.stated(column, size), matrix)
                cells.append(self.cell(pair and pair[1], own[size]) if column.everywhere or size == RANDOM_SIZE else "")
            print(f"| {column.name} | " + " | ".join(cells) + " |")
        drawn = self.randoms(matrix)
        if drawn and RANDOM_SIZE in sizes:
            for word, pick in (("best", min), ("median", statistics.median)):
                value = pick(row["loss"] for row in drawn)
                print(f"| {len(drawn)} random mixes, the {word} | " + " | ".join(
                    self.beside(f"{value:.4f}", value, own[size]) if size == RANDOM_SIZE else "" for size in sizes) + " |")
        for column in self.columns(matrix):
            self.show_goal(column, own, matrix)

    def show_predictions(self) -> None:
        """What tables of losses expect of every file that was measured, beside what was measured."""
        for column in self.gradients:
            for matrix in self.matrices:
                if matrix not in (None, self.matrix, column.gradients):
                    continue
                table = self.planner.table(column, matrix)
                ending = " " + self.setting(matrix)
                pairs = []
                for key, row in self.record.rows.items():
                    if key.endswith(ending) and "types" in row:
                        predicted = self.planner.predicted(table, row["types"])
                        if predicted is not None:
                            pairs.append((row["name"], predicted, row["loss"]))
                if not pairs:
                    continue
                print(f"\n### Predicted by {column.name}, {self.said(matrix)}\n")
                print("| file | predicted | measured | predicted / measured |\n|---|---|---|---|")
                for name, predicted, loss in pairs:
                    print(f"| {name} | {predicted:.4f} | {loss:.4f} | {predicted / loss:.2f} |")
                ratios = [predicted / loss for _, predicted, loss in pairs]
                mean = math.exp(statistics.fmean(map(math.log, ratios)))
                near = sum(1 / FACTOR <= ratio <= FACTOR for ratio in ratios)
                print(f"\n{near} of {len(pairs)} files are predicted within a factor of {FACTOR}; the geometric mean of "
                      f"predicted / measured is {mean:.2f}, from {min(ratios):.2f} to {max(ratios):.2f}.")

    def show_goal(self, column: Column, own: dict[str, Row | None], matrix: pathlib.Path | None) -> None:
        goal = column.goal[1 if matrix else 0]
        if goal is None:
            return
        said = []
        for size, row in own.items():
            pair = self.found(self.stated(column, size), matrix)
            if row and pair:
                wanted = 0 if matrix and column.gradients and size == NEAR_LOSSLESS else goal
                reached = pair[1]["loss"] <= row["loss"] * (1 - wanted)
                said.append(f"{size} {'reached' if reached else 'missed'}")
        if said:
            other = f", at {NEAR_LOSSLESS} no more" if matrix and column.gradients else ""
            print(f"\nGoal of {column.name}, at least {goal:.0%} less than llama.cpp's mix{other}: {', '.join(said)}.")

    def randoms(self, matrix: pathlib.Path | None) -> list[Row]:
        found = (self.found(f"random {seed}", matrix) for seed in range(1, 1001))
        return [pair[1] for pair in found if pair]

    def show_uniform(self, matrix: pathlib.Path | None) -> None:
        found = {kind: self.found(f"uniform {kind}", matrix) for kind in mixes.UNIFORM}
        rows = {kind: pair[1] for kind, pair in found.items() if pair}
        if not rows:
            return
        print(f"\n### One format for all linear layers, {self.said(matrix)}\n")
        print("| format (and what takes its place) | bytes | KL |\n|---|---|---|")
        for kind, row in sorted(rows.items(), key=lambda item: item[1]["bytes"]):
            other = mixes.UNIFORM[kind]
            print(f"| {kind}{'' if other == kind else f' ({other})'} | {row['bytes']:,} | {self.cell(row, None)} |")

    def cell(self, row: Row | None, own: Row | None) -> str:
        return self.beside(f"{row['loss']:.4f} ± {row['error']:.4f}", row["loss"], own) if row else "not run"

    @staticmethod
    def beside(text: str, loss: float, own: Row | None) -> str:
        """A figure, with how much more or less it is than llama.cpp's own mix."""
        if own is None:
            return text
        share = loss / own["loss"] - 1
        return f"{text} ({abs(share):.0%} {'worse' if share > 0 else 'better'})"
