"""What gradients are taken of: a network, its inputs, and one scalar per input.

For every scalar here, with F = mean of (gradient of the scalar)² / count over inputs and draws, changing the weights by a
small d costs ½·Σ F·d² at the end of the network, in the loss's own unit:

- ``language_score``: the KL divergence of the next token's distribution, in nats per token (F is the Fisher information).
- ``embedding_score``: 1 - cos of the embedding before and after.
- ``output_score``: the mean square error of the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Loss:
    """What is lost at the end: its kind in a word, and in words the quantity and its unit, as in "distance, metres"."""

    kind: str
    unit: str


KL_DIVERGENCE = Loss("kl", "KL divergence, nats per token")
COSINE_DISTANCE = Loss("cosine", "1 - cos, of the embedding")
MEAN_SQUARE_ERROR = Loss("mse", "mean square error, of the output")


@dataclass(frozen=True)
class Score:
    """A scalar to take the gradient of, and what its square is divided by."""

    value: Tensor
    count: float


@dataclass
class Network:
    """A network and what it is run on.

    ``score`` runs the module on one of the inputs and returns the scalar; whatever it draws comes from the generator, which is on
    the CPU and seeded by the input's number.
    """

    name: str
    module: nn.Module
    inputs: Sequence[Any]
    score: Callable[[nn.Module, Any, torch.Generator], Score]
    loss: Loss
    # The number of tokens (or whatever the unit counts) in each input.
    tokens: Callable[[Any], int] = field(default=lambda _: 1)
    # A digest of the text, prompts or data behind the inputs, such as sha256:…, and what they are called.
    digest: str = ""
    dataset: str = ""


def language_score(logits: Tensor, generator: torch.Generator) -> Score:
    """Σ_t log p(y_t) with every y_t drawn from the model's own distribution at t.

    Drawn from the model, the squared gradient is the Fisher information in expectation; the text's own next tokens would
    mix in how wrong the model is about it.
    """
    logits = logits.reshape(-1, logits.shape[-1])
    with torch.no_grad():
        # Inverse transform sampling, so that the seed decides on every device.
        drawn = torch.rand(logits.shape[0], generator=generator).to(logits.device)
        labels = torch.stack([_inverse(row, value) for row, value in zip(logits, drawn, strict=True)])
    chosen = functional.log_softmax(logits.float(), dim=-1).gather(1, labels[:, None])
    return Score(chosen.sum(), logits.shape[0])


def _inverse(logits: Tensor, value: Tensor) -> Tensor:
    cumulative = functional.softmax(logits.float(), dim=-1).cumsum(-1)
    place = torch.searchsorted(cumulative, (value * cumulative[-1]).reshape(1), right=True)
    return place[0].clamp(max=logits.shape[0] - 1)


def embedding_score(embedding: Tensor, generator: torch.Generator) -> Score:
    """v·e with v ~ N(0, I) and e the embedding, normalised here: 1 - cos is half the squared change of e."""
    normalised = functional.normalize(embedding.float().flatten(), dim=0)
    return Score(_projection(normalised, generator), 1)


def output_score(output: Tensor, generator: torch.Generator) -> Score:
    """v·o with v ~ N(0, I) and o the output; divided by half its size, its square makes the mean square error."""
    return Score(_projection(output.float(), generator), output.numel() / 2)


def _projection(values: Tensor, generator: torch.Generator) -> Tensor:
    direction = torch.randn(values.shape, generator=generator).to(values.device)
    return (direction * values).sum()
