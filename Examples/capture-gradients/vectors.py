"""The files of vectors: one safetensors file per sequence, and the GGUF file that they are put together to.

In the GGUF there are three tensors of type F32 for each weight NAME of the model:

- ``NAME.rows``, [experts, rows] or [rows]: r_i = Σ_j F_ij, in units of the loss per squared weight.
- ``NAME.in_sum2`` and ``NAME.counts``: the columns c_j = Σ_i F_ij, scaled so that in_sum2 / counts has the mean 1, as
  llama-imatrix writes an importance matrix. The file is one: llama-quantize and ``plan estimate --imatrix`` read it so.

Casting w to q is then expected to cost ½ · Σ_ij r_i·c_j·(w_ij - q_ij)² / Σ_j c_j at the end of the network.
"""

from __future__ import annotations

import importlib
import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from gradients import Squares
from parts import whole_file

VERSION = "1"
SETTINGS, NUMBER, TOKENS = "settings", "number", "tokens"


def save_sequence(path: Path, squares: dict[str, Squares], settings: str, number: int, tokens: int) -> None:
    """Writes the squares of one sequence, with what they depend on."""
    tensors: dict[str, Tensor] = {}
    for name, value in squares.items():
        tensors[f"{name}.rows"] = value.rows.float().contiguous()
        tensors[f"{name}.columns"] = value.columns.float().contiguous()
    metadata = {"plan_gradients": VERSION, SETTINGS: settings, NUMBER: str(number), TOKENS: str(tokens)}
    with whole_file(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def metadata_of(path: Path) -> dict[str, str]:
    """What a file of a sequence says of itself. Raises ValueError for any other file."""
    try:
        with safe_open(path, "pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
    except Exception as error:
        raise ValueError(f"{path} is no file of a sequence's gradients: {error}") from None
    if metadata.get("plan_gradients") != VERSION:
        raise ValueError(f"{path} is no file of a sequence's gradients")
    return metadata


@dataclass
class Combined:
    """The mean over sequences of a tensor's squares, after clipping."""

    rows: Tensor
    columns: Tensor
    # In how many sequences a gradient reached each expert.
    counts: Tensor
    # How many sequences were clipped.
    clipped: int


@dataclass
class Sequences:
    """The files of all sequences of one run, possibly from several machines."""

    paths: list[Path]
    settings: dict[str, Any]
    tokens: int

    @staticmethod
    def opened(paths: Iterable[Path]) -> Sequences:
        """Checks that files belong to one run and that none is missing or there twice. Raises ValueError if not."""
        numbered: dict[int, Path] = {}
        settings: str | None = None
        tokens = 0
        for path in paths:
            metadata = metadata_of(path)
            if settings is not None and metadata[SETTINGS] != settings:
                raise ValueError(f"{path} was captured with other settings than {next(iter(numbered.values()))}")
            settings = metadata[SETTINGS]
            number = int(metadata[NUMBER])
            if number in numbered:
                raise ValueError(f"{path} and {numbered[number]} are the same sequence")
            numbered[number] = path
            tokens += int(metadata[TOKENS])
        if settings is None:
            raise ValueError("there are no files to put together")
        known: dict[str, Any] = json.loads(settings)
        missing = [number for number in range(known["sequences"]) if number not in numbered]
        if missing:
            raise ValueError(
                f"of {known['sequences']} sequences {len(missing)} are missing, the first is number {missing[0]}"
            )
        return Sequences([numbered[number] for number in sorted(numbered)], known, tokens)

    def names(self) -> list[str]:
        with safe_open(self.paths[0], "pt") as file:
            return sorted(name.removesuffix(".rows") for name in file.keys() if name.endswith(".rows"))

    def combined(self, name: str, clip: float) -> Combined:
        """The mean of a tensor's squares over sequences, each brought down to at most ``clip`` times the median of their sums.

        A single sequence may have hundreds of times the others' gradient in some layers, and its noise would be all that is
        measured. ``clip`` 0 leaves everything as it is.
        """
        squares: list[Squares] = []
        for path in self.paths:
            with safe_open(path, "pt") as file:
                squares.append(
                    Squares(file.get_tensor(f"{name}.rows").double(), file.get_tensor(f"{name}.columns").double())
                )
        return combine(squares, clip)


def combine(sequences: list[Squares], clip: float) -> Combined:
    """See ``Sequences.combined``. Sequences that no gradient reached have no part in the median."""
    sums = [squares.rows.sum().item() for squares in sequences]
    reached = [value for value in sums if value > 0]
    limit = clip * statistics.median(reached) if clip > 0 and reached else float("inf")
    factors = [limit / value if value > limit else 1.0 for value in sums]
    count = len(sequences)
    rows = torch.stack([squares.rows * factor for squares, factor in zip(sequences, factors, strict=True)]).sum(0)
    columns = torch.stack([squares.columns * factor for squares, factor in zip(sequences, factors, strict=True)]).sum(0)
    counts = torch.stack([(squares.rows.sum(-1) > 0).double() for squares in sequences]).sum(0)
    return Combined(rows / count, columns / count, counts, sum(factor < 1 for factor in factors))


def write_gguf(path: Path, sequences: Sequences, clip: float) -> tuple[list[str], list[str]]:
    """Puts sequences together, and returns the tensors that are in the file and those that no gradient reached."""
    gguf: Any = importlib.import_module("gguf")

    class Writer(gguf.GGUFWriter):  # type: ignore[misc]
        def add_architecture(self) -> None:
            """An importance matrix has none."""

    settings = sequences.settings
    written, unreached = [], []
    with whole_file(path) as temporary:
        writer = Writer(temporary, "")
        writer.add_type("imatrix")
        writer.add_array("imatrix.datasets", [settings["dataset"] or "unnamed"])
        writer.add_uint32("imatrix.chunk_count", len(sequences.paths))
        writer.add_uint32("imatrix.chunk_size", sequences.tokens // len(sequences.paths))
        writer.add_uint32("gradients.version", int(VERSION))
        writer.add_string("gradients.model", settings["name"])
        writer.add_string("gradients.loss", settings["loss"])
        writer.add_string("gradients.unit", settings["unit"])
        writer.add_uint64("gradients.sequences", len(sequences.paths))
        writer.add_uint64("gradients.tokens", sequences.tokens)
        writer.add_float32("gradients.clip", clip)
        writer.add_uint64("gradients.seed", settings["seed"])
        writer.add_string("gradients.text", settings["digest"])
        for name in sequences.names():
            combined = sequences.combined(name, clip)
            if not (combined.counts > 0).any():
                unreached.append(name)
                continue
            written.append(name)
            add_tensor(writer, name, combined)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return written, unreached


def add_tensor(writer: Any, name: str, combined: Combined) -> None:
    means = combined.columns.mean(-1, keepdim=True)
    counts = combined.counts[:, None]
    # An expert that nothing reached has no columns, which its count of 0 says.
    sums = torch.where(means > 0, combined.columns / means.clamp(min=torch.finfo(torch.float64).tiny) * counts, 0.0)
    for ending, values in ((".rows", combined.rows), (".in_sum2", sums), (".counts", counts)):
        array: Any = values.float().numpy()
        writer.add_tensor(name + ending, np.ascontiguousarray(array[0] if len(array) == 1 else array))
