"""The one configuration object. ``configs/default.toml`` holds every setting with its default and what it does."""

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.errors import OpclaimsError

PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The folder ``models`` or ``configs`` that ships: inside the installed package, or beside it in a checkout."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the configuration's sections: immutable, unknown keys refused."""


class Models(Section, frozen=True, kw_only=True):
    """Which models run: a name under ``models/``, a path, or (spaCy) the name of an installed pipeline.

    ``entities`` says whose entities are taken: the ``tagger``'s or the ``spacy`` pipeline's.
    """

    spacy: str = "en_opeds"
    tagger: str = "claim_tagger"
    entities: Literal["tagger", "spacy"] = "spacy"


class Reading(Section, frozen=True, kw_only=True):
    """What is accepted as an article; sizes above the limits are refused with a message."""

    max_bytes: int = 10_000_000
    max_characters: int = 250_000
    max_word: int = 2_000


class Claims(Section, frozen=True, kw_only=True):
    """Thresholds that replace those chosen with the tagger, by label; empty keeps the tagger's."""

    thresholds: dict[str, float] = {}


class Run(Section, frozen=True, kw_only=True):
    """How the work is done; nothing here changes a record."""

    jobs: int = 0
    batch_size: int = 16
    device: str = "auto"


class Config(Section, frozen=True, kw_only=True):
    """All settings."""

    models: Models = Models()
    reading: Reading = Reading()
    claims: Claims = Claims()
    run: Run = Run()

    def sha256(self) -> str:
        """Hash of every setting that can change a record (``run`` cannot)."""
        parts = (self.models, self.reading, self.claims)
        return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def load_config(path: Path | None = None) -> Config:
    """Reads a TOML file; keys it leaves out have their defaults.

    Raises:
        OpclaimsError: the file cannot be read, is not TOML, or has a key or value that is not a setting.
    """
    path = path or shipped("configs") / "default.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OpclaimsError(f"{path}: not a TOML file: {error}") from error
    except msgspec.ValidationError as error:
        raise OpclaimsError(f"{path}: {error}. configs/default.toml lists the settings.") from error
