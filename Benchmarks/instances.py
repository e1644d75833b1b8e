"""Instances of the allocation problem at the scale of large language models, written as small binary files.

    python3 Benchmarks/instances.py FOLDER

Needs numpy. A file holds, little-endian: the magic MCKP; int32 groups n; int32 choices N; int64 fixed bytes; int32 start of each
group's choices (n + 1); int64 bytes of each choice; float64 cost of each choice; int32 format of each choice; int32 class of
each group. Costs follow elements x sensitivity (log-normal) x 4^-bits x the format's quality, except where a name says otherwise.
"""

import os
import struct
import sys

import numpy as np

# Format, block elements, block bytes, quality of the code relative to its bits.
FORMATS = [
    ("BF16", 1, 2, 0.0), ("Q8_0", 32, 34, 1.0), ("Q6_K", 256, 210, 0.8), ("Q5_1", 32, 24, 1.25), ("Q5_K", 256, 176, 0.9),
    ("Q5_0", 32, 22, 1.3), ("Q4_1", 32, 20, 1.35), ("Q4_K", 256, 144, 0.95), ("Q4_0", 32, 18, 1.5), ("IQ4_NL", 32, 18, 0.9),
    ("IQ4_XS", 256, 136, 0.75), ("Q3_K", 256, 110, 1.05), ("IQ3_S", 256, 110, 0.8), ("IQ3_XXS", 256, 98, 0.75),
    ("Q2_K", 256, 84, 1.1), ("IQ2_S", 256, 82, 0.8), ("IQ2_XS", 256, 74, 0.75), ("IQ2_XXS", 256, 66, 0.72),
    ("IQ1_M", 256, 56, 0.85), ("IQ1_S", 256, 50, 0.9),
]
BLOCK = np.array([row[1] for row in FORMATS])
BYTES = np.array([row[2] for row in FORMATS])
QUALITY = np.array([row[3] for row in FORMATS])


def write(path, sizes, costs, fixed=0, classes=None):
    """Writes an instance whose groups all have the same number of choices."""
    groups, choices = sizes.shape
    starts = np.arange(groups + 1, dtype=np.int32) * choices
    formats = np.tile(np.arange(choices, dtype=np.int32), groups)
    classes = np.zeros(groups, np.int32) if classes is None else np.asarray(classes, np.int32)
    with open(path, "wb") as file:
        file.write(b"MCKP" + struct.pack("<iiq", groups, groups * choices, int(fixed)))
        for array, kind in ((starts, "<i4"), (sizes.ravel(), "<i8"), (costs.ravel(), "<f8"), (formats, "<i4"), (classes, "<i4")):
            file.write(np.asarray(array).astype(kind).tobytes())


def read(path):
    """Group starts, sizes, costs and fixed bytes of an instance."""
    data = open(path, "rb").read()
    groups, choices, fixed = struct.unpack_from("<iiq", data, 4)
    offset = 20
    arrays = []
    for count, kind in ((groups + 1, "<i4"), (choices, "<i8"), (choices, "<f8")):
        arrays.append(np.frombuffer(data, kind, count, offset))
        offset += arrays[-1].nbytes
    return arrays[0], arrays[1], arrays[2], fixed


def modelled(elements, sensitivity, generator, noise=0.15, near=None):
    """Sizes and costs of every format for groups of so many elements."""
    elements = np.asarray(elements, np.int64)
    sizes = (elements[:, None] // BLOCK) * BYTES
    base = QUALITY * 4.0 ** (-BYTES * 8.0 / BLOCK)
    shape = (len(elements), len(FORMATS))
    factor = np.exp(generator.normal(0, noise, shape)) if near is None else 1 + near * generator.random(shape)
    return sizes, elements[:, None] * np.asarray(sensitivity)[:, None] * base * factor / elements.sum()


def sensitivities(count, classes, generator):
    """Log-normal over the classes of tensors and within them."""
    of_class = np.exp(generator.normal(0, 0.7, classes.max() + 1))
    return of_class[classes] * np.exp(generator.normal(0, 1.0, count))


def dense_8b():
    layer = [4096 * 4096, 1024 * 4096, 1024 * 4096, 4096 * 4096, 14336 * 4096, 14336 * 4096, 14336 * 4096]
    elements = [128256 * 4096] + layer * 32 + [128256 * 4096]
    classes = [0] + list(range(1, 8)) * 32 + [8]
    return elements, np.array(classes), 65 * 4096 * 4


def experts_30b():
    elements, classes = [151936 * 2048], [0]
    for _ in range(48):
        elements += [2048 * 4096, 2048 * 512, 2048 * 512, 4096 * 2048, 128 * 2048] + [768 * 2048] * 384
        classes += [1, 2, 3, 4, 5] + [6, 7, 8] * 128
    return elements + [151936 * 2048], np.array(classes + [9]), 48 * (2 * 2048 + 2 * 128) * 4 + 2048 * 4


def experts_deep(layers, dense, experts, hidden=7168, inner=2048):
    elements, classes = [129280 * hidden], [0]
    for layer in range(layers):
        elements += [hidden * 1536, 1536 * 24576, hidden * 576, 512 * 32768, 16384 * hidden]
        classes += [1, 2, 3, 4, 5]
        if layer < dense:
            elements += [hidden * 18432] * 3
            classes += [6, 7, 8]
        else:
            elements += [experts * hidden] + [hidden * inner] * 3 + [hidden * inner] * (3 * experts)
            classes += [9, 10, 11, 12] + [13, 14, 15] * experts
    return elements + [129280 * hidden], np.array(classes + [16]), layers * hidden * 8


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def emit(name, elements, sensitivity, generator, fixed=0, classes=None, **options):
        sizes, costs = modelled(elements, sensitivity, generator, **options)
        write(os.path.join(folder, name + ".mckp"), sizes, costs, fixed, classes)

    elements, classes, fixed = dense_8b()
    generator = np.random.default_rng(1)
    emit("llama8b", elements, sensitivities(len(elements), classes, generator), generator, fixed, classes)
    emit("llama8b_near", elements, np.ones(len(elements)), np.random.default_rng(2), fixed, classes, near=1e-4)
    emit("llama8b_tied", elements, np.ones(len(elements)), np.random.default_rng(3), fixed, classes, near=0.0)
    generator = np.random.default_rng(10)
    odd = generator.integers(16, 400, 1000) * generator.integers(16, 400, 1000) * 256
    emit("odd1000", odd, sensitivities(1000, np.zeros(1000, int), generator), generator)

    # Costs that follow the sizes closely, sizes without a common divisor: the adversary.
    generator = np.random.default_rng(11)
    elements = generator.integers(16, 400, 200) * generator.integers(16, 400, 200) * 256
    sizes = elements[:, None] // BLOCK * BYTES
    costs = (sizes.max(axis=1)[:, None] - sizes) / 1e6 * (1 + 1e-3 * generator.random(sizes.shape))
    write(os.path.join(folder, "corr200.mckp"), sizes, costs)

    # 1,020 tensors with 38 formats each.
    generator = np.random.default_rng(20)
    elements = generator.choice([1024, 2048, 4096], 1020) * generator.choice([2048, 4096, 14336], 1020)
    bits = np.sort(generator.uniform(1.5, 16, 38))
    sizes = np.floor(elements[:, None] * bits / 8).astype(np.int64) // 2 * 2
    quality = np.exp(generator.normal(0, 0.2, (1020, 38))) * np.exp(generator.normal(0, 1.0, 1020))[:, None]
    write(os.path.join(folder, "wide1020.mckp"), sizes, elements[:, None] * 4.0 ** -bits * quality / elements.sum())

    for name, (elements, classes, fixed), seed in (
        ("qwen30b", experts_30b(), 5),
        ("dsv3", experts_deep(61, 3, 256), 7),
        ("kimi90k", experts_deep(61, 1, 500), 8),
    ):
        generator = np.random.default_rng(seed)
        emit(name, elements, sensitivities(len(elements), classes, generator), generator, fixed, classes)


if __name__ == "__main__":
    main()
