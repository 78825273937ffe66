"""``opclaims train``: makes the models that ship, or your own, from an annotated corpus."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.config import shipped

train_app = typer.Typer(no_args_is_help=True, help="Train the models from an annotated corpus (needs the extra train).")

Corpus = Annotated[Path, typer.Option(help="Folder of the annotated corpus.", exists=True, file_okay=False)]
Work = Annotated[
    Path | None, typer.Option(help="Folder for checkpoints; a run that is cut off goes on from there.", file_okay=False)
]


@train_app.command("tagger")
def train_tagger_cli(
    corpus: Corpus,
    config: Annotated[
        Path | None, typer.Option(help="Training configuration; default configs/claim_tagger.toml.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the tagger goes; default models/NAME.")
    ] = None,
    work: Work = None,
    encoder: Annotated[
        str, typer.Option(help="Any Hugging Face encoder, by name or folder, instead of the configured one.")
    ] = "",
) -> None:
    """Fine-tune an encoder, export it to int8, calibrate it on dev, measure it, write its card."""
    _require_torch()
    from pipeline.training.tagger_model import load_training_settings, train_tagger

    config = config or shipped("configs") / "claim_tagger.toml"
    settings = load_training_settings(config)
    work = work or Path("runs") / config.stem
    trained = train_tagger(settings, corpus, work / "model", work=work / "checkpoints", encoder=encoder)
    _build(trained, corpus, output or shipped("models") / settings.name)


@train_app.command("export")
def export_cli(
    trained: Annotated[Path, typer.Argument(help="A trained tagger: the folder model/ in the work folder.")],
    corpus: Corpus,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the tagger goes.")],
) -> None:
    """Only the second half of `train tagger`: export, calibrate, measure, write the card."""
    _require_torch()
    _build(trained, corpus, output)


@train_app.command("spacy")
def train_spacy_cli(
    corpus: Corpus,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the pipeline goes; default models/en_opeds.")
    ] = None,
    work: Work = None,
) -> None:
    """Train sentence segmentation and named entities, and assemble the spaCy pipeline that ships."""
    from pipeline.training.spacy_model import train_spacy

    train_spacy(corpus, output or shipped("models") / "en_opeds", work=work or Path("runs") / "en_opeds")


def _build(trained: Path, corpus: Path, output: Path) -> None:
    from pipeline.training.tagger_build import build_tagger

    settings = build_tagger(trained, corpus, output)
    typer.echo(f"{output}: {settings.name} {settings.version}")
    for name, figures in settings.figures.items():
        typer.echo(f"  {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in figures.items()))


def _require_torch() -> None:
    from importlib.util import find_spec

    from pipeline.errors import OpclaimsError

    if find_spec("torch") is None or find_spec("nncf") is None:
        raise OpclaimsError("training needs torch and NNCF: pip install 'opclaims[train]'")
