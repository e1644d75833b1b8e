"""Sharing a run among machines, and going on with one that was ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def part(text: str) -> tuple[int, int]:
    """Which part of how many a text such as 3/16 names, counted from 0.

    Raises ValueError, with what to give instead, for any other text.
    """
    try:
        number, count = (int(digits) for digits in text.split("/"))
    except ValueError:
        raise ValueError("--part takes i/n, such as 3/16") from None
    if not 1 <= number <= count:
        raise ValueError("--part takes i/n with i from 1 to n")
    return number - 1, count


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write beside the target, which takes its place once it is whole: a file that is there is never half of one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
