#!/usr/bin/env python3
"""Captures what `plan measure` needs from a transformer of the FLUX family: losses and mean squares, no states.

For every sample (one call of the transformer), every state and every draw, the state is multiplied by
1 + (u - 1/2) * 0.01 and the rest of the layers are run; the mean square error of the last hidden state is an
`end_loss`. Every layer's streams are cast to every format in turn; the mean square error of that stream in the layer's
output is a `cast_loss`. Samples go through in batches, a capture file per batch, so that a run that was ended goes on
where it was, and the batches of one run may be spread over machines with --part.

    python capture.py --model black-forest-labs/FLUX.1-dev --prompts prompts.txt --device cuda
    python capture.py --tiny --samples 4 --out captures
    plan measure captures/*.safetensors -o tables.json
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

sys.path.append(str(Path(__file__).resolve().parent.parent / "shared"))

from flux import prompt_inputs, tiny_inputs, tiny_transformer
from formats import DEFAULT_FORMATS, UnfitFormat, cast, known_formats
from parts import part, whole_file
from stack import FluxStack, Sample, replaced

State = dict[str, Tensor]
PERTURBATION = 0.01


def loss(state: State, clean: State) -> float:
    """The mean square error over all values of all streams, summed in double precision."""
    total, count = 0.0, 0
    for stream, values in clean.items():
        total += (state[stream].double() - values.double()).square().sum().item()
        count += values.numel()
    return total / count


def perturbed(values: Tensor, seed: int, sample: int, layer: int, stream: str, draw: int) -> Tensor:
    """The values times 1 + (u - 1/2) * 0.01; u follows from the arguments alone.

    The product is taken in single precision and rounded to the values' own type. In bfloat16, whose steps are 0.4 %
    and more, that rounding is part of what is measured; load the model as float32 to be without it.
    """
    generator = torch.Generator(device="cpu")
    # Streams count as digits of one number, so that no two states share their noise.
    key = ((sample * 1_000 + layer) * 3 + ("img", "txt", "x").index(stream)) * 1_000 + draw
    generator.manual_seed((seed * 0x9E3779B97F4A7C15 + key * 0xD1342543DE82EF95) % 2**63)
    uniform = torch.rand(values.shape, generator=generator, dtype=torch.float32).to(values.device)
    return (values.float() * (1 + (uniform - 0.5) * PERTURBATION)).to(values.dtype)


class Capture:
    """The values of a batch of samples, under the names that `plan measure` reads."""

    def __init__(self, stack: FluxStack, name: str, samples: list[Sample]) -> None:
        self.samples = [sample.number for sample in samples]
        self.values: dict[str, list[Any]] = {}
        self.metadata = {
            "plan_capture": "1",
            "model": name,
            "layers": str(stack.layer_count),
            "perturbation": str(PERTURBATION),
        }
        if stack.join_layer is not None:
            self.metadata["join"] = str(stack.join_layer)

    def add(self, name: str, value: float | list[float]) -> None:
        self.values.setdefault(name, []).append(value)

    def save(self, path: Path) -> None:
        """Writes the values to a file."""
        tensors = {name: torch.tensor(values, dtype=torch.float64) for name, values in self.values.items()}
        tensors["samples"] = torch.tensor(self.samples, dtype=torch.int64)
        with whole_file(path) as temporary:
            save_file(tensors, temporary, metadata=self.metadata)


def capture(
    stack: FluxStack,
    name: str,
    samples: list[Sample],
    formats: Iterable[str],
    draws: int,
    seed: int,
    progress: bool = False,
) -> Capture:
    """Measures a batch of samples, layer by layer, so that weights are cast once for all of them."""
    result = Capture(stack, name, samples)
    count = stack.layer_count
    states = [stack.first_state(sample) for sample in samples]
    ends = [stack.run(range(count), state, sample) for state, sample in zip(states, samples, strict=True)]
    for layer in range(count + 1):
        if progress:
            print(f"\rlayer {layer} of {count}", end="", file=sys.stderr, flush=True)
        for sample, state, end in zip(samples, states, ends, strict=True):
            for stream in stack.streams(layer):
                result.add(f"mean_square.{layer}.{stream}", state[stream].double().square().mean().item())
                losses = []
                for draw in range(draws):
                    noisy = perturbed(state[stream], seed, sample.number, layer, stream, draw)
                    losses.append(loss(stack.run(range(layer, count), {**state, stream: noisy}, sample), end))
                result.add(f"end_loss.{layer}.{stream}", losses)
        if layer == count:
            break
        after = [
            stack.run(range(layer, layer + 1), state, sample) for state, sample in zip(states, samples, strict=True)
        ]
        capture_casts(stack, layer, samples, states, after, formats, result)
        states = after
    if progress:
        print(file=sys.stderr)
    return result


def capture_casts(
    stack: FluxStack,
    layer: int,
    samples: list[Sample],
    states: list[State],
    after: list[State],
    formats: Iterable[str],
    result: Capture,
) -> None:
    """Measures the loss in a layer's output of casting each of its streams to each format."""
    for stream in stack.streams(layer):
        target = stream if stream in stack.streams(layer + 1) else "x"
        weights = stack.weights(layer, stream)
        for format in formats:
            try:
                values = [cast(weight.data, format) for weight in weights]
            except UnfitFormat:
                continue
            with replaced(weights, values):
                for sample, state, clean in zip(samples, states, after, strict=True):
                    output = stack.run(range(layer, layer + 1), state, sample)
                    value = loss({target: output[target]}, {target: clean[target]})
                    result.add(f"cast_loss.{layer}.{stream}.{format}", value)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a model of the FLUX family, as diffusers names or finds it")
    parser.add_argument("--name", help="the name in the captures; by default the last part of --model")
    parser.add_argument("--prompts", type=Path, help="a text file with one prompt per line")
    parser.add_argument("--steps", type=int, default=20, help="steps of making an image (default: 20)")
    parser.add_argument("--at", default="0,10,19", help="the steps whose call is a sample (default: 0,10,19)")
    parser.add_argument("--tiny", action="store_true", help="a tiny random model on the CPU, to try everything out")
    parser.add_argument("--samples", type=int, default=4, help="the number of samples with --tiny (default: 4)")
    parser.add_argument(
        "--formats",
        default=",".join(DEFAULT_FORMATS),
        help=f"formats, separated by commas; known are {', '.join(known_formats())} (default: %(default)s)",
    )
    parser.add_argument("--draws", type=int, default=2, help="perturbations per sample and state (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the perturbations (default: 1)")
    parser.add_argument("--batch", type=int, default=4, help="samples per capture file (default: 4)")
    parser.add_argument("--part", default="1/1", help="do only part i of n of the batches, such as 3/16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float16", "float32"])
    parser.add_argument("--out", type=Path, default=Path("captures"), help="the folder of the captures")
    options = parser.parse_args(arguments)
    if not options.tiny and not (options.model and options.prompts):
        parser.error("give --model and --prompts, or --tiny")
    for format in options.formats.split(","):
        if format not in known_formats():
            parser.error(f"there is no format {format!r}; known are {', '.join(known_formats())}")
    if options.batch < 1 or not 1 <= options.draws <= 1000 or options.samples < 1:
        parser.error("--batch, --samples and --draws take whole numbers from 1 up, --draws up to 1000")
    try:
        options.part, options.parts = part(options.part)
    except ValueError as error:
        parser.error(str(error))
    return options


def described(options: argparse.Namespace, name: str, inputs: list[Any]) -> str:
    """What a capture depends on, as text: a file that was made with something else is not gone on with."""
    settings = {key: getattr(options, key) for key in ("model", "steps", "formats", "draws", "seed", "batch", "dtype")}
    return json.dumps({"name": name, "inputs": inputs, **settings}, sort_keys=True)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.tiny:
        stack = FluxStack(tiny_transformer())
        name = options.name or "flux-tiny"
        inputs: list[Any] = list(range(options.samples))
    else:
        diffusers: Any = importlib.import_module("diffusers")
        pipeline = diffusers.FluxPipeline.from_pretrained(options.model, torch_dtype=getattr(torch, options.dtype))
        pipeline.to(options.device)
        stack = FluxStack(pipeline.transformer.eval())
        name = options.name or Path(options.model).name.lower()
        kept = sorted({int(step) for step in options.at.split(",")})
        prompts = [line for line in options.prompts.read_text().splitlines() if line.strip()]
        inputs = [(prompt, place, step) for place, prompt in enumerate(prompts) for step in kept]
    options.out.mkdir(parents=True, exist_ok=True)
    settings = described(options, name, inputs)
    batches = range(0, len(inputs), options.batch)
    for index, start in enumerate(batches):
        path = options.out / f"capture-{start:06}.safetensors"
        if index % options.parts != options.part:
            continue
        if path.exists():
            with safe_open(path, "pt") as known:
                if (known.metadata() or {}).get("settings") != settings:
                    sys.exit(f"{path} was captured with other settings; give the same again, or another --out")
            continue
        began = time.monotonic()
        samples: list[Sample] = []
        for number in range(start, min(start + options.batch, len(inputs))):
            if options.tiny:
                call: dict[str, Any] = tiny_inputs(number)
            else:
                prompt, place, step = inputs[number]
                call = next(prompt_inputs(pipeline, prompt, place, options.steps, {step}))
            samples.append(stack.sample(number, call))
        captured = capture(
            stack, name, samples, options.formats.split(","), options.draws, options.seed, sys.stderr.isatty()
        )
        captured.metadata["settings"] = settings
        captured.save(path)
        print(f"{path}: {len(samples)} samples, {time.monotonic() - began:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
