"""The command reference, ``docs/cli.md``: what ``--help`` prints for every command. ``make docs`` writes it."""

from collections.abc import Iterator
from typing import Any

import typer

from pipeline.cli.app import app

HEAD = "# The command line\n\nMade by `make docs` from `--help`.\n"


def reference() -> str:
    """The whole page, in Markdown."""
    root = typer.main.get_command(app)
    pages = (f"## {path}\n\n```text\n{_help(command, path)}\n```\n" for path, command in _commands(root, "opclaims"))
    return "\n".join((HEAD, *pages))


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{path} {name}")


def _help(command: Any, path: str) -> str:
    context = typer.Context(command, info_name=path, terminal_width=110, max_content_width=110)
    return str(command.get_help(context)).rstrip()


if __name__ == "__main__":
    print(reference(), end="")
