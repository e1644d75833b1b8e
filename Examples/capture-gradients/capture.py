#!/usr/bin/env python3
"""Captures how strongly the end of a network answers to each of its weights: two vectors per tensor.

For every sequence one scalar is taken and run backward, and of each weight's gradient the squares are summed by row and by
column. Sequences have a file each, so that a run that was ended goes on where it was and --part shares it among machines. When
all are there they are put together: llama-quantize and `plan estimate` read the result as an importance matrix
(`--imatrix`), and README.md says how rows and columns make a loss.

    python capture.py --language-model model.gguf --text calibration.txt --sequences 8 --tokens 256
    python capture.py --language-model Qwen/Qwen3-8B --file qwen3-8b.gguf --text calibration.txt --device cuda
    python capture.py --encoder sentence-transformers/all-MiniLM-L6-v2 --file model.safetensors --text sentences.txt
    python capture.py --diffusion black-forest-labs/FLUX.1-dev --file flux1-dev.safetensors --text prompts.txt
    python capture.py --own own_network.py --file model.safetensors
    python capture.py --tiny --sequences 4
    python capture.py --merge machine1/*.safetensors machine2/*.safetensors -o gradients.gguf
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "shared"))

from gradients import GradientCapture, checkpoint_gradients
from loading import diffusion, encoder, language_model, own, tiny_diffusion
from model_file import ModelFile, check, uncovered
from naming import FluxNaming, GGUFNaming, Naming, ParameterNaming
from networks import Network
from parts import part
from vectors import SETTINGS, Sequences, metadata_of, save_sequence, write_gguf

LOADERS = {
    "language_model": language_model,
    "encoder": encoder,
    "diffusion": diffusion,
    "own": own,
    "tiny": tiny_diffusion,
}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_mutually_exclusive_group(required=True)
    kinds.add_argument(
        "--language-model",
        metavar="MODEL",
        help="a causal model of transformers: a folder, a repository or a GGUF file",
    )
    kinds.add_argument("--encoder", metavar="MODEL", help="a sentence encoder of transformers, named likewise")
    kinds.add_argument(
        "--diffusion", metavar="MODEL", help="a pipeline of diffusers with a transformer, such as FLUX.1-dev's"
    )
    kinds.add_argument(
        "--own", type=Path, metavar="FILE", help="a Python file with network(device, dtype): own_network.py"
    )
    kinds.add_argument("--tiny", action="store_true", help="a tiny random model on the CPU, to try everything out")
    kinds.add_argument(
        "--merge", type=Path, nargs="+", metavar="FILE", help="puts sequences' files together, runs nothing"
    )
    parser.add_argument("--text", type=Path, help="a text; a sentence per line for encoders, a prompt for diffusion")
    parser.add_argument("--sequences", type=int, default=8, help="how many sequences, sentences or calls (default: 8)")
    parser.add_argument(
        "--tokens", type=int, default=256, help="tokens per sequence, at most of a sentence (default: 256)"
    )
    parser.add_argument(
        "--pooling", default="mean", choices=["mean", "cls", "last"], help="of an encoder (default: mean)"
    )
    parser.add_argument("--steps", type=int, default=20, help="steps of making an image (default: 20)")
    parser.add_argument("--at", default="0,10,19", help="the steps whose call is an input (default: 0,10,19)")
    parser.add_argument(
        "--modules", nargs="+", default=["*"], metavar="GLOB", help="only modules or parameters of these names"
    )
    parser.add_argument(
        "--file",
        type=Path,
        help="the GGUF or safetensors file (or folder) that will be planned: its names are used, its weights compared",
    )
    parser.add_argument("--names", choices=["gguf", "parameters", "flux"], help="whose names, without a --file to tell")
    parser.add_argument("--architecture", help="the architecture in GGUF, where it does not follow from the model")
    parser.add_argument(
        "--clip", type=float, default=3, help="the most of a sequence, in medians; 0 is no limit (default: 3)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the seed of what is drawn (default: 1)")
    parser.add_argument("--part", default="1/1", help="do only part i of n of the sequences, such as 3/16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--device-map", help="spreads a model of transformers over devices by accelerate, such as auto")
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float32"])
    parser.add_argument(
        "--checkpointing", action="store_true", help="runs blocks twice, so that their states take no memory"
    )
    parser.add_argument("--name", help="the model's name; by default the last part of its path")
    parser.add_argument(
        "--sequences-folder", type=Path, metavar="FOLDER", help="where sequences' files go (default: NAME-gradients)"
    )
    parser.add_argument("-o", "--output", type=Path, help="the file of vectors (default: NAME-gradients.gguf)")
    options = parser.parse_args(arguments)
    options.model = options.language_model or options.encoder or options.diffusion
    if options.model and not options.text:
        parser.error("give a --text")
    if options.sequences < 1 or options.tokens < 2:
        parser.error("--sequences takes a whole number from 1 up, --tokens from 2 up")
    if options.clip < 0 or not 0 <= options.seed < 2**63:
        parser.error("--clip and --seed take numbers from 0 up")
    try:
        options.part, options.parts = part(options.part)
    except ValueError as error:
        parser.error(str(error))
    return options


def naming(options: argparse.Namespace, network: Network, file: ModelFile | None) -> Naming:
    """The names that are asked for, or those of the file, or those of the network itself."""
    names = file.names if file else None
    kind = options.names
    if kind is None and names is not None:
        if any("double_blocks." in name for name in names):
            kind = "flux"
        elif file is not None and file.is_gguf and hasattr(network.module, "config"):
            kind = "gguf"
    if kind == "flux":
        return FluxNaming(names)
    if kind == "gguf":
        return GGUFNaming(network.module.config, names, options.architecture)
    return ParameterNaming(names)


def settings_of(options: argparse.Namespace, network: Network, tensors: list[str]) -> str:
    """What a sequence's file depends on, as text: one that was made with something else is not gone on with."""
    known = {key: getattr(options, key) for key in ("seed", "dtype", "tokens", "pooling", "steps", "at")}
    return json.dumps(
        {
            **known,
            "name": network.name,
            "sequences": len(network.inputs),
            "loss": network.loss.kind,
            "unit": network.loss.unit,
            "digest": network.digest,
            "dataset": network.dataset,
            "tensors": tensors,
        },
        sort_keys=True,
    )


def run(options: argparse.Namespace) -> list[Path]:
    """Captures the sequences of this part that have no file yet, and returns the paths of all sequences."""
    kind = next(name for name in LOADERS if getattr(options, name))
    if options.file is None and options.model and Path(options.model).suffix == ".gguf":
        options.file = Path(options.model)
    # A file that cannot be read is found out before a large model is loaded.
    file = ModelFile(options.file) if options.file else None
    network = LOADERS[kind](options)
    options.name = options.name or network.name
    capture = GradientCapture(network, naming(options, network, file), options.modules)
    if not capture.layouts:
        raise ValueError("no parameter is chosen; give other --modules or --names")
    if file:
        check(file, capture.layouts.values(), capture.parameters)
        for name in uncovered(file, capture.layouts.values(), capture.parameters):
            raise ValueError(f"{name} is made of several modules, not all of which are chosen; give other --modules")
    if capture.unnamed:
        say(f"{len(capture.unnamed)} parameters are not in the file and are left out, such as {capture.unnamed[0]}")
    if options.checkpointing:
        checkpoint_gradients(network.module)
    folder = options.sequences_folder or Path(f"{options.name}-gradients")
    folder.mkdir(parents=True, exist_ok=True)
    tensors = sorted({piece.tensor for layout in capture.layouts.values() for piece in layout.pieces})
    settings = settings_of(options, network, tensors)
    paths = [folder / f"sequence-{number:06}.safetensors" for number in range(len(network.inputs))]
    for path in paths:
        if path.exists() and metadata_of(path).get(SETTINGS) != settings:
            raise ValueError(f"{path} has other settings; give the same again, or another --sequences-folder")
    for number, path in enumerate(paths):
        if number % options.parts != options.part or path.exists():
            continue
        began = time.monotonic()
        squares = capture.squares(number, options.seed)
        save_sequence(path, squares, settings, number, network.tokens(network.inputs[number]))
        say(f"{path}: {len(squares)} tensors, {time.monotonic() - began:.1f} s")
    return paths


def put_together(paths: list[Path], options: argparse.Namespace) -> None:
    sequences = Sequences.opened(paths)
    output = options.output or Path(f"{options.name or sequences.settings['name']}-gradients.gguf")
    written, unreached = write_gguf(output, sequences, options.clip)
    if unreached:
        say(f"no gradient reached {len(unreached)} tensors, which are left out, such as {unreached[0]}")
    say(f"{output}: {len(written)} tensors, {len(sequences.paths)} sequences, {sequences.tokens} tokens")


def say(text: str) -> None:
    print(text, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        paths = options.merge or run(options)
        missing = [] if options.merge else [path for path in paths if not path.exists()]
        if missing:
            say(f"{len(missing)} of {len(paths)} sequences belong to other parts; put them together with --merge")
        else:
            put_together(paths, options)
    except (ValueError, OSError) as error:
        sys.exit(f"capture.py: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
