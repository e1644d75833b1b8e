"""Writes models with a plan's formats by other people's packages, and lets plan check them.

Run by Scripts/check-files, which installs gguf and safetensors. A model with FLUX's names and small dimensions is planned,
written as GGUF and as safetensors, read back and checked; then files that are wrong in one way each must be found out.
"""

import json
import os
import subprocess
import sys
import tempfile

import gguf
import ml_dtypes
import numpy as np
import safetensors.numpy

PLAN = sys.argv[1]
TYPES = {name: getattr(gguf.GGMLQuantizationType, name) for name in ("F32", "F16", "BF16", "Q4_1", "Q5_1", "Q8_0")}
ARRAYS = {"F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16, "float8_e4m3fn": ml_dtypes.float8_e4m3fn}


def plan(*arguments: str, expect: int = 0) -> str:
    """Runs plan and returns its standard output."""
    result = subprocess.run([PLAN, *arguments], capture_output=True, text=True)
    if result.returncode != expect:
        sys.exit(f"plan {' '.join(arguments)}: exit code {result.returncode}, not {expect}\n{result.stdout}{result.stderr}")
    return result.stdout


def shrunk(size: int) -> int:
    """A dimension of FLUX made small: multiples of 3072 become multiples of 64."""
    return size // 48 if size % 3072 == 0 else min(size, 64)


def write_gguf(path: str, shapes: dict, formats: dict, generator: np.random.Generator) -> None:
    writer = gguf.GGUFWriter(path, "flux")
    writer.add_quantization_version(2)
    writer.add_file_type(32)
    for name, shape in shapes.items():
        if name in formats:
            kind = TYPES[formats[name]]
            weights = generator.standard_normal(shape).astype(np.float32)
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_safetensors(path: str, shapes: dict, formats: dict) -> None:
    tensors = {name: np.zeros(shape, ARRAYS[formats[name]]) for name, shape in shapes.items() if name in formats}
    safetensors.numpy.save_file(tensors, path)


def formats_of(recipe: dict) -> dict:
    formats = {tensor: layer["format"] for layer in recipe["layers"] for tensor in layer["tensors"]}
    formats.update({kept["tensor"]: kept["format"] for kept in recipe["kept"]})
    return formats


def main() -> None:
    generator = np.random.default_rng(0)
    inventory = json.loads(plan("inspect", "flux1-dev", "--format", "json"))
    shapes = {tensor["name"]: [shrunk(size) for size in tensor["shape"]] for tensor in inventory["tensors"]}
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        write_safetensors(at("tiny.safetensors"), shapes, {name: "BF16" for name in shapes})
        table = ["--model", at("tiny.safetensors"), "--impacts", "flux1-dev-table3"]

        for budget in ("40%", "55%"):
            plan("--budget", budget, "--formats", "Q4_1,Q5_1,Q8_0", "-o", at("gguf.json"), *table)
            recipe = json.load(open(at("gguf.json")))
            formats = formats_of(recipe)
            write_gguf(at("good.gguf"), shapes, formats, generator)
            plan("check", at("gguf.json"), at("good.gguf"))
            size = os.path.getsize(at("good.gguf"))
            assert size == recipe["size"]["bytes"], f"{size} bytes, not {recipe['size']['bytes']}"
            assert recipe["size"]["exact"] == "file"
            plan("check", at("gguf.json"), *table)
            print(f"GGUF at {budget}: {len(formats)} tensors and {size} bytes as planned")

        planned = recipe["layers"][5]["tensors"][0]
        write_gguf(at("type.gguf"), shapes, formats | {planned: "F32"}, generator)
        assert planned in plan("check", at("gguf.json"), at("type.gguf"), expect=1)
        write_gguf(at("missing.gguf"), shapes, {k: v for k, v in formats.items() if k != planned}, generator)
        assert "missing" in plan("check", at("gguf.json"), at("missing.gguf"), expect=1)
        write_gguf(at("extra.gguf"), shapes | {"more.weight": [8, 64]}, formats | {"more.weight": "F16"}, generator)
        assert "extra" in plan("check", at("gguf.json"), at("extra.gguf"), expect=1)
        with open(at("good.gguf"), "rb") as whole, open(at("cut.gguf"), "wb") as cut:
            cut.write(whole.read()[:-1000])
        plan("check", at("gguf.json"), at("cut.gguf"), expect=65)
        print("GGUF: a wrong type, a missing tensor, an extra one and a truncated file are found out")

        plan("--budget", "60%", "--formats", "float8_e4m3fn", "-o", at("st.json"), *table)
        formats = formats_of(json.load(open(at("st.json"))))
        write_safetensors(at("good.safetensors"), shapes, formats)
        plan("check", at("st.json"), at("good.safetensors"))
        prefixed = {f"model.diffusion_model.{name}": shape for name, shape in shapes.items()}
        write_safetensors(
            at("prefixed.safetensors"), prefixed, {f"model.diffusion_model.{k}": v for k, v in formats.items()}
        )
        plan("check", at("st.json"), at("prefixed.safetensors"))
        write_safetensors(at("type.safetensors"), shapes, formats | {planned: "F32"})
        assert planned in plan("check", at("st.json"), at("type.safetensors"), expect=1)
        print("safetensors: as planned, with and without a prefix; a wrong type is found out")


main()
