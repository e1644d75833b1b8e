#!/usr/bin/env python3
"""Captures what `plan measure` needs from any network: what perturbing and casting each of its linear layers does.

For every sample and every layer, the layer's output is multiplied by 1 + (u - 1/2)·δ and the network is run to its end, for two
sizes δ or more; what that loses is an `end_loss`. The layer's weights are cast to every format, and the mean square error of
its output is a `cast_loss`. Language models of transformers lose KL divergence; a network of your own loses what it says.
Layers have the names that the GGUF file of the same model gives them, so that the table needs no translation.

    python outputs.py --model folder --text text.txt
    python outputs.py --own my_network.py
    python outputs.py --tiny --samples 2 --out captures
    plan measure captures/*.safetensors -o tables.json
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

EXAMPLES = Path(__file__).resolve().parent.parent
sys.path += [str(EXAMPLES / "shared"), str(EXAMPLES / "capture-gradients")]

from formats import UnfitFormat, cast, known_formats  # noqa: E402
from naming import GGUFNaming  # noqa: E402
from parts import part, whole_file  # noqa: E402


@dataclass
class Network:
    """A network, what it is run on, and what it loses.

    ``run`` returns the end for one of the inputs, ``loss`` what another end is worse by; ``layer`` gives a layer's name in the
    table for the name of its module, and None for one that is left out.
    """

    name: str
    module: nn.Module
    inputs: Sequence[Any]
    run: Callable[[nn.Module, Any], Tensor]
    loss: Callable[[Tensor, Tensor], float]
    unit: str
    layer: Callable[[str], str | None] = lambda module: f"{module}.weight"

    def digest(self) -> str:
        """What the inputs are, as far as they are numbers and texts, so that captures of others are not taken for these."""
        return hashlib.sha256(json.dumps(list(self.inputs), default=lambda _: None).encode()).hexdigest()[:16]


def divergence(end: Tensor, clean: Tensor) -> float:
    """The KL divergence of the distributions of two arrays of logits, in nats per position; not below 0 for rounding."""
    before = functional.log_softmax(clean.double(), dim=-1)
    after = functional.log_softmax(end.double(), dim=-1)
    return max(0.0, (before.exp() * (before - after)).sum(-1).mean().item())


def mean_square_error(end: Tensor, clean: Tensor) -> float:
    return (end.double() - clean.double()).square().mean().item()


def layers_of(network: Network) -> dict[str, nn.Linear]:
    """The linear layers by their names in the table."""
    found = {}
    for name, module in network.module.named_modules():
        layer = network.layer(name) if isinstance(module, nn.Linear) else None
        if layer is not None and isinstance(module, nn.Linear):
            found[layer] = module
    return found


def uniform(shape: torch.Size, seed: int, sample: int, layer: int, draw: int) -> Tensor:
    """Numbers in (0, 1) that follow from the arguments alone, the same for every size of a perturbation."""
    generator = torch.Generator(device="cpu")
    key = (sample * 100_000 + layer) * 1_000 + draw
    generator.manual_seed((seed * 0x9E3779B97F4A7C15 + key * 0xD1342543DE82EF95) % 2**63)
    return torch.rand(shape, generator=generator, dtype=torch.float32)


@torch.no_grad()
def capture(
    network: Network,
    samples: Sequence[int],
    sizes: Sequence[float],
    formats: Iterable[str],
    draws: int = 1,
    seed: int = 1,
    progress: bool = False,
) -> dict[str, list[Any]]:
    """Measures some of the inputs, layer by layer, so that weights are cast once for all of them."""
    values: dict[str, list[Any]] = {}
    ends = {sample: network.run(network.module, network.inputs[sample]) for sample in samples}
    layers = layers_of(network)
    for place, (name, module) in enumerate(layers.items()):
        if progress:
            print(f"\rlayer {place + 1} of {len(layers)}", end="", file=sys.stderr, flush=True)
        errors = {}
        for format in formats:
            try:
                errors[format] = module.weight.float() - cast(module.weight.data, format).float()
            except UnfitFormat:
                continue
        for sample in samples:
            seen: list[tuple[Tensor, Tensor]] = []
            handle = module.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
            network.run(network.module, network.inputs[sample])
            handle.remove()
            if not seen:
                raise ValueError(f"the network does not run {name}; leave it out")
            # A layer that is run several times counts with all of its outputs.
            outputs = torch.cat([output.float().flatten() for _, output in seen])
            values.setdefault(f"mean_square.{name}", []).append(outputs.double().square().mean().item())
            for format, error in errors.items():
                changes = [functional.linear(inputs.float(), error).flatten() for inputs, _ in seen]
                loss = torch.cat(changes).double().square().mean().item()
                values.setdefault(f"cast_loss.{name}.{format}", []).append(loss)
            end_losses = [
                sum(
                    network.loss(perturbed(network, module, sample, size, (seed, sample, place, draw)), ends[sample])
                    for draw in range(draws)
                )
                / draws
                for size in sizes
            ]
            values.setdefault(f"end_loss.{name}", []).append(end_losses)
    if progress:
        print(file=sys.stderr)
    return values


def perturbed(
    network: Network, module: nn.Module, sample: int, size: float, key: tuple[int, int, int, int]
) -> Tensor:
    """The end of the network with every output of a layer multiplied by 1 + (u - 1/2)·size."""

    def perturb(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        noise = uniform(output.shape, *key).to(output.device)
        return (output.float() * (1 + (noise - 0.5) * size)).to(output.dtype)

    handle = module.register_forward_hook(perturb)
    try:
        return network.run(network.module, network.inputs[sample])
    finally:
        handle.remove()


# Networks


def run_language_model(module: nn.Module, ids: list[int]) -> Tensor:
    place = next(module.parameters()).device
    logits: Tensor = module(input_ids=torch.tensor([ids], device=place), use_cache=False).logits[0]
    return logits


def gguf_layer(module: nn.Module) -> Callable[[str], str | None]:
    """The names that llama.cpp's converter gives the layers of a model of transformers."""
    naming = GGUFNaming(module.config)
    modules = dict(module.named_modules())
    # A matrix that two modules share, as an output tied to the embedding, is one tensor, of the first one's name.
    first = {id(parameter): name for name, parameter in module.named_parameters()}

    def layer(name: str) -> str | None:
        parameter = first[id(modules[name].weight)]
        owner: Any = modules[parameter.removesuffix(".weight")]
        layout = naming(parameter, owner, owner.weight)
        # What becomes a part of a fused tensor has no row of its own in the table.
        return layout.pieces[0].tensor if layout is not None and len(layout.pieces) == 1 else None

    return layer


def language_model(options: argparse.Namespace) -> Network:
    """A causal language model of transformers; its inputs are stretches of the text, as far apart as it allows."""
    transformers: Any = importlib.import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    tokens = tokenizer(options.text.read_text(), add_special_tokens=False, verbose=False)["input_ids"]
    count, length = options.samples, options.tokens
    if count * length > len(tokens):
        sys.exit(f"the text has {len(tokens)} tokens, and {count} samples of {length} need {count * length}")
    starts = [place * (len(tokens) - length) // max(1, count - 1) for place in range(count)]
    dtype = getattr(torch, options.dtype)
    module = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).to(options.device).eval()
    name = options.name or Path(options.model).name.lower()
    inputs = [tokens[start : start + length] for start in starts]
    unit = "KL divergence, nats per token"
    return Network(name, module, inputs, run_language_model, divergence, unit, gguf_layer(module))


def tiny(options: argparse.Namespace) -> Network:
    """A tiny language model with random weights, to try everything out."""
    transformers: Any = importlib.import_module("transformers")
    config = transformers.LlamaConfig(
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=97,
    )
    torch.manual_seed(7)
    module = transformers.LlamaForCausalLM(config).eval()
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.randint(97, (12,), generator=generator).tolist() for _ in range(options.samples)]
    unit = "KL divergence, nats per token"
    return Network("llama-tiny", module, inputs, run_language_model, divergence, unit, gguf_layer(module))


def own(options: argparse.Namespace) -> Network:
    """A network that a file of the user's makes, with a function ``network(device, dtype)``."""
    spec = importlib.util.spec_from_file_location("own_network_of_user", options.own)
    if spec is None or spec.loader is None:
        sys.exit(f"{options.own} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Network = module.network(options.device, getattr(torch, options.dtype))
    made.inputs = made.inputs[: options.samples]
    return made


# The command


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a causal language model, as transformers names or finds it")
    parser.add_argument("--text", type=Path, help="the text that the language model is run on")
    parser.add_argument("--own", type=Path, help="a Python file with a function network(device, dtype)")
    parser.add_argument("--tiny", action="store_true", help="a tiny random language model, to try everything out")
    parser.add_argument("--name", help="the name in the captures; by default the last part of --model")
    parser.add_argument("--samples", type=int, default=4, help="the number of samples (default: 4)")
    parser.add_argument("--tokens", type=int, default=128, help="the tokens of a sample (default: 128)")
    parser.add_argument("--perturbations", default="0.1,0.4", help="the sizes, ascending (default: %(default)s)")
    parser.add_argument(
        "--formats",
        default="Q4_0,Q4_1,Q5_0,Q5_1,Q8_0",
        help=f"formats, separated by commas; known are {', '.join(known_formats())} (default: %(default)s)",
    )
    parser.add_argument("--draws", type=int, default=1, help="perturbations per sample and layer (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the perturbations (default: 1)")
    parser.add_argument("--batch", type=int, default=4, help="samples per capture file (default: 4)")
    parser.add_argument("--part", default="1/1", help="do only part i of n of the batches, such as 3/16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32", choices=["bfloat16", "float16", "float32"])
    parser.add_argument("--out", type=Path, default=Path("captures"), help="the folder of the captures")
    options = parser.parse_args(arguments)
    if [options.tiny, options.own is not None, bool(options.model and options.text)].count(True) != 1:
        parser.error("give --model and --text, or --own, or --tiny")
    for format in options.formats.split(","):
        if format not in known_formats():
            parser.error(f"there is no format {format!r}; known are {', '.join(known_formats())}")
    try:
        options.sizes = [float(size) for size in options.perturbations.split(",")]
        options.part, options.parts = part(options.part)
    except ValueError as error:
        parser.error(str(error))
    if sorted(set(options.sizes)) != options.sizes or not all(0 < size <= 2 for size in options.sizes):
        parser.error("--perturbations takes sizes above 0 and up to 2, ascending")
    if options.batch < 1 or not 1 <= options.draws <= 1000 or options.samples < 1 or options.tokens < 2:
        parser.error("--batch, --samples and --draws take whole numbers from 1 up, --draws up to 1000, --tokens from 2 up")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    network = tiny(options) if options.tiny else own(options) if options.own else language_model(options)
    options.out.mkdir(parents=True, exist_ok=True)
    keys = ("perturbations", "formats", "draws", "seed", "batch", "dtype")
    inputs = len(network.inputs)
    settings = json.dumps(
        {"name": network.name, "inputs": inputs, "digest": network.digest(), **{key: getattr(options, key) for key in keys}},
        sort_keys=True,
    )
    for index, start in enumerate(range(0, inputs, options.batch)):
        path = options.out / f"outputs-{start:06}.safetensors"
        if index % options.parts != options.part:
            continue
        if path.exists():
            with safe_open(path, "pt") as known:
                if (known.metadata() or {}).get("settings") != settings:
                    sys.exit(f"{path} was captured with other settings; give the same again, or another --out")
            continue
        began = time.monotonic()
        samples = range(start, min(start + options.batch, inputs))
        values = capture(
            network, samples, options.sizes, options.formats.split(","), options.draws, options.seed, sys.stderr.isatty()
        )
        metadata = {
            "plan_capture": "2",
            "model": network.name,
            "unit": network.unit,
            "perturbations": options.perturbations,
            "settings": settings,
        }
        tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}
        tensors["samples"] = torch.tensor(list(samples), dtype=torch.int64)
        with whole_file(path) as temporary:
            save_file(tensors, temporary, metadata=metadata)
        print(f"{path}: {len(samples)} samples, {time.monotonic() - began:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
