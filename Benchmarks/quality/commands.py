"""Commands that are run at low priority, with a log of what they printed."""

import pathlib
import subprocess


class Failed(Exception):
    """A command that did not do what it was run for."""


def run(command: list[str | pathlib.Path], log: pathlib.Path) -> str:
    """Runs a command at low priority and returns all it printed, which `log` keeps."""
    words = ["nice", "-n", "10", *map(str, command)]
    result = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    log.write_text(" ".join(words) + "\n" + result.stdout + result.stderr)
    if result.returncode:
        last = "\n".join((result.stdout + result.stderr).splitlines()[-8:])
        raise Failed(f"{' '.join(map(str, command[:1]))} failed with {result.returncode} (all of it is in {log}):\n{last}")
    return result.stdout + result.stderr
