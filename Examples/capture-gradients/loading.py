"""Networks to capture: language models and encoders of transformers, diffusion transformers of diffusers, and the user's own."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from flux import prompt_inputs, tiny_inputs, tiny_transformer
from networks import (
    COSINE_DISTANCE,
    KL_DIVERGENCE,
    MEAN_SQUARE_ERROR,
    Network,
    Score,
    embedding_score,
    language_score,
    output_score,
)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def pretrained(loader: Any, options: argparse.Namespace, **more: Any) -> Any:
    """Loads something of transformers from a folder, from the name of a repository, or from a GGUF file."""
    if not sys.stderr.isatty():
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
    path = Path(options.model)
    if path.suffix == ".gguf":
        return loader.from_pretrained(path.parent, gguf_file=path.name, **more)
    return loader.from_pretrained(options.model, **more)


def weights(loader: Any, options: argparse.Namespace) -> Any:
    """Loads a network on its devices, as it runs when it is used."""
    more = {"device_map": options.device_map} if options.device_map else {}
    module = pretrained(loader, options, dtype=getattr(torch, options.dtype), **more)
    return (module if options.device_map else module.to(options.device)).eval()


def language_model(options: argparse.Namespace) -> Network:
    """A causal language model; its inputs are stretches of the text, spread evenly over it."""
    transformers: Any = importlib.import_module("transformers")
    tokenizer = pretrained(transformers.AutoTokenizer, options)
    text = options.text.read_bytes()
    tokens = tokenizer(text.decode(), add_special_tokens=False, verbose=False)["input_ids"]
    # A model that was trained with a first token is used with one.
    first = tokenizer.bos_token_id
    begins = first is not None and list(tokenizer("a")["input_ids"])[:1] == [first]
    inputs = stretches(tokens, options.sequences, options.tokens - begins)
    if begins:
        inputs = [[first, *stretch] for stretch in inputs]

    def score(module: nn.Module, stretch: list[int], generator: torch.Generator) -> Score:
        place: Any = module.get_input_embeddings().weight.device  # type: ignore[operator]
        ids = torch.tensor([stretch], device=place)
        return language_score(module(input_ids=ids, use_cache=False).logits[0], generator)

    return Network(
        name=model_name(options),
        module=weights(transformers.AutoModelForCausalLM, options),
        inputs=inputs,
        score=score,
        loss=KL_DIVERGENCE,
        tokens=len,
        digest=digest(text),
        dataset=options.text.name,
    )


def stretches(tokens: list[int], count: int, length: int) -> list[list[int]]:
    """Stretches of a text, as far apart as it allows. Raises ValueError if it is too short for them not to overlap."""
    if count * length > len(tokens):
        raise ValueError(
            f"the text has {len(tokens)} tokens, and {count} sequences of {length} need {count * length}; "
            "give a longer text, or less with --sequences and --tokens"
        )
    starts = [place * (len(tokens) - length) // max(1, count - 1) for place in range(count)]
    return [tokens[start : start + length] for start in starts]


def encoder(options: argparse.Namespace) -> Network:
    """A sentence encoder; its inputs are lines of the text, spread evenly over it."""
    transformers: Any = importlib.import_module("transformers")
    tokenizer = pretrained(transformers.AutoTokenizer, options)
    text = options.text.read_bytes()
    lines = [line.strip() for line in text.decode().splitlines() if line.strip()]
    if options.sequences > len(lines):
        raise ValueError(f"the text has {len(lines)} lines, and {options.sequences} sentences are asked for")
    chosen = [lines[place * len(lines) // options.sequences] for place in range(options.sequences)]
    inputs = [tokenizer(line, truncation=True, max_length=options.tokens)["input_ids"] for line in chosen]

    def score(module: nn.Module, ids: list[int], generator: torch.Generator) -> Score:
        place: Any = module.get_input_embeddings().weight.device  # type: ignore[operator]
        values = torch.tensor([ids], device=place)
        hidden = module(input_ids=values, attention_mask=torch.ones_like(values)).last_hidden_state[0]
        return embedding_score(pooled(hidden, options.pooling), generator)

    return Network(
        name=model_name(options),
        module=weights(transformers.AutoModel, options),
        inputs=inputs,
        score=score,
        loss=COSINE_DISTANCE,
        tokens=len,
        digest=digest(text),
        dataset=options.text.name,
    )


def pooled(hidden: Tensor, pooling: str) -> Tensor:
    """One vector of the states of all tokens, [tokens, width]."""
    return {"mean": hidden.float().mean(0), "cls": hidden[0], "last": hidden[-1]}[pooling]


def diffusion(options: argparse.Namespace) -> Network:
    """The transformer of a diffusion pipeline; its inputs are its calls at some steps of making images of the prompts."""
    diffusers: Any = importlib.import_module("diffusers")
    text = options.text.read_bytes()
    prompts = [line for line in text.decode().splitlines() if line.strip()]
    kept = sorted({int(step) for step in options.at.split(",")})
    wanted = [(prompt, place, step) for place, prompt in enumerate(prompts) for step in kept]
    if options.sequences > len(wanted):
        raise ValueError(f"{len(prompts)} prompts at {len(kept)} steps are not the {options.sequences} calls asked for")
    chosen = [wanted[place * len(wanted) // options.sequences] for place in range(options.sequences)]
    dtype = getattr(torch, options.dtype)
    pipeline = diffusers.DiffusionPipeline.from_pretrained(options.model, torch_dtype=dtype).to(options.device)
    inputs = []
    for number, (prompt, place, step) in enumerate(chosen):
        mine = number % options.parts == options.part
        inputs.append(next(prompt_inputs(pipeline, prompt, place, options.steps, {step})) if mine else None)
    # The text encoders' memory is needed for the way back.
    transformer = pipeline.transformer
    del pipeline
    return diffusion_network(model_name(options), transformer.eval(), inputs, digest(text), options.text.name)


def tiny_diffusion(options: argparse.Namespace) -> Network:
    """A tiny random transformer of the FLUX family, to try everything out."""
    inputs = [tiny_inputs(number) for number in range(options.sequences)]
    return diffusion_network("flux-tiny", tiny_transformer(), inputs, "", "random numbers")


def diffusion_network(name: str, transformer: nn.Module, inputs: list[Any], text_digest: str, dataset: str) -> Network:
    def score(module: nn.Module, call: dict[str, Any], generator: torch.Generator) -> Score:
        return output_score(module(**call, return_dict=False)[0], generator)

    def tokens(call: dict[str, Any] | None) -> int:
        return 0 if call is None else int(call["hidden_states"].shape[1])

    return Network(name, transformer, inputs, score, MEAN_SQUARE_ERROR, tokens, text_digest, dataset)


def own(options: argparse.Namespace) -> Network:
    """A network that a file of the user's makes, with a function ``network(device, dtype)``."""
    spec = importlib.util.spec_from_file_location("own_network_of_user", options.own)
    if spec is None or spec.loader is None:
        raise ValueError(f"{options.own} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.network(options.device, getattr(torch, options.dtype))
    if not isinstance(made, Network):
        raise ValueError(f"network() of {options.own} returns a {type(made).__name__} and not a Network")
    made.inputs = made.inputs[: options.sequences]
    return made


def model_name(options: argparse.Namespace) -> str:
    path = Path(options.model)
    return options.name or (path.stem if path.suffix == ".gguf" else path.name.lower())
