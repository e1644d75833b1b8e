"""The squared gradient of a network's weights, as sums over its rows and over its columns, a sequence at a time.

With the gradient G of a sequence's scalar, ``rows[i] = Σ_j G_ij² / count`` and ``columns[j] = Σ_i G_ij² / count``. The whole
sequence's gradient is squared: the tokens' own gradients largely cancel or add up, so the sum of their squares would
be far off. A gradient is squared and let go as soon as the backward pass has made it, so that one is in memory at a time.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from naming import Layout, Naming
from networks import Network

# Gradients are squared in single precision in pieces of so many elements.
PIECE_ELEMENTS = 1 << 24


@dataclass
class Squares:
    """The sums of a tensor's squared gradient: rows [experts, rows] and columns [experts, columns], in double precision."""

    rows: Tensor
    columns: Tensor


class GradientCapture:
    """Takes the gradients of chosen parameters of a network."""

    def __init__(self, network: Network, naming: Naming, chosen: Iterable[str] = ("*",)) -> None:
        self.network = network
        self.layouts: dict[str, Layout] = {}
        self.unnamed: list[str] = []
        patterns = list(chosen)
        network.module.requires_grad_(False)
        modules = dict(network.module.named_modules())
        self.parameters: dict[str, nn.Parameter] = {}
        for name, parameter in network.module.named_parameters():
            holder, _, _ = name.rpartition(".")
            is_chosen = any(fnmatch.fnmatchcase(text, pattern) for text in (name, holder) for pattern in patterns)
            # Norms and biases are kept as they are by every converter.
            if parameter.dim() < 2 or name.endswith("bias") or not is_chosen:
                continue
            if parameter.is_meta:
                raise ValueError(
                    f"{name} is not in memory; leave no weights to the disk, or take a machine with more memory"
                )
            layout = naming(name, modules[holder], parameter)
            if layout is None:
                self.unnamed.append(name)
                continue
            self.layouts[name], self.parameters[name] = layout, parameter

    def squares(self, number: int, seed: int) -> dict[str, Squares]:
        """Runs the network on an input and back, and returns the squares of every tensor of the file.

        What no gradient reached is all zeros. The generator's seed follows from the arguments alone.
        """
        generator = torch.Generator(device="cpu")
        generator.manual_seed((seed * 0x9E3779B97F4A7C15 + number * 0xD1342543DE82EF95) % 2**63)
        taken: dict[str, Squares] = {}
        handles = [self._watch(name, parameter, taken) for name, parameter in self.parameters.items()]
        try:
            with torch.enable_grad():
                score = self.network.score(self.network.module, self.network.inputs[number], generator)
                score.value.backward()
        finally:
            for handle in handles:
                handle.remove()
        result = self._assembled(taken)
        for name, squares in result.items():
            squares.rows /= score.count
            squares.columns /= score.count
            if not torch.isfinite(squares.rows).all():
                raise ValueError(f"the gradient of {name} is not finite for input {number}; try --dtype float32")
        return result

    def _watch(self, name: str, parameter: nn.Parameter, taken: dict[str, Squares]) -> Any:
        parameter.requires_grad_(True)
        layout = self.layouts[name]

        def take(source: Tensor) -> None:
            assert source.grad is not None
            matrices = layout.matrices(source.grad)
            source.grad = None
            if any(piece_key(layout, place) in taken for place in range(len(layout.pieces))):
                raise ValueError(f"the gradient of {name} came in parts; use a checkpointing without reentry")
            for place, piece in enumerate(layout.pieces):
                taken[piece_key(layout, place)] = sums_of_squares(piece.of(matrices))

        return parameter.register_post_accumulate_grad_hook(take)

    def _assembled(self, taken: dict[str, Squares]) -> dict[str, Squares]:
        """Puts the pieces of tensors together: rows one after another, columns added up."""
        pieces: dict[str, list[tuple[int, int, Squares]]] = {}
        for name, layout in self.layouts.items():
            for place, piece in enumerate(layout.pieces):
                squares = taken.get(piece_key(layout, place))
                if squares is None:
                    shape = piece.of(layout.matrices(self.parameters[name])).shape
                    squares = Squares(torch.zeros(shape[0]), torch.zeros(shape[1]))
                pieces.setdefault(piece.tensor, []).append((piece.expert or 0, piece.offset, squares))
        result: dict[str, Squares] = {}
        for tensor, parts in pieces.items():
            experts: list[Squares] = []
            for expert in range(max(expert for expert, _, _ in parts) + 1):
                own = sorted(((o, s) for number, o, s in parts if number == expert), key=lambda part: part[0])
                if not own:
                    raise ValueError(f"expert {expert} of {tensor} has no gradient; choose all of its modules")
                end = 0
                for offset, squares in own:
                    if offset != end:
                        raise ValueError(
                            f"rows {end} to {offset} of {tensor} have no gradient; choose all of its modules"
                        )
                    end = offset + len(squares.rows)
                rows = torch.cat([squares.rows for _, squares in own])
                experts.append(Squares(rows, torch.stack([squares.columns for _, squares in own]).sum(0)))
            result[tensor] = Squares(
                torch.stack([squares.rows for squares in experts]),
                torch.stack([squares.columns for squares in experts]),
            )
        return result


def piece_key(layout: Layout, place: int) -> str:
    return f"{layout.parameter}:{place}"


def sums_of_squares(gradient: Tensor) -> Squares:
    """The sums over rows and columns of a matrix' squared elements, without a second matrix of its size."""
    count = max(1, PIECE_ELEMENTS // max(1, gradient.shape[1]))
    rows: list[Tensor] = []
    columns = torch.zeros(gradient.shape[1], dtype=torch.float64)
    for piece in gradient.split(count):
        squares = piece.float().square()
        rows.append(squares.sum(1).cpu().double())
        columns += squares.sum(0).cpu().double()
    return Squares(torch.cat(rows), columns)


def checkpoint_gradients(module: Any) -> None:
    """Lets a network of transformers or diffusers keep only the inputs of its blocks, and run each again on the way back.

    Those of transformers do so only in training mode; the blocks alone are put into it, with their own dropout off.
    """
    # transformers 5 has a new name for it, diffusers one of its own.
    if hasattr(module, "activation_checkpointing_enable"):
        module.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    elif hasattr(module, "gradient_checkpointing_enable"):
        module.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    elif hasattr(module, "enable_gradient_checkpointing"):
        module.enable_gradient_checkpointing()
        return
    else:
        raise ValueError("the network has no gradient checkpointing; leave --checkpointing out")
    for child in module.modules():
        if getattr(child, "gradient_checkpointing", False):
            child.training = True
            for name, value in vars(child).items():
                if "dropout" in name and isinstance(value, float):
                    setattr(child, name, 0.0)
