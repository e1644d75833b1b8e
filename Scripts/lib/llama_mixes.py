"""Records the formats that llama-quantize gives to the tensors of small networks, or checks the record.

Run by Scripts/record-llama-mixes, which installs gguf. One file per network holds what the program reads of it and, per mix,
a letter for the format of every tensor. A tensor named with {} stands in every block, and has a letter per block.
"""

import json
import pathlib
import re
import string
import subprocess
import sys
import tempfile

import gguf

MIXES = """Q1_0 Q2_0 TQ1_0 TQ2_0 IQ1_S IQ1_M IQ2_XXS IQ2_XS IQ2_S IQ2_M Q2_K_S Q2_K IQ3_XXS IQ3_XS IQ3_S IQ3_M
Q3_K_S Q3_K_M Q3_K_L IQ4_XS IQ4_NL Q4_0 Q4_1 Q4_K_S Q4_K_M MXFP4_MOE Q5_0 Q5_1 Q5_K_S Q5_K_M Q6_K Q8_0""".split()

LINE = re.compile(r"^\[ *\d+/ *\d+\] (\S+) +- \[.*?\], type = +(\w+), size = .*?(?:\((\w+)\))?$", re.MULTILINE)


class Network:
    """A network's figures and tensors; shapes have the row last."""

    def __init__(self, name: str, architecture: str, blocks: int, width: int, heads: int, kv_heads, **metadata):
        self.name, self.architecture, self.blocks, self.width = name, architecture, blocks, width
        self.metadata = {
            "block_count": blocks, "context_length": 128, "embedding_length": width,
            "attention.head_count": heads, "attention.head_count_kv": kv_heads,
            "attention.layer_norm_rms_epsilon": 1e-5, "attention.layer_norm_epsilon": 1e-5, **metadata,
        }
        self.tensors: list[tuple[str, list[int], str]] = []

    def add(self, name: str, *shape: int, type: str = "BF16") -> "Network":
        self.tensors.append((name, list(shape), type))
        return self

    def words(self, count: int, output: bool) -> "Network":
        self.add("token_embd.weight", count, self.width)
        self.add("output_norm.weight", self.width, type="F32")
        return self.add("output.weight", count, self.width) if output else self

    def attention(self, queries: int, keys: int) -> "Network":
        self.add("blk.{}.attn_norm.weight", self.width, type="F32")
        for part, rows in (("q", queries), ("k", keys), ("v", keys)):
            self.add(f"blk.{{}}.attn_{part}.weight", rows, self.width)
        return self.add("blk.{}.attn_output.weight", self.width, queries)

    def feed_forward(self, wide: int, gate: bool = True) -> "Network":
        self.add("blk.{}.ffn_norm.weight", self.width, type="F32")
        if gate:
            self.add("blk.{}.ffn_gate.weight", wide, self.width)
        self.add("blk.{}.ffn_up.weight", wide, self.width)
        return self.add("blk.{}.ffn_down.weight", self.width, wide)

    def experts(self, count: int, wide: int) -> "Network":
        self.add("blk.{}.ffn_gate_inp.weight", count, self.width, type="F32")
        self.add("blk.{}.ffn_gate_exps.weight", count, wide, self.width)
        self.add("blk.{}.ffn_up_exps.weight", count, wide, self.width)
        return self.add("blk.{}.ffn_down_exps.weight", count, self.width, wide)

    def names(self, name: str) -> list[str]:
        return [name.format(block) for block in range(self.blocks)] if "{}" in name else [name]


def networks() -> list[Network]:
    """Made after real ones, some of them made narrower: what counts is how many blocks, heads and experts there are, which
    names the tensors have, and what divides the rows."""
    moe = {"expert_count": 8, "expert_used_count": 2}
    return [
        Network("llama", "llama", 16, 512, 8, 4).words(1000, output=True).attention(512, 256).feed_forward(1536)
        .add("rope_freqs.weight", 32, type="F32"),
        Network("llama-no-sharing", "llama", 26, 512, 8, 8).words(1000, output=True).attention(512, 512)
        .feed_forward(1536),
        Network("llama-70b", "llama", 80, 1024, 64, 8).words(1000, output=True).attention(1024, 256)
        .feed_forward(3584),
        Network("smollm2-135m", "llama", 30, 576, 9, 3).words(49152, output=False).attention(576, 192)
        .feed_forward(1536),
        Network("llama-odd-rows", "llama", 16, 336, 6, 2).words(1000, output=True).attention(336, 112)
        .feed_forward(1056),
        Network("mixtral", "llama", 32, 1024, 32, 8, **moe).words(1000, output=True).attention(1024, 256)
        .experts(8, 3584),
        Network("qwen2-0.5b", "qwen2", 24, 896, 14, 2).words(151936, output=False).attention(896, 128)
        .add("blk.{}.attn_k.bias", 128, type="F32").feed_forward(4864),
        Network("qwen2-72b", "qwen2", 80, 1024, 64, 8).words(1000, output=True).attention(1024, 128)
        .feed_forward(3584),
        Network("qwen3", "qwen3", 28, 1024, 16, 8).words(1000, output=False).attention(2048, 1024)
        .add("blk.{}.attn_q_norm.weight", 128, type="F32").feed_forward(3072),
        Network(
            "qwen3moe", "qwen3moe", 48, 2048, 32, 4,
            expert_count=128, expert_used_count=8, expert_feed_forward_length=768,
        ).words(1000, output=True).attention(4096, 512).experts(128, 768),
        Network("gemma3", "gemma3", 26, 1152, 4, 1).words(1000, output=False).attention(1024, 256).feed_forward(6912),
        Network("gemma3n", "gemma3n", 30, 2048, 8, 2, **{"attention.sliding_window": 64})
        .words(1000, output=False).attention(2048, 512).feed_forward(8192)
        .add("per_layer_token_embd.weight", 1000, 7680).add("per_layer_model_proj.weight", 7680, 2048)
        .add("altup_proj.weight", 3, 2048, 2048).add("blk.{}.laurel_l.weight", 64, 2048)
        .add("blk.{}.inp_gate.weight", 256, 2048),
        Network("phi3", "phi3", 32, 3072, 32, 32).words(1000, output=True)
        .add("blk.{}.attn_qkv.weight", 9216, 3072).add("blk.{}.attn_output.weight", 3072, 3072)
        .add("blk.{}.ffn_up.weight", 16384, 3072).add("blk.{}.ffn_down.weight", 3072, 8192),
        Network("falcon-7b", "falcon", 32, 4544, 71, 1).words(1000, output=True)
        .add("blk.{}.attn_norm.bias", 4544, type="F32")
        .add("blk.{}.attn_qkv.weight", 4672, 4544).add("blk.{}.attn_output.weight", 4544, 4544)
        .add("blk.{}.ffn_up.weight", 18176, 4544).add("blk.{}.ffn_down.weight", 4544, 18176),
        Network("falcon-even-rows", "falcon", 40, 1024, 16, 2).words(1000, output=True)
        .add("blk.{}.attn_qkv.weight", 1280, 1024).add("blk.{}.attn_output.weight", 1024, 1024)
        .add("blk.{}.ffn_up.weight", 4096, 1024).add("blk.{}.ffn_down.weight", 1024, 4096),
        Network(
            "deepseek2", "deepseek2", 27, 2048, 16, 1,
            **{
                "leading_dense_block_count": 0, "attention.q_lora_rank": 512, "attention.kv_lora_rank": 512,
                "expert_count": 64, "expert_used_count": 6, "expert_shared_count": 2,
                "expert_feed_forward_length": 1408, "attention.key_length": 576, "attention.value_length": 512,
            },
        ).words(1000, output=True).add("blk.{}.attn_q_a.weight", 512, 2048).add("blk.{}.attn_q_b.weight", 3072, 512)
        .add("blk.{}.attn_kv_a_mqa.weight", 576, 2048).add("blk.{}.attn_kv_b.weight", 4096, 512)
        .add("blk.{}.attn_output.weight", 2048, 2048).experts(64, 1408)
        .add("blk.{}.ffn_gate_shexp.weight", 2816, 2048).add("blk.{}.ffn_down_shexp.weight", 2048, 2816)
        .add("blk.{}.ffn_up_shexp.weight", 2816, 2048),
        Network(
            "gpt-oss", "gpt-oss", 24, 2880, 64, 8, expert_count=32, expert_used_count=4,
            expert_feed_forward_length=2880, **{"attention.sliding_window": 128},
        ).words(1000, output=True).attention(4096, 512).add("blk.{}.attn_sinks.weight", 64, type="F32")
        .experts(32, 2880).add("blk.{}.ffn_down_exps.bias", 32, 2880, type="F32"),
        Network("lfm2", "lfm2", 16, 1024, 16, [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0], **{"shortconv.l_cache": 3})
        .words(1000, output=False).attention(1024, 512).feed_forward(4608)
        .add("blk.{}.shortconv.conv.weight", 1024, 3, type="F32")
        .add("blk.{}.shortconv.in_proj.weight", 3072, 1024),
    ]


def write(network: Network, path: pathlib.Path) -> None:
    """A GGUF file whose tensors are there and hold nothing: a hole in the file."""
    writer = gguf.GGUFWriter(path, network.architecture)
    for key, value in network.metadata.items():
        key = f"{network.architecture}.{key}"
        if isinstance(value, list):
            writer.add_array(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        else:
            writer.add_uint32(key, value)
    size = 0
    for pattern, shape, type_name in network.tensors:
        kind = gguf.GGMLQuantizationType[type_name]
        count = 1
        for length in shape:
            count *= length
        bytes_each = {"F32": 4, "BF16": 2}[type_name]
        for name in network.names(pattern):
            writer.add_tensor_info(name, shape, None, count * bytes_each, raw_dtype=kind)
            size += -(-count * bytes_each // 32) * 32
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    with open(path, "r+b") as file:
        file.seek(0, 2)
        start = -(-file.tell() // 32) * 32
        file.truncate(start + size)


def write_matrix(path: pathlib.Path) -> None:
    """An importance matrix of one tensor: the rules ask only whether there is one."""
    import numpy as np

    writer = gguf.GGUFWriter(path, "")
    writer.kv_data[0].clear()
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["none"])
    writer.add_uint32("imatrix.chunk_count", 1)
    writer.add_uint32("imatrix.chunk_size", 512)
    writer.add_tensor("blk.0.attn_q.weight.in_sum2", np.ones((1, 512), np.float32))
    writer.add_tensor("blk.0.attn_q.weight.counts", np.ones((1, 1), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def formats(program: str, model: pathlib.Path, mix: str, matrix: pathlib.Path | None) -> dict[str, str] | None:
    """The type of every tensor, or None where the program gives up on this network."""
    options = ["--imatrix", str(matrix)] if matrix else []
    run = subprocess.run([program, *options, "--dry-run", str(model), mix], capture_output=True, text=True)
    if run.returncode and "failed to quantize" not in run.stderr:
        sys.exit(f"{program} {model.name} {mix}: exit code {run.returncode}\n{run.stdout[-500:]}{run.stderr[-500:]}")
    if run.returncode:
        return None
    # Warnings stand on a line of their own between the lines of tensors.
    return {name: (new or old) for name, old, new in LINE.findall(run.stdout + run.stderr)}


def record(program: str, network: Network, folder: pathlib.Path) -> str:
    model, matrix = folder / f"{network.name}.gguf", folder / "imatrix.gguf"
    write(network, model)
    write_matrix(matrix)
    letters: dict[str, str] = {}
    mixes: dict[str, dict[str, list[str] | None]] = {}
    for mix in MIXES:
        mixes[mix] = {}
        for key, path in (("plain", None), ("imatrix", matrix)):
            found = formats(program, model, mix, path)
            rows = None
            if found is not None:
                rows = []
                for pattern, _, _ in network.tensors:
                    types = [found[name] for name in network.names(pattern)]
                    for type_name in types:
                        letters.setdefault(type_name, string.ascii_letters[len(letters)])
                    rows.append("".join(letters[type_name] for type_name in types))
            if key == "plain" or rows != mixes[mix]["plain"]:
                mixes[mix][key] = rows
    model.unlink()
    if all(found["plain"] is None for found in mixes.values()):
        sys.exit(f"the program makes no mix of the network {network.name}")
    document = {
        "architecture": network.architecture, "blocks": network.blocks, "metadata": network.metadata,
        "tensors": [{"name": n, "shape": s, "type": t} for n, s, t in network.tensors],
        "letters": {letter: type_name for type_name, letter in letters.items()},
        "mixes": mixes,
    }
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            inner = ",\n".join("  " + json.dumps(each) for each in value)
            lines.append(f' {json.dumps(key)}: [\n{inner}\n ]')
        elif isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in value.items())
            lines.append(f' {json.dumps(key)}: {{\n{inner}\n }}')
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    program, folder, check = sys.argv[1], pathlib.Path(sys.argv[2]), "--check" in sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    differing = []
    with tempfile.TemporaryDirectory() as scratch:
        for network in networks():
            text = record(program, network, pathlib.Path(scratch))
            path = folder / f"{network.name}.json"
            if not check:
                path.write_text(text)
            elif not path.is_file() or path.read_text() != text:
                differing.append(network.name)
            print(network.name, "differs" if network.name in differing else "")
    if differing:
        sys.exit(f"the program gives other formats than recorded to: {', '.join(differing)}")


main()
