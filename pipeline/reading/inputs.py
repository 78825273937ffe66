"""Finds what there is to read: files, folders, globs, standard input, and JSON lines of articles."""

import glob
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import OpclaimsError

MEDIA_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown"}
ROWS = ".jsonl"
ROWS_MEDIA_TYPE = "application/jsonl"
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One article to be read.

    ``path`` is where the bytes are; ``name`` how the user knows it, the article's default id. For a row of a JSONL file,
    ``line`` counts from 1 and ``offset`` is where the line begins, in bytes.
    """

    path: str
    name: str
    media_type: str
    line: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the inputs in order, and how many files were left out because of their type."""

    inputs: list[Input]
    left_out: int = 0


def find_inputs(arguments: Sequence[str]) -> Found:
    """The articles behind files, folders (all below them), globs and ``-``, each once, in the order of the arguments.

    In folders, hidden files, README files and files of other types are left out. Of a JSONL file only the places of its
    lines are kept in memory.

    Raises:
        OpclaimsError: an argument that matches nothing or is of a type that is not read, or nothing to do at all.
    """
    inputs: dict[str, Input] = {}
    left_out = 0
    folder = os.getcwd()  # noqa: PTH109  ten thousand times Path would be slow
    for argument in arguments:
        if argument == STDIN:
            inputs.setdefault(STDIN, Input(STDIN, "stdin", "text/plain"))
            continue
        for path, named in _paths(argument):
            read = READERS.get(path.suffix.lower())
            if read:
                for one in read(path, _display_name(path, folder)):
                    inputs.setdefault(one.name, one)
            elif named:
                raise OpclaimsError(f"{path}: files of this type are not read. The types are {', '.join(READERS)}.")
            else:
                left_out += 1
    if not inputs:
        others = f" ({left_out} of other types)" if left_out else ""
        raise OpclaimsError(
            f"no articles in {', '.join(arguments) or 'nothing'}{others}. "
            f"Put op-eds there as {', '.join(READERS)} files, or name others."
        )
    return Found(list(inputs.values()), left_out)


def _display_name(path: Path, folder: str) -> str:
    """The path as the user would name it: relative to the working directory where it lies below it, with slashes."""
    absolute = os.path.join(folder, path)  # noqa: PTH118  see above
    if ".." in path.parts:
        absolute = os.path.realpath(absolute)
    inside = folder.rstrip(os.sep) + os.sep
    return absolute.removeprefix(inside).replace(os.sep, "/")


def _paths(argument: str) -> Iterator[tuple[Path, bool]]:
    """Files behind one argument, and whether the user named them one by one."""
    path = Path(argument)
    try:
        if path.is_dir():
            yield from ((one, False) for one in _walk(path))
            return
        if path.exists() or path.is_symlink():
            yield path, True
            return
        pattern = glob.has_magic(argument)
        matches = sorted(glob.glob(argument, recursive=True)) if pattern else []  # noqa: PTH207  absolute ones too
    except (OSError, ValueError) as error:
        raise OpclaimsError(f"{argument}: cannot be read: {error}") from error
    if not matches:
        raise OpclaimsError(f"{argument}: no such file or folder.")
    for match in map(Path, matches):
        if match.is_dir():
            yield from ((one, False) for one in _walk(match))
        else:
            yield match, False


def _walk(folder: Path) -> list[Path]:
    """All files below a folder, sorted by path, without hidden ones and READMEs; links to folders are not followed."""

    def refuse(error: OSError) -> None:
        raise OpclaimsError(f"{error.filename}: cannot be read: {error.strerror}") from error

    files = []
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [
            Path(root) / name for name in names if not name.startswith(".") and not name.upper().startswith("README")
        ]
    return sorted(files, key=lambda path: path.parts)


def _text(path: Path, name: str) -> Iterator[Input]:
    yield Input(str(path), name, MEDIA_TYPES[path.suffix.lower()])


def _rows(path: Path, name: str) -> Iterator[Input]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError("not a regular file")  # a named pipe would never answer
        with path.open("rb") as lines:
            offset = 0
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield Input(str(path), f"{name}:{number}", ROWS_MEDIA_TYPE, number, offset)
                offset += len(line)
    except OSError:
        # whoever reads it meets the same error, and names the file, while the others go on
        yield Input(str(path), name, ROWS_MEDIA_TYPE)


READERS: Mapping[str, Callable[[Path, str], Iterator[Input]]] = {suffix: _text for suffix in MEDIA_TYPES} | {
    ROWS: _rows
}
"""What finds the articles in a file of each type. A further format is a function here and a media type in ``reader``."""
