"""The model file that the vectors are for: the names and shapes of its tensors, and some of its weights to compare with."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from naming import Layout

# bfloat16 has steps of 2^-8, and a model may be loaded in another type than the file's.
TOLERANCE = 2**-6


@dataclass
class ModelFile:
    """A GGUF file, a safetensors file, or a folder of them."""

    path: Path

    def __post_init__(self) -> None:
        self._gguf: dict[str, Any] = {}
        self._safetensors: dict[str, Path] = {}
        if self.path.suffix == ".gguf":
            self._open_gguf()
        else:
            self._open_safetensors()
        self.names = {*self._gguf, *self._safetensors}
        if not self.names:
            raise ValueError(f"{self.path} has no tensors; name a GGUF or safetensors file")

    @property
    def is_gguf(self) -> bool:
        return bool(self._gguf)

    def _open_gguf(self) -> None:
        gguf: Any = importlib.import_module("gguf")
        name = self.path.name
        # Of a split file, the others are beside it.
        stem, mark, _ = name.partition("-00001-of-")
        paths = sorted(self.path.parent.glob(f"{stem}-?????-of-?????.gguf")) if mark else [self.path]
        for path in paths:
            self._gguf.update({tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors})

    def _open_safetensors(self) -> None:
        if self.path.suffix == ".json":
            shards = set(json.loads(self.path.read_text())["weight_map"].values())
            paths: Iterable[Path] = [self.path.parent / shard for shard in shards]
        else:
            paths = sorted(self.path.glob("*.safetensors")) if self.path.is_dir() else [self.path]
        for path in paths:
            with safe_open(path, "pt") as file:
                self._safetensors.update({name: path for name in file.keys()})

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, the length of its rows last."""
        if name in self._gguf:
            return tuple(int(size) for size in reversed(self._gguf[name].shape))
        with safe_open(self._safetensors[name], "pt") as file:
            return tuple(file.get_slice(name).get_shape())

    def matrices(self, name: str) -> Tensor | None:
        """A tensor's values as [experts, rows, columns], or None where it is quantized already."""
        shape = self.shape(name)
        if name in self._gguf:
            gguf: Any = importlib.import_module("gguf")
            tensor = self._gguf[name]
            if tensor.tensor_type not in (
                gguf.GGMLQuantizationType.F32,
                gguf.GGMLQuantizationType.F16,
                gguf.GGMLQuantizationType.BF16,
            ):
                return None
            # A copy, because F32 is a view of the mapped file, which is read only.
            values = torch.tensor(gguf.dequantize(tensor.data, tensor.tensor_type)).reshape(shape)
        else:
            with safe_open(self._safetensors[name], "pt") as file:
                values = file.get_tensor(name)
            if values.dtype not in (torch.float32, torch.float16, torch.bfloat16):
                return None
        if values.dim() == 2:
            return values[None]
        return values if values.dim() == 3 else values.flatten(1)[None]


def check(file: ModelFile, layouts: Iterable[Layout], parameters: dict[str, nn.Parameter]) -> None:
    """Checks that every piece of every parameter is in the file where its layout says, by the weights themselves.

    Raises ValueError with the first that is not: another model, other names, or rows in another order.
    """
    opened: dict[str, Tensor | None] = {}
    for layout in layouts:
        values = layout.matrices(parameters[layout.parameter].detach())
        for piece in layout.pieces:
            if piece.tensor not in file.names:
                raise ValueError(f"{file.path} has no tensor {piece.tensor}, which {layout.parameter} would be")
            if piece.tensor not in opened:
                opened = {piece.tensor: file.matrices(piece.tensor)}
            stored = opened[piece.tensor]
            own = piece.of(values)
            shape = file.shape(piece.tensor)
            if stored is None:
                fits = own.shape[-1] == shape[-1]
            else:
                there = stored[piece.expert or 0][piece.offset : piece.offset + own.shape[0]]
                fits = there.shape == own.shape and _agree(own, there)
            if not fits:
                raise ValueError(
                    f"{layout.parameter} {tuple(own.shape)} is not what {file.path} has as {piece.tensor} {shape}; "
                    "give the file of the same weights, or other --names or --architecture"
                )


def _agree(own: Tensor, there: Tensor) -> bool:
    """Whether two matrices are the same but for their types, by some of their rows."""
    count = own.shape[0]
    rows = sorted({0, 1 % count, count // 3, count // 2, count - 1})
    mine, theirs = own[rows].float().cpu(), there[rows].float()
    return bool((mine - theirs).norm() <= TOLERANCE * theirs.norm())


def uncovered(file: ModelFile, layouts: Iterable[Layout], parameters: dict[str, nn.Parameter]) -> list[str]:
    """The tensors of the file of which some rows would be without gradients, though others have them."""
    rows: dict[str, int] = {}
    for layout in layouts:
        for piece in layout.pieces:
            part = piece.of(layout.matrices(parameters[layout.parameter]))
            rows[piece.tensor] = rows.get(piece.tensor, 0) + part.shape[0]
    result = []
    for name, count in rows.items():
        shape = file.shape(name)
        expected = shape[0] * shape[1] if len(shape) == 3 else shape[0]
        if count != expected:
            result.append(name)
    return sorted(result)
