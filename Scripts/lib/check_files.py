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


def add_flux_metadata(writer: gguf.GGUFWriter) -> None:
    """What ComfyUI-GGUF's converter writes."""
    writer.add_quantization_version(2)
    writer.add_file_type(32)


def write_gguf(path: str, shapes: dict, formats: dict, generator: np.random.Generator, add_metadata=add_flux_metadata) -> None:
    writer = gguf.GGUFWriter(path, "flux")
    add_metadata(writer)
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


def remove_metadata(writer: gguf.GGUFWriter) -> None:
    """As stable-diffusion.cpp writes it: none at all."""
    writer.kv_data[0].clear()


def check_size(path: str, recipe_path: str, what: str) -> None:
    """The recipe's size is said to be exact, and is the file's to the byte."""
    plan("check", recipe_path, path)
    recipe = json.load(open(recipe_path))
    size = os.path.getsize(path)
    assert recipe["size"]["exact"] == "file", f"{what}: only {recipe['size']['exact']} is exact"
    assert size == recipe["size"]["bytes"], f"{what}: {size} bytes, not {recipe['size']['bytes']}"
    print(f"{what}: {size} bytes as planned")


def check_converters(at, shapes: dict, generator: np.random.Generator) -> None:
    """Writes files as converters do whose writers are known, and compares their sizes with the plan's."""
    # Biases of 2,000 elements and more are cast with their layer by mixed-gguf-converter.
    shapes = {name: [2048] if name.endswith("_mod.lin.bias") else shape for name, shape in shapes.items()}
    write_safetensors(at("biases.safetensors"), shapes, {name: "BF16" for name in shapes})
    table = ["--model", at("biases.safetensors"), "--impacts", "flux1-dev-table3", "--formats", "Q4_1,Q5_1,Q8_0"]

    def add_shapes(writer: gguf.GGUFWriter) -> None:
        for name, shape in shapes.items():
            writer.add_array(f"comfy.gguf.orig_shape.{name}", shape)

    for converter, add_metadata in [("stable-diffusion.cpp", remove_metadata), ("mixed-gguf-converter", add_shapes)]:
        plan("--budget", "50%", "--converter", converter, "-o", at("converter.json"), *table)
        formats = formats_of(json.load(open(at("converter.json"))))
        assert formats["double_blocks.0.img_mod.lin.bias"] != "F32"
        write_gguf(at("converted.gguf"), shapes, formats, generator, add_metadata)
        check_size(at("converted.gguf"), at("converter.json"), converter)

    # mixed-gguf-converter takes the prefix of a whole pipeline's file off every name.
    prefixed = {f"model.diffusion_model.{name}": shape for name, shape in shapes.items()}
    write_safetensors(at("pipeline.safetensors"), prefixed, {name: "BF16" for name in prefixed})
    table[1] = at("pipeline.safetensors")
    plan("--budget", "50%", "--converter", "mixed-gguf-converter", "-o", at("converter.json"), *table)
    formats = {
        name.removeprefix("model.diffusion_model."): format
        for name, format in formats_of(json.load(open(at("converter.json")))).items()
    }
    write_gguf(at("converted.gguf"), shapes, formats, generator, add_shapes)
    check_size(at("converted.gguf"), at("converter.json"), "mixed-gguf-converter, names with a prefix")

    # llama-quantize copies the metadata of the model it is given.
    names = {f"blk.{block}.{part}.weight": [64, 64] for block in range(4) for part in ("attn_q", "ffn_down")}
    names |= {"token_embd.weight": [96, 64], "output_norm.weight": [64], "blk.0.ffn_gate_inp.weight": [4, 64]}
    kept = {name: "F32" for name in names if "norm" in name or "gate_inp" in name}

    def add_vocabulary(writer: gguf.GGUFWriter) -> None:
        writer.add_token_list([f"token{index}" for index in range(3000)])
        writer.add_token_scores([0.0] * 3000)

    def add_result(writer: gguf.GGUFWriter) -> None:
        add_vocabulary(writer)
        add_flux_metadata(writer)

    write_gguf(at("llm.gguf"), names, {name: "BF16" for name in names} | kept, generator, add_vocabulary)
    with open(at("llm.csv"), "w") as file:
        rows = [f"{name},{1 + index},{0.1 * index}" for index, name in enumerate(names) if name not in kept]
        file.write("\n".join(["layer,Q4_1,Q8_0", *rows]) + "\n")
    llm = ["--model", at("llm.gguf"), "--impacts", at("llm.csv")]
    for converter in ("llama-quantize", "ik_llama.cpp"):
        plan("--budget", "75%", "--converter", converter, "-o", at("llm.json"), *llm)
        formats = formats_of(json.load(open(at("llm.json"))))
        write_gguf(at("quantized.gguf"), names, formats, generator, add_result)
        check_size(at("quantized.gguf"), at("llm.json"), converter)


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

        check_converters(at, shapes, generator)

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
