"""Mixes to compare plans with: llama.cpp's own, one format for all, and random ones of a given size."""

import random

import gguf

from llama import Types

# llama.cpp's own mixes whose sizes the plans get.
MIXES = ("Q3_K_M", "Q4_0", "Q4_K_M", "Q5_K_M")
# The formats of random mixes and of files in one format. Formats in blocks of 256 do not fit every row; such a tensor
# takes the one beside it.
FORMATS = ("Q2_K", "Q3_K", "Q4_K", "Q4_0", "IQ4_NL", "Q4_1", "Q5_K", "Q5_0", "Q5_1", "Q6_K", "Q8_0")
UNIFORM = {"Q4_0": "Q4_0", "IQ4_NL": "IQ4_NL", "Q4_1": "Q4_1", "Q5_0": "Q5_0", "Q5_1": "Q5_1", "Q8_0": "Q8_0",
           "Q4_K": "IQ4_NL", "Q5_K": "Q5_0", "Q6_K": "Q8_0"}

Shapes = dict[str, tuple[int, int]]


def block(kind: str) -> tuple[int, int]:
    """Elements and bytes of a format's block."""
    return gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]]


def fits(kind: str, shape: tuple[int, int]) -> bool:
    return shape[1] % block(kind)[0] == 0


def size(kind: str, shape: tuple[int, int]) -> int:
    elements, count = block(kind)
    return shape[0] * shape[1] // elements * count


def total(types: Types, shapes: Shapes) -> int:
    return sum(size(types[name], shape) for name, shape in shapes.items())


def uniform(kind: str, shapes: Shapes) -> Types:
    """One format for every tensor, or the one beside it where the rows are not whole blocks."""
    return {name: kind if fits(kind, shape) else UNIFORM[kind] for name, shape in shapes.items()}


def drawn(seed: int, budget: int, shapes: Shapes) -> Types:
    """A random mix whose tensors have at most `budget` bytes and not much less.

    Every tensor draws a format. Then tensors drawn at random go one format down until the mix fits, and others up as long as
    it does.
    """
    source = random.Random(seed)
    choices = {
        name: sorted((kind for kind in FORMATS if fits(kind, shape)), key=lambda kind: size(kind, shape))
        for name, shape in shapes.items()
    }
    picked = {name: source.randrange(len(kinds)) for name, kinds in choices.items()}

    def count(name: str) -> int:
        return size(choices[name][picked[name]], shapes[name])

    left = budget - sum(map(count, shapes))
    while left < 0:
        lowerable = [name for name in shapes if picked[name] > 0]
        if not lowerable:
            raise ValueError("no mix of these formats is that small")
        name = source.choice(lowerable)
        left += count(name)
        picked[name] -= 1
        left -= count(name)
    order = list(shapes)
    source.shuffle(order)
    for name in order:
        while picked[name] + 1 < len(choices[name]):
            grown = size(choices[name][picked[name] + 1], shapes[name]) - count(name)
            if grown > left:
                break
            left -= grown
            picked[name] += 1
    return {name: kinds[picked[name]] for name, kinds in choices.items()}
