"""Which rows of which tensor of a model file a parameter's gradient belongs to.

A parameter of PyTorch and a tensor of the file differ in four ways: the name; the order of rows (llama.cpp's converter
permutes the rows of q and k in llama-like models); one side fuses what the other splits (q, k and v; gate and up; experts);
and a few modules hold their matrix transposed.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Piece:
    """Rows of a parameter that are rows of a tensor of the file.

    ``matrix`` is the one of a parameter with experts that is meant, None for the only one. ``rows`` are taken of it,
    brought into ``order``, and stand in the tensor's expert ``expert`` from row ``offset`` on.
    """

    tensor: str
    matrix: int | None = None
    rows: slice = field(default_factory=lambda: slice(None))
    order: tuple[int, ...] | None = None
    expert: int | None = None
    offset: int = 0

    def of(self, values: Tensor) -> Tensor:
        """The piece of a parameter's values, seen as matrices: [experts, rows, columns]."""
        part = values[self.matrix or 0][self.rows]
        return part if self.order is None else part[list(self.order)]


@dataclass(frozen=True)
class Layout:
    """Where the gradient of a parameter goes."""

    parameter: str
    pieces: tuple[Piece, ...]
    # Whether the parameter holds its columns first.
    transposed: bool = False

    def matrices(self, values: Tensor) -> Tensor:
        """The parameter's values as [experts, rows, columns]; a filter of a convolution is a row."""
        if values.dim() == 2:
            values = values[None]
        elif values.dim() > 3:
            values = values.flatten(1)[None]
        return values.transpose(1, 2) if self.transposed else values


# A naming makes a layout of a parameter: its name, the module that holds it, its values. None leaves it out.
Naming = Callable[[str, nn.Module, Tensor], Layout | None]

# Modules of transformers whose parameters are stored [inputs, outputs].
TRANSPOSED = ("Conv1D", "GptOssExperts")
FUSED_EXPERTS = re.compile(r"(?P<block>.*)\.(?P<experts>experts)\.(?P<kind>gate_up_proj|down_proj)")
SPLIT_EXPERT = re.compile(r"(?P<block>.*\.experts)\.(?P<number>\d+)\.(?P<kind>\w+)\.weight")
# How checkpoints call the matrices of one expert: gate, up and down.
EXPERT_NAMES = (("gate_proj", "up_proj", "down_proj"), ("w1", "w3", "w2"))


def is_transposed(module: nn.Module, values: Tensor) -> bool:
    return type(module).__name__ in TRANSPOSED and values.dim() in (2, 3)


def gate_and_up(module: nn.Module, values: Tensor) -> tuple[slice, slice]:
    """The rows of gate and of up in a matrix that has both."""
    if type(module).__name__ == "GptOssExperts":
        return slice(0, None, 2), slice(1, None, 2)
    half = values.shape[1] // 2
    return slice(0, half), slice(half, None)


class ParameterNaming:
    """The names of PyTorch, as the safetensors files of a model have them.

    With the names that are in the file, prefixes that only one side has are found, and experts that transformers fuses are split
    as they are there.
    """

    def __init__(self, names: Collection[str] | None = None) -> None:
        self.names = None if names is None else set(names)
        # The names by their endings, as a model is often part of a larger one.
        self.endings: dict[str, list[str]] = {}
        for name in names or ():
            for ending in endings(name):
                self.endings.setdefault(ending, []).append(name)

    def __call__(self, name: str, module: nn.Module, values: Tensor) -> Layout | None:
        if self.names is not None and (fused := FUSED_EXPERTS.fullmatch(name)):
            split = self._split_experts(fused, module, values)
            if split:
                return Layout(name, tuple(split))
        tensor = name if self.names is None else self._found(name)
        if tensor is None:
            return None
        # A file of PyTorch's own names holds a matrix as the module does, transposed or not.
        return Layout(name, _experts(tensor, values.shape[0]) if values.dim() == 3 else (Piece(tensor),))

    def _found(self, name: str) -> str | None:
        assert self.names is not None
        for candidate in (name, name.replace(".mlp.", ".block_sparse_moe.")):
            if candidate in self.names:
                return candidate
            longer = self.endings.get(candidate, [])
            shorter = [ending for ending in endings(candidate) if ending in self.names]
            if len(longer) + len(shorter) == 1:
                return (longer + shorter)[0]
        return None

    def _split_experts(self, fused: re.Match[str], module: nn.Module, values: Tensor) -> list[Piece]:
        is_down = fused["kind"] == "down_proj"
        rows = (slice(None),) if is_down else gate_and_up(module, values)
        for gate, up, down in EXPERT_NAMES:
            kinds = (down,) if is_down else (gate, up)
            names = [
                [self._found(f"{fused['block']}.experts.{expert}.{kind}.weight") for kind in kinds]
                for expert in range(values.shape[0])
            ]
            pieces = [
                Piece(found, matrix=expert, rows=part)
                for expert, own in enumerate(names)
                for found, part in zip(own, rows, strict=True)
                if found is not None
            ]
            if len(pieces) == len(names) * len(kinds):
                return pieces
        return []


def endings(name: str) -> list[str]:
    """What is left of a dotted name without its first parts."""
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(1, len(parts) - 1)]


def _experts(tensor: str, count: int, rows: slice = slice(None)) -> tuple[Piece, ...]:
    return tuple(Piece(tensor, matrix=expert, rows=rows, expert=expert) for expert in range(count))


# The architectures whose q and k rows llama.cpp's converter permutes: `undo_permute` of its class for llama, and those
# that inherit or call it. Source: convert_hf_to_gguf.py and conversion/ in llama.cpp.
PERMUTED = {"llama", "arcee", "deci", "granite", "granitemoe", "llada", "llama-embed", "olmo", "smollm3"}
# What transformers calls a model, where GGUF does not call it the same but for dashes and underscores.
ARCHITECTURES = {
    "mistral": "llama",
    "mixtral": "llama",
    "cohere": "command-r",
    "gemma3_text": "gemma3",
    "gemma4_text": "gemma4",
    "gpt_neox": "gptneox",
    "modernbert": "modern-bert",
    "nomic_bert": "nomic-bert",
    "qwen3_5_text": "qwen35",
}


class GGUFNaming:
    """The names and the order of rows that llama.cpp's converter gives a model of transformers.

    Names come from the table of the gguf package. Experts are stacked, q and k permuted where the architecture asks for it.
    A tensor of the file that is fused where that table splits it (``attn_qkv``, ``ffn_gate_up_exps``) is put together.
    """

    def __init__(self, config: Any, names: Collection[str] | None = None, architecture: str | None = None) -> None:
        gguf: Any = importlib.import_module("gguf")
        self.names = None if names is None else set(names)
        self.config = config
        self.architecture = architecture or self._architecture(config.model_type, set(gguf.MODEL_ARCH_NAMES.values()))
        keys = {name: key for key, name in gguf.MODEL_ARCH_NAMES.items()}
        if self.architecture not in keys:
            raise ValueError(
                f"gguf knows no architecture {self.architecture!r}; name one that it knows with --architecture"
            )
        self.map = gguf.get_tensor_name_map(keys[self.architecture], config.num_hidden_layers)

    @staticmethod
    def _architecture(model_type: str, known: set[str]) -> str:
        if model_type in ARCHITECTURES:
            return ARCHITECTURES[model_type]
        for candidate in (model_type, model_type.replace("_", "-"), model_type.replace("_", "")):
            if candidate in known:
                return candidate
        return model_type

    def __call__(self, name: str, module: nn.Module, values: Tensor) -> Layout | None:
        transposed = is_transposed(module, values)
        if fused := FUSED_EXPERTS.fullmatch(name):
            pieces = self._fused_experts(fused, module, values.transpose(1, 2) if transposed else values)
            return Layout(name, tuple(pieces), transposed) if pieces else None
        if split := SPLIT_EXPERT.fullmatch(name):
            tensor = self._expert_tensor(split["block"], split["kind"])
            return Layout(name, (Piece(tensor, expert=int(split["number"])),)) if tensor else None
        tensor = self._tensor(name.removesuffix(".weight"))
        if tensor is None:
            return None
        return Layout(name, (self._attention(tensor, values) or Piece(tensor),), transposed)

    def _tensor(self, key: str) -> str | None:
        # Encoders are loaded without the prefix that the table may have, or with one that it has not.
        for candidate in (key, f"model.{key}", key.removeprefix("model."), re.sub(r"^\w+\.encoder", "encoder", key)):
            found = self.map.get_name(candidate)
            if found is not None:
                return f"{found}.weight"
        return None

    def _expert_tensor(self, block: str, kind: str) -> str | None:
        gate, up, down = range(3)
        place = next((names.index(kind) for names in EXPERT_NAMES if kind in names), None)
        if place is None:
            return None
        for names in EXPERT_NAMES:
            for prefix in (
                block,
                block.replace(".block_sparse_moe.", ".mlp."),
                re.sub(r"\.mlp\.", ".feed_forward.", block),
            ):
                found = self._tensor(f"{prefix}.{names[(gate, up, down)[place]]}")
                if found is not None:
                    return found
        return None

    def _fused_experts(self, fused: re.Match[str], module: nn.Module, values: Tensor) -> list[Piece]:
        block = f"{fused['block']}.experts"
        count = values.shape[0]
        if fused["kind"] == "down_proj":
            tensor = self._expert_tensor(block, "down_proj")
            return list(_experts(tensor, count)) if tensor else []
        gate, up = self._expert_tensor(block, "gate_proj"), self._expert_tensor(block, "up_proj")
        gate_rows, up_rows = gate_and_up(module, values)
        if gate is None or up is None:
            return []
        together = gate.replace("ffn_gate_exps", "ffn_gate_up_exps")
        if self.names is not None and together in self.names:
            half = values.shape[1] // 2
            return [
                Piece(together, matrix=expert, rows=rows, expert=expert, offset=offset)
                for expert in range(count)
                for rows, offset in ((gate_rows, 0), (up_rows, half))
            ]
        return [*_experts(gate, count, gate_rows), *_experts(up, count, up_rows)]

    def _attention(self, tensor: str, values: Tensor) -> Piece | None:
        """The piece for q, k and v, whose rows may be permuted, or part of a fused tensor."""
        match = re.fullmatch(r"(.*\.attn_)([qkv])\.weight", tensor)
        if not match:
            return None
        heads = self.config.num_attention_heads
        groups = getattr(self.config, "num_key_value_heads", None) or heads
        rows = values.shape[0]
        order = None
        if self.architecture in PERMUTED and match[2] in "qk":
            order = tuple(permuted(rows, heads if match[2] == "q" else groups).tolist())
        together = f"{match[1]}qkv.weight"
        if self.names is not None and tensor not in self.names and together in self.names:
            size = getattr(self.config, "head_dim", None) or self.config.hidden_size // heads
            offset = {"q": 0, "k": heads * size, "v": (heads + groups) * size}[match[2]]
            return Piece(together, order=order, offset=offset)
        return Piece(tensor, order=order)


def permuted(rows: int, heads: int) -> Tensor:
    """Which row of a matrix of transformers stands where in llama.cpp's: within a head the two halves alternate."""
    return torch.arange(rows).reshape(heads, 2, rows // heads // 2).swapaxes(1, 2).reshape(rows)


class FluxNaming:
    """The names of the published checkpoint of FLUX, and of the GGUF files made of it, for the transformer of diffusers."""

    DOUBLE = {
        "norm1.linear": ("img_mod.lin", 0),
        "norm1_context.linear": ("txt_mod.lin", 0),
        "attn.to_q": ("img_attn.qkv", 0),
        "attn.to_k": ("img_attn.qkv", 1),
        "attn.to_v": ("img_attn.qkv", 2),
        "attn.to_out.0": ("img_attn.proj", 0),
        "attn.add_q_proj": ("txt_attn.qkv", 0),
        "attn.add_k_proj": ("txt_attn.qkv", 1),
        "attn.add_v_proj": ("txt_attn.qkv", 2),
        "attn.to_add_out": ("txt_attn.proj", 0),
        "ff.net.0.proj": ("img_mlp.0", 0),
        "ff.net.2": ("img_mlp.2", 0),
        "ff_context.net.0.proj": ("txt_mlp.0", 0),
        "ff_context.net.2": ("txt_mlp.2", 0),
    }
    SINGLE = {
        "norm.linear": ("modulation.lin", 0),
        "attn.to_q": ("linear1", 0),
        "attn.to_k": ("linear1", 1),
        "attn.to_v": ("linear1", 2),
        "proj_mlp": ("linear1", 3),
        "proj_out": ("linear2", 0),
    }
    OTHER = {
        "x_embedder": "img_in",
        "context_embedder": "txt_in",
        "time_text_embed.timestep_embedder.linear_1": "time_in.in_layer",
        "time_text_embed.timestep_embedder.linear_2": "time_in.out_layer",
        "time_text_embed.text_embedder.linear_1": "vector_in.in_layer",
        "time_text_embed.text_embedder.linear_2": "vector_in.out_layer",
        "time_text_embed.guidance_embedder.linear_1": "guidance_in.in_layer",
        "time_text_embed.guidance_embedder.linear_2": "guidance_in.out_layer",
        "proj_out": "final_layer.linear",
    }

    def __init__(self, names: Collection[str] | None = None) -> None:
        # Files for ComfyUI have a prefix before all names.
        first = next((name for name in names or () if "double_blocks." in name), "")
        self.prefix = first[: first.index("double_blocks.")] if first else ""

    def __call__(self, name: str, module: nn.Module, values: Tensor) -> Layout | None:
        key = name.removesuffix(".weight")
        if key == "norm_out.linear":
            # One of them has the shift first and the other the scale.
            half = values.shape[0] // 2
            order = (*range(half, 2 * half), *range(half))
            return Layout(name, (Piece(f"{self.prefix}final_layer.adaLN_modulation.1.weight", order=order),))
        for list_name, block_name, table in (
            ("transformer_blocks", "double_blocks", self.DOUBLE),
            ("single_transformer_blocks", "single_blocks", self.SINGLE),
        ):
            match = re.fullmatch(rf"{list_name}\.(\d+)\.(.*)", key)
            if match and match[2] in table:
                target, place = table[match[2]]
                # The parts before are as tall as the row is long: q, k and v are square.
                offset = place * values.shape[1]
                return Layout(name, (Piece(f"{self.prefix}{block_name}.{match[1]}.{target}.weight", offset=offset),))
        return Layout(name, (Piece(f"{self.prefix}{self.OTHER[key]}.weight"),)) if key in self.OTHER else None
