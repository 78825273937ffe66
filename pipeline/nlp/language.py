"""Assembles the one spaCy pipeline of a run: segmentation and entities of the named model, then our components."""

from pathlib import Path

import spacy
from spacy.language import Language

from pipeline.config import Config
from pipeline.errors import OpclaimsError
from pipeline.identity import spacy_folder


def load_language(config: Config) -> Language:
    """The pipeline that a run uses.

    A spaCy pipeline without sentence boundaries gets spaCy's rule-based ``sentencizer``; every pipeline gets ``layout``
    before it, so that no sentence crosses a paragraph, and ``claim_tagger`` at its end. Entities are the claim tagger's
    (``claim_entities``), or those of the spaCy pipeline's own ``ner``, as ``config.models.entities`` says.

    Raises:
        OpclaimsError: a model cannot be found or loaded.
    """
    own_entities = config.models.entities == "spacy"
    nlp = _load_spacy(config.models.spacy, exclude=() if own_entities else ("ner",))
    if "layout" not in nlp.pipe_names:
        nlp.add_pipe("layout", first=True)
    if not any("token.is_sent_start" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names if name != "layout"):
        nlp.add_pipe("sentencizer", after="layout", config={"overwrite": False})
    # dates and money give way to the entities before them
    place = {"before": "dates_and_money"} if "dates_and_money" in nlp.pipe_names and not own_entities else {}
    nlp.add_pipe(
        "claim_tagger",
        **place,
        config={
            "model": config.models.tagger,
            "device": config.run.device,
            "thresholds": config.claims.thresholds,
            "batch_size": config.run.batch_size,
        },
    )
    if not own_entities:
        nlp.add_pipe("claim_entities", after="claim_tagger")
    nlp.max_length = max(nlp.max_length, config.reading.max_characters)
    return nlp


def _load_spacy(name: str, exclude: tuple[str, ...]) -> Language:
    try:
        return spacy.load(spacy_folder(name) or name, exclude=exclude)
    except (OSError, ValueError, ImportError) as error:
        raise OpclaimsError(
            f"the spaCy pipeline {name!r} cannot be loaded: {error}. Name a folder or an installed pipeline under "
            f"[models] in the configuration; `python -m spacy download {Path(name).name}` installs spaCy's own."
        ) from error
