"""Instances of planning on several devices, written as small binary files.

    python3 Benchmarks/device_instances.py FOLDER

Needs numpy. DevicesBenchmark/InstanceFile.swift describes the file. Two devices, the host at 60 GB/s and a card, and the
seconds that a token may take are the three limits; costs are those of instances.py, of eleven formats, and so are the shapes.
Blocks stand in a row, the first of them on the host, each with its attention and its cache; experts may be anywhere.
"""

import os
import struct
import sys

import numpy as np

import instances

NAMES = ("BF16", "Q8_0", "Q6_K", "Q5_K", "Q4_K", "IQ4_XS", "Q3_K", "IQ3_XXS", "Q2_K", "IQ2_XS", "IQ1_S")
KEPT = np.array([[row[0] for row in instances.FORMATS].index(name) for name in NAMES])
GIB = float(1 << 30)


class Part:
    """Layers with the same number of options: what each costs, and what it takes of each limit."""

    def __init__(self, costs, uses):
        self.costs = np.asarray(costs, float)
        self.uses = np.asarray(uses, float)

    @property
    def layers(self):
        return self.costs.shape[0]

    def bytes(self):
        layers, options = self.costs.shape if self.costs.size else (0, 0)
        starts = np.arange(layers + 1, dtype="<i4") * options
        return (
            struct.pack("<ii", layers, layers * options) + starts.tobytes() + self.costs.astype("<f8").tobytes()
            + self.uses.astype("<f8").tobytes()
        )


NOTHING = Part(np.zeros((0, 0)), np.zeros((0, 0, 3)))


class Instance:
    """Limits, free layers, and segments as pairs of what is taken anyway and the layers, one per place."""

    def __init__(self, limits, free, segments=()):
        self.limits = np.asarray(limits, float)
        self.free = free
        self.segments = list(segments)

    def write(self, path):
        places = len(self.segments[0]) if self.segments else 1
        with open(path, "wb") as file:
            file.write(b"MRES" + struct.pack("<iii", len(self.limits), places, len(self.segments)))
            file.write(self.limits.astype("<f8").tobytes() + self.free.bytes())
            for segment in self.segments:
                for uses, part in segment:
                    file.write(np.asarray(uses, "<f8").tobytes() + part.bytes())


def placed(sizes, costs, shares, bandwidths, devices):
    """Layers of so many bytes per format on each of the devices; of the bytes a share is read for a token."""
    layers, formats = sizes.shape
    uses = np.zeros((layers, len(devices), formats, 3))
    for index, device in enumerate(devices):
        uses[:, index, :, device] = sizes
        uses[:, index, :, 2] = sizes * np.asarray(shares)[:, None] / bandwidths[device]
    return Part(np.tile(costs, (1, len(devices))), uses.reshape(layers, len(devices) * formats, 3))


def modelled(elements, sensitivity, generator):
    sizes, costs = instances.modelled(elements, sensitivity, generator)
    return sizes[:, KEPT].astype(float), costs[:, KEPT]


def tensors(count, seed):
    """Tensors of every size without an order: a card with room for 70 % of them at 4.5 bits, a host with room for all."""
    generator = np.random.default_rng(seed)
    elements = generator.integers(16, 400, count) * generator.integers(16, 400, count) * 256
    sizes, costs = modelled(elements, instances.sensitivities(count, np.zeros(count, int), generator), generator)
    whole = elements.sum() * 4.5 / 8
    bandwidths = (60e9, 936e9)
    limits = [whole, 0.7 * whole, 0.7 * whole / bandwidths[1] + 0.5 * whole / bandwidths[0]]
    return Instance(limits, placed(sizes, costs, np.ones(count), bandwidths, (0, 1)))


def experts_30b(speed, stacked, card=12.0):
    """Qwen3-30B-A3B at 32k tokens on a card and the host: each expert by itself, or those of a block and a matrix as one."""
    generator = np.random.default_rng(5)
    copies = 1 if stacked else 128
    width = 128 if stacked else 1
    attention = [2048 * 4096, 2048 * 512, 2048 * 512, 4096 * 2048]
    elements = np.array(attention * 48 + [768 * 2048 * width] * (48 * 3 * copies) + [151936 * 2048])
    classes = np.array([0, 1, 2, 3] * 48 + ([4, 5, 6] * copies) * 48 + [7])
    sizes, costs = modelled(elements, instances.sensitivities(len(elements), classes, generator), generator)
    bandwidths = (60e9, 360e9)
    first = 4 * 48
    free = placed(
        sizes[first:-1], costs[first:-1], np.full(48 * 3 * copies, 8 / 128), bandwidths, (0, 1)
    )
    cache = 64.0 * (1 << 20)
    segments = []
    for block in range(48):
        own = slice(4 * block, 4 * block + 4)
        segment = []
        for place in (0, 1):
            uses = np.zeros(3)
            uses[place], uses[2] = cache, cache / 2 / bandwidths[place]
            segment.append((uses, placed(sizes[own], costs[own], np.ones(4), bandwidths, (place,))))
        segments.append(segment)
    output = placed(sizes[-1:], costs[-1:], np.ones(1), bandwidths, (1,))
    too_much = np.array([1e15, 0, 0])
    segments.append([(too_much, Part(np.zeros((1, 1)), np.zeros((1, 1, 3)))), (np.zeros(3), output)])
    return Instance([62 * GIB, (card - 1.64) * GIB, 1 / speed], free, segments)


def all_instances():
    """Every instance by its name."""
    yield "tensors-100", tensors(100, 30)
    yield "tensors-1000", tensors(1_000, 31)
    for speed in (20, 30, 40):
        yield f"qwen30b-stacked-{speed}", experts_30b(speed, stacked=True)
    for speed in (20, 30, 40):
        yield f"qwen30b-{speed}", experts_30b(speed, stacked=False)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, instance in all_instances():
        instance.write(os.path.join(folder, name + ".mres"))


if __name__ == "__main__":
    main()
