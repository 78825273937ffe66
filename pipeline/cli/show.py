"""``opclaims show``: the claims, for reading."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from pipeline.cli.console import printable
from pipeline.errors import OpclaimsError
from pipeline.record import LABELS, ArticleRecord, Claim

if TYPE_CHECKING:
    from rich.console import Console

# a mark beside the colour, for those who see no colours and for pipes
STYLES = {"concern": ("!", "bold red"), "motivation": ("+", "bold blue"), "recommendation": (">", "bold green")}
CONTEXT_CHARACTERS = 90


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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a claim, with its article's id.")] = False,
) -> None:
    """Show the claims of one or all articles, grouped by kind, with score and context."""
    labels = [_label(name) for name in label or LABELS]
    from pipeline.results import find_articles

    if as_json:
        for record in find_articles(file, article):
            for claim in _chosen(record, labels, min_score):
                line = {"article": record.id, "title": record.title, "date": record.date, **msgspec.to_builtins(claim)}
                sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.flush()
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    number = 0
    for record in find_articles(file, article):
        claims = _chosen(record, labels, min_score)
        if claims or article:
            if number:
                console.print()
            _show(console, record, claims, console.is_terminal if context is None else context)
            number += 1
    if not number:
        raise OpclaimsError(f"{file}: no claims there of this kind and score.")


def _label(name: str) -> str:
    """A label, given in singular or plural."""
    singular = name.lower().removesuffix("s")
    if singular not in LABELS:
        raise OpclaimsError(f"--label {name}: the labels are {', '.join(LABELS)}.")
    return singular


def _chosen(record: ArticleRecord, labels: Sequence[str], min_score: float) -> list[Claim]:
    return [claim for claim in record.claims if claim.label in labels and claim.score >= min_score]


def _show(console: "Console", record: ArticleRecord, claims: Sequence[Claim], context: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(_line(record.title or record.id), "bold"))
    about = [_line(part) for part in (record.author, record.date, record.id) if part]
    console.print(Text(", ".join(about), "dim"))
    for label in LABELS:
        ours = [claim for claim in claims if claim.label == label]
        if not ours:
            continue
        mark, style = STYLES[label]
        console.print()
        console.print(Text(f"{mark} {label}s ({len(ours)})".upper(), style))
        table = Table.grid(padding=(0, 1))
        for claim in ours:
            before, after = _around(record, claim) if context else ("", "")
            score = Text(f"  {claim.score:.2f}", style)
            words = Text.assemble((before, "dim"), _line(claim.text), (after, "dim"))
            if console.is_terminal:
                table.add_row(score, words)
            else:
                # in a pipe nothing is wrapped: a claim a line
                console.print(score + Text(" ") + words, soft_wrap=True)
        console.print(table, end="")


def _around(record: ArticleRecord, claim: Claim) -> tuple[str, str]:
    """The end of the sentence before a claim's and the beginning of the one after, where they are in its paragraph."""
    here = record.sentences[claim.sentence]
    before = after = ""
    if claim.sentence > 0 and record.sentences[claim.sentence - 1].paragraph == here.paragraph:
        other = record.sentences[claim.sentence - 1]
        before = _line(record.text[other.start : other.end])
        before = (
            "… " + before[-CONTEXT_CHARACTERS:].split(" ", 1)[-1] if len(before) > CONTEXT_CHARACTERS else before
        ) + " "
    if claim.sentence + 1 < len(record.sentences) and record.sentences[claim.sentence + 1].paragraph == here.paragraph:
        other = record.sentences[claim.sentence + 1]
        after = _line(record.text[other.start : other.end])
        after = " " + (
            after[:CONTEXT_CHARACTERS].rsplit(" ", 1)[0] + " …" if len(after) > CONTEXT_CHARACTERS else after
        )
    return before, after


def _line(text: str) -> str:
    """Text of an article in one line that is safe to print."""
    return printable(" ".join(text.split()))
