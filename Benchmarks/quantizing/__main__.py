#!/usr/bin/env python3
"""Times `plan quantize` beside llama-quantize: the same model, the same recipe, the same importance matrix, in the same run.

    python3 Benchmarks/quantizing [--formats Q4_K,…] [--runs N] [--megabytes N] [--markdown]

A network of llama's architecture with seeded BF16 weights and rows of 3072 is written, and an importance matrix of it. For every format
a recipe gives it to all weights; both programs write the file, and every tensor of the two files must have the same bytes.
The figures are megabytes of BF16 per second of processor time, of all threads together, and per second of the clock with two threads:
medians of the runs, in turns. A format that is slow to search for gets a smaller network. The mix has four formats.

llama-quantize is built once, as Benchmarks/quality builds it, or taken from --llama-bin. `plan` is built for release, or taken from --plan.
Packages are installed into Benchmarks/.build/quantizing-python.
"""

import argparse
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BENCHMARKS = HERE.parent
BUILD = BENCHMARKS / ".build"
PYTHON = BUILD / "quantizing-python" / "bin" / "python3"
sys.path.insert(0, str(BENCHMARKS / "quality"))

COLUMNS = 3072
MIX = "mix of four"
# The formats, how many times as fast as llama-quantize they are to be per second of processor time, and the share of the network that is cast.
FORMATS: list[tuple[str, float, float]] = [
    ("Q4_0", 1.5, 1), ("Q4_1", 1.5, 1), ("Q5_0", 1.5, 1), ("Q5_1", 1.5, 1), ("Q8_0", 1.5, 1), ("MXFP4", 1.5, 1),
    ("Q2_K", 4, 1), ("Q3_K", 4, 1), ("Q4_K", 4, 1), ("Q5_K", 4, 1), ("Q6_K", 4, 1), ("IQ4_NL", 4, 0.5), ("IQ4_XS", 4, 0.5),
    ("IQ3_S", 2, 0.25), ("IQ3_XXS", 2, 0.25), ("IQ2_S", 2, 0.25), ("IQ2_XS", 2, 0.25), ("IQ2_XXS", 2, 0.25), ("IQ1_M", 2, 0.1),
    ("IQ1_S", 2, 0.1), ("TQ1_0", 1.5, 1), ("TQ2_0", 1.5, 1), ("BF16", 1, 1), (MIX, 1.5, 1),
]
MIXED = ["Q4_K", "Q5_K", "Q6_K", "Q8_0"]


def prepare() -> None:
    """Makes the virtual environment and starts again inside it."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PYTHON.parent.parent], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "numpy", "gguf", "cmake", "ninja"], check=True)
    os.execv(PYTHON, [PYTHON, HERE, *sys.argv[1:]])


def write_model(path: pathlib.Path, megabytes: float) -> list[str]:
    """Writes a network and gives the names of its weights."""
    import gguf
    import numpy

    rows = max(8, int(megabytes * 1e6 / 2 / COLUMNS / 4) // 8 * 8)
    names = [f"blk.{block}.{part}.weight" for block in range(2) for part in ("attn_q", "ffn_down")]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(COLUMNS)
    writer.add_feed_forward_length(COLUMNS)
    writer.add_head_count(24)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(32)
    random = numpy.random.default_rng(1)
    for name in names:
        weights = random.standard_normal((rows, COLUMNS), dtype=numpy.float32) * 0.02
        bits = (weights.view(numpy.uint32) >> 16).astype(numpy.uint16)
        writer.add_tensor(name, bits.view(numpy.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return names


def write_matrix(path: pathlib.Path, names: list[str]) -> None:
    """Writes an importance matrix as llama-imatrix does."""
    import gguf
    import numpy

    writer = gguf.GGUFWriter(path, "imatrix")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["seeded"])
    writer.add_uint32("imatrix.chunk_count", 1)
    writer.add_uint32("imatrix.chunk_size", 128)
    random = numpy.random.default_rng(2)
    for name in names:
        sums = numpy.square(random.standard_normal((1, COLUMNS), dtype=numpy.float32)) * 128 + 1
        writer.add_tensor(name + ".in_sum2", sums)
        writer.add_tensor(name + ".counts", numpy.array([[128]], dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def timed(command: list[str | pathlib.Path], log: pathlib.Path) -> tuple[float, float]:
    """Runs a command; the seconds of the processor and of the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with log.open("w") as output:
        result = subprocess.run([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode:
        raise SystemExit(f"{command[0]} failed with {result.returncode}: {log.read_text()[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def check_same(ours: pathlib.Path, theirs: pathlib.Path) -> None:
    """Refuses two files of which a tensor differs."""
    import gguf

    own = {tensor.name: tensor for tensor in gguf.GGUFReader(ours).tensors}
    for tensor in gguf.GGUFReader(theirs).tensors:
        other = own[tensor.name]
        if other.tensor_type != tensor.tensor_type or other.data.tobytes() != tensor.data.tobytes():
            raise SystemExit(f"{tensor.name} differs: {other.tensor_type.name} and {tensor.tensor_type.name}")


class Comparison:
    """One format, or the mix, on a network of its own."""

    def __init__(self, name: str, share: float, options: argparse.Namespace):
        self.name, self.options = name, options
        self.folder = options.work
        self.model, self.matrix = self.folder / f"m-{share}.gguf", self.folder / "i.gguf"
        self.names = write_model(self.model, options.megabytes * share)
        write_matrix(self.matrix, self.names)
        self.megabytes = sum(2 * int(t.n_elements) for t in self.tensors()) / 1e6
        self.formats = MIXED if name == MIX else [name]
        self.recipe, self.rules = self.folder / "r.json", self.folder / "rules.txt"
        wanted = {name: self.formats[index % len(self.formats)] for index, name in enumerate(self.names)}
        self.rules.write_text("".join(f"^{name.replace('.', chr(92) + '.')}$={kind.lower()}\n" for name, kind in wanted.items()))
        table = self.folder / "i.csv"
        table.write_text(f"# kind: amplitude\nlayer,{','.join(self.formats)}\n" + "".join(f"{n}{',1' * len(self.formats)}\n" for n in self.names))
        pins = [word for name, kind in wanted.items() for word in ("--pin", f"{name}={kind}")]
        subprocess.run(
            [options.plan, "--max-impact", "1000", "--model", self.model, "--impacts", table, "--grouping", "per-tensor",
             "--converter", "plan", "--formats", ",".join(self.formats), *pins, "-o", self.recipe],
            check=True, capture_output=True, env={**os.environ, "COLUMNS": "100"},
        )

    def tensors(self):
        import gguf

        return gguf.GGUFReader(self.model).tensors

    def run(self) -> tuple[list[float], list[float]]:
        """Ours and theirs: megabytes per second of the processor, and of the clock."""
        ours, theirs = self.folder / "ours.gguf", self.folder / "theirs.gguf"
        own: list[tuple[float, float]] = []
        other: list[tuple[float, float]] = []
        for _ in range(self.options.runs):
            own.append(timed(
                [self.options.plan, "quantize", self.model, "--recipe", self.recipe, "--imatrix", self.matrix, "-o", ours, "--force"],
                self.folder / "ours.log",
            ))
            other.append(timed(
                [self.options.llama_bin / "llama-quantize", "--imatrix", self.matrix, "--tensor-type-file", self.rules, self.model,
                 theirs, "Q8_0", "2"],
                self.folder / "theirs.log",
            ))
        check_same(ours, theirs)
        for path in (ours, theirs):
            path.unlink()
        return tuple([self.megabytes / statistics.median(run[index] for run in runs) for index in (0, 1)] for runs in (own, other))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--formats", help="only these, separated by commas")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megabytes", type=float, default=200, help="of the network in BF16")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "plan-quantizing")
    parser.add_argument("--llama-bin", type=pathlib.Path)
    parser.add_argument("--plan", type=pathlib.Path)
    parser.add_argument("--markdown", action="store_true", help="print the table of the README")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.llama_bin is None:
        from llama import Llama

        llama = Llama(pathlib.Path.home() / ".cache" / "plan-quality", None, 2, 256, 12)
        llama.folder.mkdir(parents=True, exist_ok=True)
        llama.build()
        options.llama_bin = llama.programs
    if options.plan is None:
        root = BENCHMARKS.parent
        subprocess.run(["swift", "build", "-c", "release", "--product", "plan"], cwd=root, check=True)
        options.plan = root / ".build" / "release" / "plan"
    wanted = options.formats.split(",") if options.formats else [name for name, _, _ in FORMATS]
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} processors; MB of BF16 per second", flush=True)
    form = "| {} | {} | {} | {} | {} | {} | {} | {} |" if options.markdown else "{:12} {:>9} {:>9} {:>7} {:>6} {:>9} {:>9} {:>7}"
    print(form.format("Format", "plan", "llama", "times", "goal", "plan, 2", "llama, 2", "times"))
    if options.markdown:
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, goal, share in FORMATS:
        if name not in wanted:
            continue
        own, other = Comparison(name, share, options).run()
        print(form.format(name, f"{own[0]:.1f}", f"{other[0]:.1f}", f"{own[0] / other[0]:.1f}", f"{goal:g}", f"{own[1]:.1f}",
                          f"{other[1]:.1f}", f"{own[1] / other[1]:.1f}"), flush=True)


if __name__ == "__main__":
    if pathlib.Path(sys.prefix) != PYTHON.parent.parent and os.environ.get("PLAN_PYTHON") != "given":
        prepare()
    main()
