"""The command ``opclaims``. Heavy imports happen inside the commands, so that ``--help`` answers at once."""

from typing import Annotated

import typer

import pipeline
from pipeline.cli.console import messages
from pipeline.cli.evaluate import evaluate_cli
from pipeline.cli.info import info_cli
from pipeline.cli.run import run_cli
from pipeline.cli.schema import schema_cli
from pipeline.cli.show import show_cli
from pipeline.cli.train import train_app

app = typer.Typer(
    name="opclaims",
    help="Structured, grounded claims from opinion articles: who worries, who wants, who should act.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"opclaims {pipeline.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("run")(run_cli)
app.command("show")(show_cli)
app.command("evaluate")(evaluate_cli)
app.add_typer(train_app, name="train")
app.command("schema")(schema_cli)
app.command("info")(info_cli)


def main() -> None:
    """The entry point."""
    with messages():
        app(prog_name="opclaims")
