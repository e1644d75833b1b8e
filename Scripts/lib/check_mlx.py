"""Checks folders for MLX against mlx.core.quantize and mlx-lm.

Run by Scripts/check-mlx, which installs both. Small networks of two architectures, one of them with experts, are written as Hugging
Face has them, with random weights in each type; `plan quantize` makes folders of them, each format by itself and mixed within a
budget; every tensor must have the bytes that MLX makes of the same weights, and mlx-lm must load the folder and compute nearly what
it computes from the original.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import mlx.core as mx
from mlx_lm.utils import load_model

WIDTH = 128
TYPES = {"bfloat16": mx.bfloat16, "float16": mx.float16, "float32": mx.float32}
FORMATS = {f"MLX_A{bits}_G{group}": ("affine", bits, group) for bits in (2, 3, 4, 5, 6, 8) for group in (32, 64, 128)} | {
    "MLX_MXFP4": ("mxfp4", 4, 32),
    "MLX_NVFP4": ("nvfp4", 4, 16),
    "MLX_MXFP8": ("mxfp8", 8, 32),
}
# How far the logits may be from the original's, as a share of their own length.
LIMITS = {2: 1.2, 3: 0.6, 4: 0.35, 5: 0.2, 6: 0.1, 8: 0.06}
PROJECTIONS = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}


def write_model(folder: pathlib.Path, kind: str, type_name: str) -> dict[str, mx.array]:
    """A folder as Hugging Face has it, and its weights."""
    mx.random.seed(1)
    shapes = {"model.embed_tokens.weight": (96, WIDTH), "lm_head.weight": (96, WIDTH), "model.norm.weight": (WIDTH,)}
    for block in range(2):
        prefix = f"model.layers.{block}."
        shapes |= {prefix + name + ".weight": (WIDTH,) for name in ("input_layernorm", "post_attention_layernorm")}
        for name, rows in (("q", WIDTH), ("k", WIDTH // 2), ("v", WIDTH // 2), ("o", WIDTH)):
            shapes[f"{prefix}self_attn.{name}_proj.weight"] = (rows, WIDTH)
        if kind == "llama":
            shapes |= {f"{prefix}mlp.{name}_proj.weight": (2 * WIDTH, WIDTH) for name in ("gate", "up")}
            shapes[prefix + "mlp.down_proj.weight"] = (WIDTH, 2 * WIDTH)
            continue
        shapes[prefix + "block_sparse_moe.gate.weight"] = (4, WIDTH)
        for expert in range(4):
            name = f"{prefix}block_sparse_moe.experts.{expert}."
            shapes |= {name + "w1.weight": (2 * WIDTH, WIDTH), name + "w3.weight": (2 * WIDTH, WIDTH)}
            shapes[name + "w2.weight"] = (WIDTH, 2 * WIDTH)
    weights = {}
    for name, shape in shapes.items():
        values = mx.random.normal(shape)
        weights[name] = (1 + 0.1 * values if len(shape) == 1 else 0.1 * values).astype(TYPES[type_name])
    folder.mkdir()
    mx.save_safetensors(str(folder / "model.safetensors"), weights, metadata={"format": "pt"})
    config = {
        "model_type": kind, "hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 96, "rms_norm_eps": 1e-05,
        "rope_theta": 10000.0, "tie_word_embeddings": False, "torch_dtype": type_name,
    }
    if kind == "mixtral":
        config |= {"num_local_experts": 4, "num_experts_per_tok": 2}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    (folder / "tokenizer.json").write_text("{}")
    return weights


def logits(folder: pathlib.Path) -> mx.array:
    model, _ = load_model(folder)
    if hasattr(model.args, "num_local_experts"):
        # On a CPU, MLX multiplies by unquantized experts in 32 bits only.
        model.set_dtype(mx.float32)
    return model(mx.array([[5, 17, 60, 3, 88, 41, 2]])).astype(mx.float32)


def place(name: str) -> tuple[str, int | None]:
    """The name of a tensor in the folder, and of an expert its number."""
    match = re.search(r"experts\.(\d+)\.(w\d)", name)
    if not match:
        return name, None
    return name.replace(match[0], f"switch_mlp.{PROJECTIONS[match[2]]}"), int(match[1])


def check_tensors(weights: dict[str, mx.array], out: pathlib.Path, recipe: dict) -> int:
    """Holds every tensor of a folder against what MLX makes of the weights; the number of them."""
    made = {}
    for file in out.glob("*.safetensors"):
        made |= mx.load(str(file))
    formats = {tensor: layer["format"] for layer in recipe["layers"] for tensor in layer["tensors"]}
    expected = set()
    for name, weight in weights.items():
        target, expert = place(name)
        parts = {"weight": weight}
        if (format_name := formats.get(name)) in FORMATS:
            mode, bits, group = FORMATS[format_name]
            source = weight.astype(mx.bfloat16) if weight.dtype == mx.float32 else weight
            arrays = mx.quantize(source, group_size=group, bits=bits, mode=mode)
            parts = dict(zip(("weight", "scales", "biases"), arrays))
        for part, array in parts.items():
            key = target.removesuffix("weight") + part
            expected.add(key)
            found = made[key] if expert is None else made[key][expert]
            if found.dtype != array.dtype or found.shape != array.shape or not mx.array_equal(found, array):
                sys.exit(f"{out}: {key} is not what MLX makes of {name} as {formats.get(name)}")
    if set(made) != expected:
        sys.exit(f"{out}: the tensors {sorted(set(made) ^ expected)} are too many or missing")
    return len(expected)


def main() -> None:
    plan = str(pathlib.Path(sys.argv[1]).resolve())
    mx.set_default_device(mx.cpu)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)

        def run(*words: str) -> str:
            result = subprocess.run([plan, *words], cwd=scratch, capture_output=True, text=True)
            if result.returncode:
                sys.exit(f"plan {' '.join(words)}\n{result.stdout}{result.stderr}")
            return result.stdout

        for kind in ("llama", "mixtral"):
            for type_name in TYPES:
                name = f"{kind}-{type_name}"
                weights = write_model(scratch / name, kind, type_name)
                original = logits(scratch / name)

                def check(out: str, *options: str) -> tuple[int, float]:
                    said = run("quantize", name, *options, "-o", out + "/")
                    path = re.search(r"Recipe  (\S+)", said)[1]
                    recipe = json.loads((scratch / path).read_text())
                    run("check", path, out, "--model", name)
                    count = check_tensors(weights, scratch / out, recipe)
                    error = logits(scratch / out) - original
                    return count, (mx.linalg.norm(error) / mx.linalg.norm(original)).item()

                count, error = check(name + "-mixed", "--budget", "45%" if type_name != "float32" else "25%")
                print(f"{name}: {count} tensors of a mixed folder are MLX's, logits differ by {error:.3f}")
                if not error < LIMITS[4]:
                    sys.exit(f"{name}: the logits are too far from the original's")
                if kind == "mixtral" and type_name != "bfloat16":
                    continue
                for format_name, (_, bits, _) in FORMATS.items():
                    _, error = check(f"{name}-{format_name}", "--budget", "100%", "--formats", format_name)
                    if not error < LIMITS[bits]:
                        sys.exit(f"{name} in {format_name}: the logits differ by {error:.3f}")
                print(f"{name}: so are those in each of {len(FORMATS)} formats")


main()
