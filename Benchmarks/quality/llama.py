"""llama.cpp's tools: built once from the sources that `llama-cpp-python` ships, and run on the files at hand."""

import os
import pathlib
import re
import shutil
import sys

import gguf

import sources
from commands import Failed, run

NAMES = ("llama-quantize", "llama-perplexity", "llama-imatrix")
CMAKE_OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF", "-DLLAMA_BUILD_APP=OFF", "-DLLAMA_OPENSSL=OFF", "-DLLAMA_CURL=OFF",
)
DIVERGENCE = re.compile(r"^Mean\s+KLD:\s+(-?[\d.]+|nan)\s+±\s+([\d.]+|nan)", re.MULTILINE)

Types = dict[str, str]


def types(path: pathlib.Path) -> Types:
    """The type of every tensor of a GGUF."""
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}


def origin(path: pathlib.Path) -> int:
    """The bytes by which the origin of an importance matrix lengthens a file's header, which a plan does not count."""
    reader = gguf.GGUFReader(path)
    entries = [field for name, field in reader.fields.items() if name.startswith("quantize.imatrix.")]
    added = sum(part.nbytes for field in entries for part in field.parts)
    last = reader.tensors[-1].field
    end = int(last.offset) + sum(part.nbytes for part in last.parts)
    padding = int(reader.alignment)
    return -(-end // padding) * padding - -(-(end - added) // padding) * padding


class Llama:
    """The three tools, with the settings that every measurement shares."""

    def __init__(self, folder: pathlib.Path, given: pathlib.Path | None, threads: int, context: int, chunks: int):
        self.folder, self.threads, self.context, self.chunks = folder, str(threads), str(context), str(chunks)
        self.programs = given or folder / "llama.cpp" / "build" / "bin"

    def build(self) -> None:
        """Compiles the three tools, unless they are there."""
        if all((self.programs / name).exists() for name in NAMES):
            return
        print("building llama.cpp's tools (once)", file=sys.stderr, flush=True)
        root = self.folder / "llama.cpp"
        scripts = pathlib.Path(sys.executable).parent
        os.environ["PATH"] = f"{scripts}{os.pathsep}{os.environ['PATH']}"
        run(["cmake", "-S", sources.fetch(root), "-B", root / "build", "-G", "Ninja", *CMAKE_OPTIONS], root / "configure.log")
        run(["ninja", "-C", root / "build", *NAMES], root / "build.log")

    def program(self, name: str) -> pathlib.Path:
        """Where one of the tools is."""
        return self.programs / name

    def version(self) -> str:
        """What the tools say that they are."""
        archive = sources.archive(self.folder / "llama.cpp")
        return archive.name.removesuffix(".tar.gz") if archive else str(self.programs)

    def importance(self, model: pathlib.Path, text: pathlib.Path, output: pathlib.Path) -> None:
        if output.exists():
            return
        partial = output.with_name("partial-" + output.name)
        run([self.programs / "llama-imatrix", "-m", model, "-f", text, "-o", partial, "-c", self.context,
             "-t", self.threads, "--no-ppl"], output.with_suffix(".log"))
        partial.replace(output)

    def base(self, model: pathlib.Path, text: pathlib.Path, output: pathlib.Path) -> None:
        """Writes the probabilities of the unquantized model on the text."""
        if output.exists():
            return
        partial = output.with_name("partial-" + output.name)
        run([self.programs / "llama-perplexity", "-m", model, "-f", text, "-c", self.context, "--chunks", self.chunks,
             "-t", self.threads, "--kl-divergence-base", partial], output.with_suffix(".log"))
        partial.replace(output)

    def divergence(self, model: pathlib.Path, base: pathlib.Path, log: pathlib.Path) -> tuple[float, float]:
        """The mean KL divergence from the unquantized model in nats per token, and its standard error."""
        output = run([self.programs / "llama-perplexity", "-m", model, "--kl-divergence-base", base, "--kl-divergence",
                      "-c", self.context, "--chunks", self.chunks, "-t", self.threads], log)
        found = DIVERGENCE.search(output)
        if found is None or found[1] == "nan":
            raise Failed(f"llama-perplexity printed no mean divergence (see {log})")
        return float(found[1]), float(found[2])

    def quantize(
        self, model: pathlib.Path, output: pathlib.Path, kind: str, rules: pathlib.Path | None, matrix: pathlib.Path | None
    ) -> None:
        """Quantizes by a mix of llama.cpp's own, or by a file of rules; `kind` must then be a quantized type all the same."""
        command: list[str | pathlib.Path] = [self.programs / "llama-quantize"]
        if matrix:
            command += ["--imatrix", matrix]
        if rules:
            command += ["--tensor-type-file", rules]
        run([*command, model, output, kind, self.threads], output.with_suffix(".quantize.log"))

    def write_rules(self, wanted: Types, path: pathlib.Path) -> None:
        """One rule per tensor, for mixes that no recipe stands behind."""
        path.write_text("".join(f"^{re.escape(name)}$={kind.lower()}\n" for name, kind in wanted.items()))


def remove(path: pathlib.Path) -> None:
    """Removes a file or a folder that may not be there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
