"""What makes the records: versions and fingerprints of the models, found without loading any of them."""

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pipeline
from pipeline.config import Config, shipped
from pipeline.errors import OpclaimsError
from pipeline.record import ProducedBy
from pipeline.tagger.engine import engine_kind
from pipeline.tagger.folder import tagger_folder
from pipeline.tagger.settings import load_settings
from pipeline.tagger.weights import TORCH_FILE, weight_files


def produced_by(config: Config) -> ProducedBy:
    """What makes the records under a configuration.

    Raises:
        OpclaimsError: a model cannot be found.
    """
    return ProducedBy(
        opclaims=pipeline.__version__,
        spacy_model=_spacy_model(config.models.spacy),
        tagger=_tagger(config.models.tagger, config.run.device),
        config_sha256=config.sha256(),
    )


def spacy_folder(name: str) -> Path | None:
    """The folder of a spaCy pipeline given by path or by the name of one that ships; None for an installed package."""
    path = Path(name)
    if path.is_dir():
        return path
    ours = shipped("models") / name
    return ours if len(path.parts) == 1 and ours.is_dir() else None


def _spacy_model(name: str) -> str:
    folder = spacy_folder(name)
    if folder is None:
        try:
            return f"{name}-{version(name.replace('_', '-'))}"
        except PackageNotFoundError:
            raise OpclaimsError(
                f"the spaCy pipeline {name!r} is neither a folder nor an installed package. Name one under [models] in "
                f"the configuration; `python -m spacy download NAME` installs spaCy's own."
            ) from None
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        name = f"{meta['lang']}_{meta['name'].removeprefix(meta['lang'] + '_')}-{meta['version']}"
    except (OSError, ValueError, KeyError) as error:
        raise OpclaimsError(f"{folder}: not a spaCy pipeline: its meta.json cannot be read ({error}).") from error
    # a card may be rewritten without any change to the model
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return f"{name}+{fingerprint(files)}"


def _tagger(name: str, device: str) -> str:
    folder = tagger_folder(name)
    settings = load_settings(folder)
    engine = engine_kind(folder, device)
    # torch gives other scores, from the same weights too
    suffix = "" if engine == "openvino" else "-torch"
    return f"{settings.name}-{settings.version}+{fingerprint(tagger_files(folder, engine))}{suffix}"


def tagger_files(folder: Path, engine: str = "openvino") -> list[Path]:
    """The files that a tagger's scores depend on under an engine."""
    own, exported = folder / TORCH_FILE, weight_files(folder)
    weights = [own] if own.is_file() and (engine != "openvino" or not exported) else exported
    return [folder / "tagger.json", folder / "tokenizer.json", *weights]


def fingerprint(files: Iterable[Path]) -> str:
    """The first eight digits of the SHA-256 over all files."""
    digest = hashlib.sha256()
    for path in files:
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise OpclaimsError(f"{path}: cannot be read: {error.strerror}.") from error
    return digest.hexdigest()[:8]
