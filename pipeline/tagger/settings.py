"""What is stored beside a tagger's weights (``tagger.json``): its windows, how its scores are calibrated, its thresholds."""

from pathlib import Path

import msgspec

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS

FILE = "tagger.json"


class WindowSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sentences are packed into the windows that the encoder reads; lengths in tokens.

    ``max_tokens`` counts the special tokens. A single sentence longer than a window gets one of its own, up to
    ``max_sentence_tokens``, and is cut there. ``left`` and ``right`` are tokens of context from the neighbouring
    sentences, read but not scored. ``max_sentences`` 0 is no limit; 1, with no context, tags single sentences.
    """

    max_tokens: int = 96
    max_sentence_tokens: int = 256
    left: int = 0
    right: int = 0
    max_sentences: int = 0


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Platt scaling (Platt 1999): probability = sigmoid(slope * logit + intercept)."""

    slope: float = 1.0
    intercept: float = 0.0


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One training run: what it started from, what it saw, how. ``sources`` counts the articles of each source."""

    start: str
    articles: int
    sentences: int
    sources: dict[str, int]
    epochs: int
    learning_rate: float
    keep: float
    seed: int


class TaggerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a tagger but its weights.

    ``figures`` are what it reached on dev; they, ``stages`` and ``notes`` (on the corpus) make its card.
    """

    name: str = "claim_tagger"
    version: str = "0.0.0"
    encoder: str = ""
    windows: WindowSettings = WindowSettings()
    calibration: dict[str, Calibration] = msgspec.field(
        default_factory=lambda: {label: Calibration() for label in LABELS}
    )
    thresholds: dict[str, float] = msgspec.field(default_factory=lambda: dict.fromkeys(LABELS, 0.5))
    figures: dict[str, dict[str, float]] = {}
    stages: tuple[Stage, ...] = ()
    notes: str = ""


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
