"""``opclaims info``: versions, models with their figures, device and engine."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

PACKAGES = ("spacy", "openvino", "transformers", "datasets", "torch")


def info_cli(
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file (TOML).")] = None,
) -> None:
    """Tell versions, the models with their figures, device and engine."""
    import pipeline
    from pipeline.config import load_config
    from pipeline.identity import produced_by
    from pipeline.tagger.engine import engine_kind
    from pipeline.tagger.folder import tagger_folder
    from pipeline.tagger.settings import load_settings

    settings = load_config(config)
    made_by = produced_by(settings)
    folder = tagger_folder(settings.models.tagger)
    tagger = load_settings(folder)
    rows = {
        "opclaims": pipeline.__version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **{name: _version(name) for name in PACKAGES},
        "spaCy model": made_by.spacy_model,
        "claim tagger": made_by.tagger,
        "tagger's folder": str(folder),
        "engine": engine_kind(folder, settings.run.device),
        "device": settings.run.device,
        "thresholds": ", ".join(
            f"{label} {value:.3f}" for label, value in {**tagger.thresholds, **settings.claims.thresholds}.items()
        ),
        "configuration": made_by.config_sha256[:8],
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"{name:{width}}  {value}")
    for name, figures in tagger.figures.items():
        typer.echo(f"{'figures':{width}}  {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in figures.items()))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
