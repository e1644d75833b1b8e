"""Measures how fast a model is in each format with the user's own llama-bench, and writes the costs for plan --slowdown.

A file per format is given, each holding the same model in one format throughout, or one file of a large format is, from which
llama-quantize --pure makes the others one after the other. Python 3.9 and no packages.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class MeasuringError(Exception):
    """Why there are no costs, in a sentence."""


def milliseconds(bench: list[str], model: Path, options: argparse.Namespace) -> float:
    """The milliseconds per token that llama-bench measures on a file."""
    command = [*bench, "-m", str(model), "-p", "0", "-n", str(options.tokens), "-r", str(options.runs), "-o", "json"]
    run = subprocess.run([*command, *options.bench_option], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise MeasuringError(f"llama-bench failed on {model}: {run.stderr.strip() or run.returncode}")
    try:
        rows = [row for row in json.loads(run.stdout) if row["n_gen"] > 0 and row["n_prompt"] == 0]
        speed = float(rows[0]["avg_ts"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise MeasuringError(f"llama-bench wrote no speed of {model} as JSON") from error
    if not 0 < speed < float("inf"):
        raise MeasuringError(f"llama-bench measured {speed} tokens per second on {model}")
    return 1000 / speed


def made(quantize: list[str], source: Path, name: str, folder: str) -> Path:
    """The source's model in one format throughout."""
    target = Path(folder) / f"{name}.gguf"
    command = [*quantize, "--pure", str(source), str(target), name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise MeasuringError(f"llama-quantize cannot make {name}: {run.stderr.strip() or run.returncode}")
    return target


def format_name(kind: str) -> str:
    """plan's name of what llama-quantize calls a format: Q4_K for Q4_K_M and Q4_K_S."""
    return kind[:-2] if kind.startswith("Q") and kind.endswith(("_K_S", "_K_M")) else kind


def costs(times: dict[str, float], fixed: float) -> dict[str, float]:
    """What an element costs in each format, 1 in the slowest, without what every token costs in any format."""
    own = {name: time - fixed for name, time in times.items()}
    for name, time in own.items():
        if time <= 0:
            raise MeasuringError(f"{name} takes {times[name]:.3f} ms per token, no more than the fixed {fixed:.3f} ms")
    slowest = max(own.values())
    return {name: time / slowest for name, time in own.items()}


def measured(options: argparse.Namespace) -> dict[str, float]:
    """Milliseconds per token by format."""
    times: dict[str, float] = {}
    bench = [options.llama_bench]

    def add(name: str, model: Path) -> None:
        times[name] = milliseconds(bench, model, options)
        print(f"{name}: {times[name]:.3f} ms per token", file=sys.stderr)

    for pair in options.files:
        name, separator, path = pair.partition("=")
        if not separator or not path:
            raise MeasuringError(f"write a format and its file as FORMAT=FILE, not {pair}")
        add(name, Path(path))
    for kind in options.make.split(",") if options.make else []:
        if options.source is None:
            raise MeasuringError("--make needs --source, the model to quantize")
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            add(format_name(kind), made([options.llama_quantize], options.source, kind, folder))
    if not times:
        raise MeasuringError("give a file per format as FORMAT=FILE, or --source and --make")
    return times


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FORMAT=FILE", help="the model in one format throughout")
    parser.add_argument("--llama-bench", default="llama-bench", help="the program to run")
    parser.add_argument("--bench-option", action="append", default=[], help="one more word for it, as in --bench-option=-ngl --bench-option=99; repeatable")
    parser.add_argument("--source", type=Path, help="the model in a large format, to make the others of")
    parser.add_argument("--make", help="the formats to make, separated by commas: Q8_0,Q6_K,Q4_K_S")
    parser.add_argument("--llama-quantize", default="llama-quantize", help="the program that makes them")
    parser.add_argument("--scratch", help="a folder with room for one file")
    parser.add_argument("--tokens", type=int, default=128, help="the tokens of a run")
    parser.add_argument("--runs", type=int, default=5, help="the runs of a file")
    parser.add_argument("--fixed", type=float, default=0.0, help="milliseconds per token that no format saves")
    parser.add_argument("-o", "--output", type=Path, default=Path("costs.csv"), help="where the costs go")
    options = parser.parse_args(arguments)
    try:
        found = costs(measured(options), options.fixed)
        text = "format,cost\n" + "".join(f"{name},{cost:.4f}\n" for name, cost in found.items())
        options.output.write_text(text)
    except (MeasuringError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.output}: the costs of {len(found)} formats", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
