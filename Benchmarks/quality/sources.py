"""The sources of llama.cpp, as the package `llama-cpp-python` ships them: its tools are built from them, and files are read with their `gguf`."""

import pathlib
import sys
import tarfile

from commands import run

PACKAGE = "llama-cpp-python"


def archive(root: pathlib.Path) -> pathlib.Path | None:
    """The package's archive in a folder, if it was fetched."""
    return next(root.glob("llama_cpp_python-*.tar.gz"), None)


def fetch(root: pathlib.Path) -> pathlib.Path:
    """Fetches the sources by pip, unless they are there, and says where they lie."""
    root.mkdir(parents=True, exist_ok=True)
    if archive(root) is None:
        # Without build isolation, so that pip compiles no cmake of its own to read the package's name.
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "--no-binary", PACKAGE,
             "-d", root, PACKAGE], root / "download.log")
    found = archive(root)
    assert found is not None
    sources = root / found.name.removesuffix(".tar.gz") / "vendor" / "llama.cpp"
    if not sources.exists():
        with tarfile.open(found) as file:
            file.extractall(root, filter="data")
    return sources


def use_their_gguf(sources: pathlib.Path) -> None:
    """Makes `import gguf` find the one of these sources, which knows every type that the tools write; the package on PyPI is older."""
    sys.path.insert(0, str(sources / "gguf-py"))
