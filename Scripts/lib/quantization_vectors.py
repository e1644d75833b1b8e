"""Writes the test vectors of the row codecs, or checks them.

Run by Scripts/make-quantization-vectors, which installs the reference encoders. The rows are not stored: both sides make them from
a kind and a seed by the arithmetic below, every step of which is exact or one rounding of an IEEE float. For every row and
format the bytes are stored; for many more rows, a digest of the bytes; and the squared errors of ggml's own encoders; and what arbitrary bytes stand for.
"""

import base64
import ctypes
import json
import sys

import gguf
import ml_dtypes
import numpy as np

COUNT = 256
MASK = 2**64 - 1
TYPES = gguf.GGMLQuantizationType

# Encoded by the gguf package or by ml_dtypes; then by ggml without a search; then by ggml with one, which looks at importance.
PLAIN = ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4", "float8_e4m3fn", "float8_e5m2"]
DIRECT = ["NVFP4", "Q1_0", "Q2_0", "TQ1_0", "TQ2_0"]
SEARCHED = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "IQ3_S", "IQ3_XXS", "IQ2_S", "IQ1_M"]
# ggml's encoders of these refuse to work without importance.
NEEDING = ["IQ2_XS", "IQ2_XXS", "IQ1_S"]
WEIGHTED = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", *SEARCHED, *NEEDING]

# The elements and bytes of the blocks that the gguf package does not know; ggml decodes these.
UNKNOWN_BLOCKS = {"Q1_0": (128, 18), "Q2_0": (64, 18)}

# Kinds whose numbers are ordinary, and kinds on which the C encoders convert floats to integers that cannot hold them.
ORDINARY = [
    "gaussian", "heavy", "outlier columns", "sparse", "ties", "bytes", "positive", "negative", "zero", "negative zero",
    "constant", "one outlier",
]
EXTREME = ["subnormal", "large", "overflow"]
MANY = 200


class Generator:
    """SplitMix64, as the tests' SeededGenerator."""

    def __init__(self, seed: int):
        self.state = (seed + 0x9E3779B97F4A7C15) & MASK

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def gaussian(self) -> np.float32:
        """About a standard normal number: four uniform ones of 24 bits, less their mean."""
        return np.float32(sum(self.next() >> 40 for _ in range(4)) - 2**25) * np.float32(2.0**-23)


def make(kind: str, seed: int) -> np.ndarray:
    """The row of a kind and a seed."""
    generator = Generator(seed)
    row = np.zeros(COUNT, np.float32)
    small = np.float32(2.0**-5)
    for index in range(COUNT):
        if kind == "gaussian":
            value = generator.gaussian() * small
        elif kind == "heavy":
            bits = generator.next()
            zeros = min((bits & -bits).bit_length() - 1, 8)
            value = generator.gaussian() * np.float32(2.0 ** (zeros - 9))
        elif kind == "outlier columns":
            # Cut to BF16, as weights are published.
            value = generator.gaussian() * np.float32(2.0 if index % 32 == 5 else 2.0**-5)
            value = (value.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
        elif kind == "sparse":
            value = generator.gaussian()
            value = value if generator.next() % 8 == 0 else np.float32(0)
        elif kind == "ties":
            value = np.float32(generator.next() % 17) * np.float32(0.5) - np.float32(4)
        elif kind == "bytes":
            value = np.float32(generator.next() % 255) * np.float32(0.5) - np.float32(63.5)
        elif kind in ("positive", "negative"):
            value = abs(generator.gaussian()) + np.float32(1)
            value = value if kind == "positive" else -value
        elif kind == "negative zero":
            value = np.float32(-0.0)
        elif kind == "constant":
            value = np.float32(0.3)
        elif kind == "one outlier":
            value = np.float32({37: 3.0, 200: -2.0}.get(index, 0.0))
        elif kind == "subnormal":
            value = generator.gaussian() * np.float32(2.0**-140)
        elif kind == "large":
            value = generator.gaussian() * np.float32(2.0**100)
        elif kind == "overflow":
            value = generator.gaussian() * np.float32(2.0**22)
        else:
            assert kind == "zero"
            value = np.float32(0)
        row[index] = value
    return row


def importance(seed: int) -> np.ndarray:
    """Importances with a wide range, some of them zero."""
    generator = Generator(seed)
    values = [generator.gaussian() if generator.next() % 16 else np.float32(0) for _ in range(COUNT)]
    return np.array([value * value for value in values], np.float32)


class GGML:
    """The encoders of ggml."""

    def __init__(self, path: str):
        self.library = ctypes.CDLL(path)
        for name in ("IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_S"):
            self.library.iq2xs_init_impl(int(TYPES[name]))
        for size in (256, 512):
            self.library.iq3xs_init_impl(size)

    def encode(self, name: str, row: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        block, size = block_sizes(name)
        function = getattr(self.library, "quantize_" + c_name(name))
        function.restype = ctypes.c_size_t
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
        output = np.zeros(len(row) // block * size, np.uint8)
        written = function(
            row.ctypes.data, output.ctypes.data, 1, len(row), weights.ctypes.data if weights is not None else None
        )
        assert written == len(output)
        return output

    def decode(self, name: str, data: np.ndarray) -> np.ndarray:
        if name not in UNKNOWN_BLOCKS:
            return gguf.quants.dequantize(data.reshape(1, -1), TYPES[name]).reshape(-1).astype(np.float32)
        block, size = UNKNOWN_BLOCKS[name]
        function = getattr(self.library, "dequantize_row_" + c_name(name))
        function.restype = None
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        values = np.zeros(len(data) // size * block, np.float32)
        function(data.ctypes.data, values.ctypes.data, len(values))
        return values


def block_sizes(name: str) -> tuple[int, int]:
    """The elements and bytes of a block."""
    return UNKNOWN_BLOCKS.get(name) or gguf.GGML_QUANT_SIZES[TYPES[name]]


def c_name(name: str) -> str:
    """A format's name in ggml's functions, where only the K is a capital."""
    return name[:-2].lower() + "_K" if name.endswith("_K") else name.lower()


def encode_plain(name: str, row: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        if name.startswith("float8"):
            return row.astype(getattr(ml_dtypes, name)).view(np.uint8)
        return gguf.quants.quantize(row.reshape(1, -1), TYPES[name]).view(np.uint8).reshape(-1)


def error(ggml: GGML, name: str, row: np.ndarray, data: np.ndarray, weights: np.ndarray | None) -> float:
    cast = ggml.decode(name, data).astype(np.float64)
    weights = np.float64(1) if weights is None else weights.astype(np.float64)
    return float((weights * (row.astype(np.float64) - cast) ** 2).sum())


def digest(pieces: list[np.ndarray]) -> str:
    """FNV-1a in 64 bits over all bytes."""
    value = 0xCBF29CE484222325
    for piece in pieces:
        for byte in piece.tobytes():
            value = ((value ^ byte) * 0x100000001B3) & MASK
    return f"fnv1a64:{value:016x}"


def text(data: np.ndarray) -> str:
    return base64.b64encode(data.tobytes()).decode()


def vectors(ggml: GGML) -> dict:
    result = {"count": COUNT, "importanceSeed": 1000, "rows": [], "many": [], "decoded": {}}
    weights = importance(1000)
    for kind in ORDINARY + EXTREME:
        row = make(kind, len(result["rows"]))
        entry = {"kind": kind, "seed": len(result["rows"]), "plain": {}, "weighted": {}, "errors": {}, "weightedErrors": {}}
        for name in PLAIN:
            entry["plain"][name] = text(encode_plain(name, row))
        for name in DIRECT:
            entry["plain"][name] = text(ggml.encode(name, row))
        if kind in ORDINARY:
            for name in SEARCHED:
                data = ggml.encode(name, row)
                entry["plain"][name] = text(data)
                entry["errors"][name] = error(ggml, name, row, data, None)
            for name in WEIGHTED:
                data = ggml.encode(name, row, weights)
                entry["weighted"][name] = text(data)
                entry["weightedErrors"][name] = error(ggml, name, row, data, weights)
        result["rows"].append(entry)
    for kind in ("gaussian", "heavy", "outlier columns", "ties"):
        rows = [make(kind, 10_000 + index) for index in range(MANY // 4)]
        entry = {"kind": kind, "firstSeed": 10_000, "rows": len(rows), "plain": {}, "weighted": {}}
        for name in PLAIN:
            entry["plain"][name] = digest([encode_plain(name, row) for row in rows])
        for name in DIRECT + SEARCHED:
            entry["plain"][name] = digest([ggml.encode(name, row) for row in rows])
        for name in WEIGHTED:
            entry["weighted"][name] = digest([ggml.encode(name, row, weights) for row in rows])
        result["many"].append(entry)
    for name in PLAIN + DIRECT + SEARCHED + NEEDING:
        result["decoded"][name] = decoded(ggml, name)
    return result


def decoded(ggml: GGML, name: str) -> dict:
    """Arbitrary bytes, which no encoder need ever write, and what they stand for."""
    generator = Generator(2000)
    if name.startswith("float8"):
        data = np.arange(256, dtype=np.uint8)
        values = data.view(getattr(ml_dtypes, name)).astype(np.float32)
    else:
        block, size = block_sizes(name)
        data = np.array([generator.next() >> 56 for _ in range(COUNT // block * size)], np.uint8)
        with np.errstate(all="ignore"):
            values = ggml.decode(name, data)
    return {"bytes": text(data), "values": text(values)}


def main() -> None:
    library, path, *options = sys.argv[1:]
    content = json.dumps(vectors(GGML(library)), indent=1) + "\n"
    if options == ["--check"]:
        if open(path).read() != content:
            sys.exit(f"{path} is not what the reference encoders write; run Scripts/make-quantization-vectors and see what changed")
        print("the test vectors are what gguf, ml_dtypes and ggml write")
    elif not options:
        with open(path, "w") as file:
            file.write(content)
    else:
        sys.exit("usage: Scripts/make-quantization-vectors [--check]")


if __name__ == "__main__":
    main()
