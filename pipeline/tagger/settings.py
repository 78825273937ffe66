"""What is stored beside a tagger's weights (``tagger.json``): what it reads, how its scores are calibrated, its thresholds."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS

FILE = "tagger.json"

TOKEN_LABELS = (*LABELS, "holder", "addressee")
"""What a token is scored for: being part of a claim of each kind, of a claim's holder, of its addressee."""


def entity_tags(types: Sequence[str]) -> tuple[str, ...]:
    """The BIO tags of these entity types: O, B-PERSON, I-PERSON, …"""
    return ("O", *(f"{prefix}-{label}" for label in types for prefix in "BI"))


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Platt scaling (Platt 1999): probability = sigmoid(slope * logit + intercept)."""

    slope: float = 1.0
    intercept: float = 0.0


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the corpus, and in how many passes it was shown."""

    name: str
    articles: int
    sentences: int
    epochs: int


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a tagger was trained.

    ``unlabelled`` counts the sentences that only ``teachers`` taught, ``recipe`` holds the settings that matter, and ``notes``,
    the trainer's own words, say what the corpus is.
    """

    sources: tuple[Source, ...]
    steps: int
    recipe: dict[str, int | float]
    teachers: tuple[str, ...] = ()
    unlabelled: int = 0
    notes: str = ""


class TaggerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a tagger but its weights.

    A sentence of more than ``max_tokens`` tokens is cut there. ``casing_layer`` is the encoder's layer that
    casing goes into. ``entity_types`` are the labels of its entities.
    ``figures`` are what it reached on dev; they and ``training`` make its card.
    """

    name: str = "claim_tagger"
    version: str = "0.0.0"
    encoder: str = ""
    max_tokens: int = 128
    casing_layer: int = 0
    entity_types: tuple[str, ...] = ()
    calibration: dict[str, Calibration] = msgspec.field(
        default_factory=lambda: {label: Calibration() for label in LABELS}
    )
    thresholds: dict[str, float] = msgspec.field(default_factory=lambda: dict.fromkeys(LABELS, 0.5))
    figures: dict[str, dict[str, float]] = {}
    training: Training | None = None


def load_settings(folder: Path) -> TaggerSettings:
    """Reads ``tagger.json``.

    Raises:
        OpclaimsError: the folder holds no tagger, or the file is not one of ours.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=TaggerSettings)
    except OSError as error:
        raise OpclaimsError(
            f"{folder}: no claim tagger there ({FILE} cannot be read: {error.strerror}). "
            "Name a folder made by `opclaims train tagger`, or one under models/."
        ) from error
    except msgspec.MsgspecError as error:
        raise OpclaimsError(f"{path}: not a tagger's settings: {error}") from error


def save_settings(settings: TaggerSettings, folder: Path) -> None:
    """Writes ``tagger.json``."""
    data = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    (folder / FILE).write_bytes(data + b"\n")
