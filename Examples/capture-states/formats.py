"""Casting weights to quantization formats and back, as the reference encoders do."""

from __future__ import annotations

import gguf
import numpy as np
import torch
from gguf import quants
from torch import Tensor

FLOAT8 = {"float8_e4m3fn": torch.float8_e4m3fn, "float8_e5m2": torch.float8_e5m2}
GGUF_FORMATS = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4", "TQ1_0", "TQ2_0", "F16", "BF16")

# The ternary formats are for models that were trained so, and a model in 16 bits loses nothing to 16 bits.
DEFAULT_FORMATS = (*GGUF_FORMATS[:6], *FLOAT8)


class UnfitFormat(Exception):
    """The weights cannot take the format: its block does not divide their rows."""


def known_formats() -> list[str]:
    """The formats that weights can be cast to: those that the gguf package encodes, and float8."""
    return [*GGUF_FORMATS, *FLOAT8]


def cast(weight: Tensor, format: str) -> Tensor:
    """The weights after a way to the format and back, in their own type and on their own device.

    float8 is a plain cast without a scale; what is out of its range becomes infinite or not a number.
    """
    if format in FLOAT8:
        return weight.to(FLOAT8[format]).to(weight.dtype)
    if format not in GGUF_FORMATS:
        raise ValueError(f"there is no format {format!r}; known are {', '.join(known_formats())}")
    kind = gguf.GGMLQuantizationType[format]
    block_size, _ = gguf.GGML_QUANT_SIZES[kind]
    if weight.shape[-1] % block_size != 0:
        raise UnfitFormat(f"the block of {format} does not divide a row of {weight.shape[-1]}")
    rows = np.ascontiguousarray(weight.detach().to("cpu", torch.float32).numpy())
    back = quants.dequantize(quants.quantize(rows, kind), kind)
    return torch.from_numpy(back).to(weight.device, weight.dtype)
