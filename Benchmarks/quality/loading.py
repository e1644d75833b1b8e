"""Files that `plan quantize` writes, loaded and run by llama.cpp."""

import pathlib
import shutil
import subprocess

from commands import Failed
from llama import Llama

# What is written: a name, and the options of `plan quantize`. Rows of 576 elements take formats of blocks of 32, and those of 1536 all others.
FILES: list[tuple[str, list[str]]] = [
    ("4.9 bits per weight, of every format", ["--budget", "4.9bpw"]),
    ("5.5 bits per weight, embeddings in Q8_0", ["--budget", "5.5bpw", "--pin", "token_embd.weight=Q8_0"]),
    ("K formats alone, with a record", ["--budget", "6bpw", "--formats", "Q4_K,Q5_K,Q6_K,Q4_0,Q5_0,Q8_0", "--record"]),
    ("simple formats and MXFP4", ["--budget", "5.5bpw", "--formats", "Q4_0,Q4_1,Q5_0,Q5_1,Q8_0,MXFP4"]),
]
# A file that was not read as it was written loses far more than this, in nats per token.
MOST = 1.5


def check(folder: pathlib.Path, llama: Llama, program: pathlib.Path, model: pathlib.Path, text: pathlib.Path) -> None:
    """Writes each file, has llama-perplexity load it, and prints its loss; ends with the first one that cannot be loaded."""
    work = folder / "loading"
    work.mkdir(exist_ok=True)
    base = work / "base.kld"
    llama.base(model, text, base)
    for number, (name, options) in enumerate(FILES):
        file = work / f"file-{number}.gguf"
        command = [program, "quantize", model, *options, "--rows", "5%", "-o", file, "--force"]
        written = subprocess.run([str(word) for word in command], cwd=work, capture_output=True, text=True, check=False)
        if written.returncode:
            raise Failed(f"{name}: {written.stderr.strip()}")
        loss, error = llama.divergence(file, base, work / f"file-{number}.log")
        print(f"{name}: {file.stat().st_size:,} bytes, KL divergence {loss:.4f} ± {error:.4f}", flush=True)
        if not loss < MOST:
            raise Failed(f"{name}: the file is loaded as another model than was written")
    shutil.rmtree(work)
    print(f"{len(FILES)} files of plan quantize are loaded and run by {llama.version()}")
