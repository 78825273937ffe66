"""``opclaims show``: the claims, for reading."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from pipeline.cli.console import printable, writing_to_stdout
from pipeline.errors import OpclaimsError
from pipeline.record import LABELS, ArticleRecord, Claim

if TYPE_CHECKING:
    from rich.console import Console

# a mark beside the colour, for those who see no colours and for pipes
STYLES = {"concern": ("!", "bold red"), "motivation": ("+", "bold blue"), "recommendation": (">", "bold green")}


def show_cli(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What a run wrote.")] = Path("outputs/claims.jsonl"),
    article: Annotated[
        str | None, typer.Option("--article", "-a", help="Only the article whose id or title contains this.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", help="concern, motivation or recommendation; may be repeated.")
    ] = None,
    min_score: Annotated[
        float, typer.Option("--min-score", min=0, max=1, help="Only claims at least so certain.")
    ] = 0.0,
    context: Annotated[
        bool | None, typer.Option(help="Show the sentences around a claim, dimmed; default on a terminal.")
    ] = None,
    width: Annotated[
        int | None, typer.Option(min=40, help="Wrap at so many columns; default the terminal's, none in a pipe.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a claim, with its article's id.")] = False,
) -> None:
    """Show the claims of one or all articles, grouped by kind, with score and context."""
    labels = {_label(name) for name in label or LABELS}
    from pipeline.show import show

    chosen = show(file, article=article, labels=labels, min_score=min_score)
    found = False
    with writing_to_stdout():
        if as_json:
            for record, claims in chosen:
                for claim in claims:
                    found = True
                    sys.stdout.buffer.write(_json(record, claim))
        else:
            console = _console(width)
            if context is None:
                context = console.is_terminal
            for record, claims in chosen:
                if claims:
                    if found:
                        console.print()
                    found = True
                    _show(console, record, claims, context=context, wrap=console.is_terminal or width is not None)
        sys.stdout.flush()
    if not found and not as_json:
        raise OpclaimsError(f"{file}: no claims there of this kind and score.")


def _label(name: str) -> str:
    """A label, given in singular or plural."""
    singular = name.lower().removesuffix("s")
    if singular not in LABELS:
        raise OpclaimsError(f"--label {name}: the labels are {', '.join(LABELS)}.")
    return singular


def _json(record: ArticleRecord, claim: Claim) -> bytes:
    line = {"article": record.id, "title": record.title, "date": record.date, **msgspec.to_builtins(claim)}
    return msgspec.json.encode(line) + b"\n"


def _console(width: int | None) -> "Console":
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise  # rich would end the program with 1; what to do is decided for all commands in one place

    return Quiet(highlight=False, markup=False, emoji=False, width=width)


def _show(console: "Console", record: ArticleRecord, claims: Sequence[Claim], *, context: bool, wrap: bool) -> None:
    """Prints an article: heading, then its claims by kind. Without ``wrap``, as in a pipe, a claim is a line.

    Where nothing can be dimmed, brackets tell a claim from the words around it.
    """
    from rich.table import Table
    from rich.text import Text

    from pipeline.show import context as words_around

    console.print(Text(_line(record.title or record.id), "bold"), soft_wrap=not wrap)
    about = [_line(part) for part in (record.author, record.date, record.id) if part]
    console.print(Text(", ".join(about), "dim"), soft_wrap=not wrap)
    for label in LABELS:
        ours = [claim for claim in claims if claim.label == label]
        if not ours:
            continue
        mark, style = STYLES[label]
        console.print()
        console.print(Text(f"{mark} {label}s ({len(ours)})".upper(), style))
        table = Table.grid(padding=(0, 1))
        for claim in ours:
            before, after = words_around(record, claim) if context else ("", "")
            score = Text(f"  {claim.score:.2f}", style)
            bare = (before or after) and (console.no_color or not console.is_terminal)
            text = f"[{claim.text}]" if bare else claim.text
            parts = ((before, "dim"), (text, ""), (after, "dim"))
            words = Text(" ").join(Text(_line(part), part_style) for part, part_style in parts if part)
            if wrap:
                table.add_row(score, words)
            else:
                console.print(score + Text(" ") + words, soft_wrap=True)
        if wrap:
            console.print(table)


def _line(text: str) -> str:
    """Text of an article in one line that is safe to print."""
    return printable(" ".join(text.split()))
