"""Assembles the one spaCy pipeline of a run: segmentation and entities of the named model, then our components."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import spacy
import srsly
from spacy.language import Language

import pipeline
import pipeline.nlp.claim_tagger
import pipeline.nlp.dates_and_money
import pipeline.nlp.layout
from pipeline import record
from pipeline.config import Config, shipped
from pipeline.errors import OpclaimsError
from pipeline.tagger.engine import OPENVINO_FILE, engine_file
from pipeline.tagger.folder import tagger_folder
from pipeline.tagger.settings import load_settings


def load_language(config: Config) -> Language:
    """The pipeline that a run uses.

    A spaCy pipeline without sentence boundaries gets spaCy's rule-based ``sentencizer``; every pipeline gets ``layout``
    before it, so that no sentence crosses a paragraph, and ``claim_tagger`` at its end.

    Raises:
        OpclaimsError: a model cannot be found or loaded.
    """
    nlp = _load_spacy(config.models.spacy)
    if "layout" not in nlp.pipe_names:
        nlp.add_pipe("layout", first=True)
    if not any("token.is_sent_start" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names if name != "layout"):
        nlp.add_pipe("sentencizer", after="layout", config={"overwrite": False})
    nlp.add_pipe(
        "claim_tagger",
        last=True,
        config={
            "model": config.models.tagger,
            "device": config.run.device,
            "thresholds": config.claims.thresholds,
            "batch_size": config.run.batch_size,
        },
    )
    nlp.max_length = max(nlp.max_length, config.reading.max_characters)
    return nlp


def produced_by(config: Config) -> record.ProducedBy:
    """What makes the records: versions, and hashes of the models' files. Cheap: nothing is loaded.

    Raises:
        OpclaimsError: a model cannot be found.
    """
    return record.ProducedBy(
        opclaims=pipeline.__version__,
        spacy_model=_spacy_identity(config.models.spacy),
        tagger=_tagger_identity(config.models.tagger, config.run.device),
        config_sha256=config.sha256(),
    )


def spacy_folder(name: str) -> Path | None:
    """The folder of a spaCy pipeline given by path or by the name of one that ships; None for an installed package."""
    path = Path(name)
    if path.is_dir():
        return path
    ours = shipped("models") / name
    return ours if len(path.parts) == 1 and ours.is_dir() else None


def _load_spacy(name: str) -> Language:
    try:
        return spacy.load(spacy_folder(name) or name)
    except (OSError, ValueError, ImportError) as error:
        raise OpclaimsError(
            f"the spaCy pipeline {name!r} cannot be loaded: {error}. Name a folder or an installed pipeline under "
            f"[models] in the configuration; `python -m spacy download {Path(name).name}` installs spaCy's own."
        ) from error


def _spacy_identity(name: str) -> str:
    folder = spacy_folder(name)
    if folder is None:
        try:
            return f"{name}-{version(name.replace('_', '-'))}"
        except PackageNotFoundError:
            raise OpclaimsError(
                f"the spaCy pipeline {name!r} is neither a folder nor an installed package. "
                f"`python -m spacy download {name}` installs spaCy's own."
            ) from None
    try:
        meta = srsly.read_json(folder / "meta.json")
    except (OSError, ValueError) as error:
        raise OpclaimsError(f"{folder}: not a spaCy pipeline: {error}") from error
    return f"{meta['lang']}_{meta['name'].removeprefix(meta['lang'] + '_')}-{meta['version']}+{_fingerprint(_files(folder))}"


def _tagger_identity(name: str, device: str) -> str:
    folder = tagger_folder(name)
    settings = load_settings(folder)
    weights = engine_file(folder, device)
    files = [folder / "tagger.json", folder / "tokenizer.json", folder / weights]
    if weights == OPENVINO_FILE:
        files.append((folder / weights).with_suffix(".bin"))
    return f"{settings.name}-{settings.version}+{_fingerprint(files)}"


def _files(folder: Path) -> Iterator[Path]:
    """The files of a model, in a fixed order; not its card."""
    return iter(sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"))


def _fingerprint(files: Iterator[Path] | list[Path]) -> str:
    """The first eight digits of the SHA-256 over all files."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]
