"""What the captures need of the FLUX family in diffusers: its calls for prompts, and a tiny transformer to try everything with."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def tiny_transformer() -> Any:
    """A transformer of the FLUX family with small dimensions and random weights."""
    diffusers: Any = importlib.import_module("diffusers")
    torch.manual_seed(0)
    return diffusers.FluxTransformer2DModel(
        in_channels=4,
        num_layers=2,
        num_single_layers=3,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=16,
        axes_dims_rope=(4, 6, 6),
    ).eval()


def tiny_inputs(number: int) -> dict[str, Tensor]:
    """Random inputs for the tiny transformer: 16 image tokens and 6 text tokens."""
    generator = torch.Generator().manual_seed(number)
    ids = torch.zeros(16, 3)
    ids[:, 1], ids[:, 2] = torch.arange(16) // 4, torch.arange(16) % 4
    return {
        "hidden_states": torch.randn(1, 16, 4, generator=generator),
        "encoder_hidden_states": torch.randn(1, 6, 32, generator=generator),
        "pooled_projections": torch.randn(1, 16, generator=generator),
        "timestep": torch.rand(1, generator=generator),
        "img_ids": ids,
        "txt_ids": torch.zeros(6, 3),
    }


def prompt_inputs(pipeline: Any, prompt: str, seed: int, steps: int, kept: set[int]) -> Iterator[dict[str, Any]]:
    """The calls of the transformer at some steps of making an image."""
    calls: list[dict[str, Any]] = []

    def keep(_: Any, __: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        calls.append({key: value for key, value in kwargs.items() if key != "return_dict"})

    handle = pipeline.transformer.register_forward_pre_hook(keep, with_kwargs=True)
    try:
        generator = torch.Generator("cpu").manual_seed(seed)
        pipeline(prompt, num_inference_steps=steps, generator=generator, output_type="latent")
    finally:
        handle.remove()
    yield from (call for step, call in enumerate(calls) if step in kept)
