"""Writes the test vectors of MLX's formats, or checks them.

Run by Scripts/make-quantization-vectors, which installs MLX; its CPU backend is the reference. The rows are those of
quantization_vectors.py, cast to the type that the weights are stored in. For every format and type there are the bytes of one row,
as the tensors of a module hold them: packed words, scales and biases; for every kind of row a digest of those of many rows; and a
digest of what they stand for in 32-bit floats.
"""

import json
import sys

import ml_dtypes
import mlx.core as mx
import numpy as np

from quantization_vectors import EXTREME, ORDINARY, digest, make, text

ROWS = 12
SOURCES = {"BF16": (ml_dtypes.bfloat16, mx.bfloat16), "F16": (np.float16, mx.float16)}
FORMATS = {f"MLX_A{bits}_G{group}": ("affine", bits, group) for bits in (2, 3, 4, 5, 6, 8) for group in (32, 64, 128)} | {
    "MLX_MXFP4": ("mxfp4", 4, 32),
    "MLX_NVFP4": ("nvfp4", 4, 16),
    "MLX_MXFP8": ("mxfp8", 8, 32),
}


def stored(array: mx.array) -> np.ndarray:
    """An array's bytes, a row of them for each of its rows."""
    array = array.view(mx.uint16) if array.dtype in (mx.bfloat16, mx.float16) else array
    return np.ascontiguousarray(np.array(array)).view(np.uint8)


def main() -> None:
    path, *options = sys.argv[1:]
    mx.set_default_device(mx.cpu)
    kinds = {
        kind: np.stack([make(kind, 100 * place + index) for index in range(ROWS)])
        for place, kind in enumerate(ORDINARY + EXTREME)
    }
    result = {"rowsPerKind": ROWS, "formats": {}}
    for name, (mode, bits, group) in FORMATS.items():
        result["formats"][name] = {}
        for source, (numpy_type, mlx_type) in SOURCES.items():
            entry = {"row": "", "digests": {}, "values": {}}
            for kind, rows in kinds.items():
                with np.errstate(all="ignore"):
                    if not np.isfinite(rows.astype(numpy_type).astype(np.float32)).all():
                        continue
                weights = mx.array(rows).astype(mlx_type)
                packed = mx.quantize(weights, group_size=group, bits=bits, mode=mode)
                data = np.concatenate([stored(array) for array in packed], axis=1)
                entry["digests"][kind] = digest(list(data))
                if kind in ORDINARY:
                    words, *scales = packed
                    scales = [scale.astype(mx.float32) if mode == "affine" else scale for scale in scales]
                    values = mx.dequantize(words, *scales, group_size=group, bits=bits, mode=mode, dtype=mx.float32)
                    entry["values"][kind] = digest([np.array(values)])
                if kind == "gaussian":
                    entry["row"] = text(data[0])
            result["formats"][name][source] = entry
    content = json.dumps(result, indent=1) + "\n"
    if options == ["--check"]:
        if open(path).read() != content:
            sys.exit(f"{path} is not what MLX writes; run Scripts/make-quantization-vectors and see what changed")
        print("the test vectors of MLX's formats are what mlx.core.quantize writes")
    elif not options:
        with open(path, "w") as file:
            file.write(content)
    else:
        sys.exit("usage: mlx_vectors.py PATH [--check]")


if __name__ == "__main__":
    main()
