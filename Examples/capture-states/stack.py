"""A transformer of the FLUX family as a stack of layers that can be run from any layer to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

# Which linear layers of a block belong to which stream; the rest of a block has no weights with two dimensions.
DOUBLE_BLOCK_STREAMS = {
    "img": ("norm1.", "attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out", "ff."),
    "txt": ("norm1_context.", "attn.add_", "attn.to_add_out", "ff_context."),
}


@dataclass
class Sample:
    """One call of the transformer: the states before layer 0, and what every layer is given besides."""

    number: int
    img: Tensor
    txt: Tensor
    conditions: dict[str, Any]


class _FirstBlockReached(Exception):
    """Ends a forward pass as soon as the first block has its arguments."""


class FluxStack:
    """The layers of a transformer, double blocks first.

    A state is a dict: ``img`` and ``txt`` before a double block; ``x``, the text tokens and then the image tokens,
    before a single block and at the end.
    """

    def __init__(self, transformer: nn.Module) -> None:
        self.transformer = transformer
        self.double_blocks: list[nn.Module] = list(transformer.transformer_blocks)  # type: ignore[arg-type]
        self.single_blocks: list[nn.Module] = list(transformer.single_transformer_blocks)  # type: ignore[arg-type]

    @property
    def layer_count(self) -> int:
        return len(self.double_blocks) + len(self.single_blocks)

    @property
    def join_layer(self) -> int | None:
        """The layer before which the streams are joined, or None where they never are."""
        return len(self.double_blocks) if self.single_blocks else None

    def streams(self, before: int) -> tuple[str, ...]:
        join = self.join_layer
        return ("img", "txt") if join is None or before < join else ("x",)

    def sample(self, number: int, inputs: dict[str, Any]) -> Sample:
        """Runs the transformer up to its first block and keeps what that block is called with."""
        found: dict[str, Any] = {}

        def keep(_: nn.Module, __: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            found.update(kwargs)
            raise _FirstBlockReached

        first = (self.double_blocks + self.single_blocks)[0]
        handle = first.register_forward_pre_hook(keep, with_kwargs=True)
        try:
            with torch.no_grad():
                self.transformer(**inputs)
        except _FirstBlockReached:
            pass
        finally:
            handle.remove()
        img, txt = found.pop("hidden_states"), found.pop("encoder_hidden_states")
        return Sample(number, img, txt, found)

    def first_state(self, sample: Sample) -> dict[str, Tensor]:
        if self.streams(0) == ("x",):
            return {"x": torch.cat([sample.txt, sample.img], dim=1)}
        return {"img": sample.img, "txt": sample.txt}

    @torch.no_grad()
    def run(self, layers: range, state: dict[str, Tensor], sample: Sample) -> dict[str, Tensor]:
        """Runs layers one after the other, from the state before the first to the state after the last."""
        text_length = sample.txt.shape[1]
        for layer in layers:
            if layer < len(self.double_blocks):
                block, img, txt = self.double_blocks[layer], state["img"], state["txt"]
            else:
                block = self.single_blocks[layer - len(self.double_blocks)]
                txt, img = state["x"][:, :text_length], state["x"][:, text_length:]
            txt, img = block(hidden_states=img, encoder_hidden_states=txt, **sample.conditions)
            if self.streams(layer + 1) == ("x",):
                state = {"x": torch.cat([txt, img], dim=1)}
            else:
                state = {"img": img, "txt": txt}
        return state

    def weights(self, layer: int, stream: str) -> list[nn.Parameter]:
        """The weights with two dimensions that belong to a stream of a layer."""
        if layer >= len(self.double_blocks):
            block = self.single_blocks[layer - len(self.double_blocks)]
            prefixes: tuple[str, ...] = ("",)
        else:
            block = self.double_blocks[layer]
            prefixes = DOUBLE_BLOCK_STREAMS[stream]
        return [p for name, p in block.named_parameters() if p.dim() == 2 and name.startswith(prefixes)]


@contextmanager
def replaced(parameters: list[nn.Parameter], values: list[Tensor]) -> Iterator[None]:
    """Gives parameters other values for as long as the block runs; the old ones come back even after an error."""
    old = [parameter.data for parameter in parameters]
    try:
        for parameter, value in zip(parameters, values, strict=True):
            parameter.data = value
        yield
    finally:
        for parameter, value in zip(parameters, old, strict=True):
            parameter.data = value
