"""Results as JSON Lines: appended as they come, found again by what was run."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]


class Record:
    """A file of results, one object per line, in which each has the key of the run that it belongs to."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.rows: dict[str, Row] = {}
        if path.exists():
            for row in self.complete_lines(path):
                self.rows[row["key"]] = row

    @staticmethod
    def complete_lines(path: pathlib.Path) -> Iterator[Row]:
        """The rows of a file whose last line may have been cut off."""
        text = path.read_text()
        if not text.endswith("\n"):
            text = text[: text.rfind("\n") + 1]
            path.write_text(text)
        for line in text.splitlines():
            yield json.loads(line)

    def find(self, key: str) -> Row | None:
        return self.rows.get(key)

    def add(self, key: str, **values: Any) -> Row:
        row = {"key": key, **values}
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.rows[key] = row
        return row
