"""Squared gradients of the network on the calibration text, by `Examples/capture-gradients` in an environment of its own."""

import pathlib
import sys

from commands import run
from planner import digest

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent.parent / "Examples" / "capture-gradients"
SEQUENCES, TOKENS = 8, 256


def capture(work: pathlib.Path, model: pathlib.Path, text: pathlib.Path) -> pathlib.Path:
    """Gradients of a few sequences, which a run that was ended goes on with."""
    output = work / f"gradients-{digest(model)}-{digest(text)}-{SEQUENCES}x{TOKENS}.gguf"
    if output.exists():
        return output
    python = work / "capture" / "bin" / "python3"
    done = work / "capture" / "prepared"
    if not done.exists():
        run([sys.executable, "-m", "venv", work / "capture"], work / "capture.log")
        run([python, "-m", "pip", "install", "-q", "-r", EXAMPLE / "requirements.txt"], work / "capture.log")
        done.touch()
    print(f"capturing gradients of {SEQUENCES} sequences (once)", file=sys.stderr, flush=True)
    partial = output.with_name("partial-" + output.name)
    run([python, EXAMPLE / "capture.py", "--language-model", model, "--text", text, "--sequences", str(SEQUENCES),
         "--tokens", str(TOKENS), "--sequences-folder", output.with_suffix(""), "-o", partial], output.with_suffix(".log"))
    partial.replace(output)
    return output
