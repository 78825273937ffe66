"""The record: one article's claims, as one line of JSON. This definition serves validation, schema and documentation.

Every span is a pair of offsets into ``text``, in Unicode code points, end exclusive: ``text[start:end]`` is the span's text.
"""

from typing import Annotated, Any, Literal

import msgspec

SCHEMA: Literal["opclaims/1"] = "opclaims/1"
LABELS = ("concern", "motivation", "recommendation")

Label = Literal["concern", "motivation", "recommendation"]
Offset = Annotated[int, msgspec.Meta(ge=0, description="offset into the text, in Unicode code points")]
Score = Annotated[float, msgspec.Meta(ge=0, le=1, description="calibrated probability, three decimals")]


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts of a record."""


class Source(Struct, frozen=True, kw_only=True):
    """The file an article was read from; ``sha256`` is of its bytes."""

    path: str
    sha256: str
    media_type: str


class Zone(Struct, frozen=True, kw_only=True):
    """A part of the text and what it is for; claims are looked for in title and body only."""

    kind: Literal["title", "date", "byline", "body", "bio", "boilerplate"]
    start: Offset
    end: Offset


class Scores(Struct, frozen=True, kw_only=True):
    """The probability that a sentence carries a claim of each kind."""

    concern: Score
    motivation: Score
    recommendation: Score


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of title or body; ``paragraph`` counts the paragraphs of the text from 0."""

    start: Offset
    end: Offset
    paragraph: int
    scores: Scores


class Entity(Struct, frozen=True, kw_only=True):
    """A named entity of title or body; ``name`` is its canonical name, null until it is known."""

    start: Offset
    end: Offset
    text: str
    label: str
    name: str | None = None


class Role(Struct, frozen=True, kw_only=True):
    """Who holds or is addressed by a claim, and the words that say so; offsets are null where no words do."""

    name: str
    start: Offset | None = None
    end: Offset | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """A claim: ``text`` is copied from the article, ``score`` is the probability of ``label``."""

    id: str
    label: Label
    start: Offset
    end: Offset
    text: str
    sentence: Annotated[int, msgspec.Meta(ge=0, description="index into sentences")]
    score: Score
    salience: Score | None = None
    holder: Role | None = None
    addressee: Role | None = None


class Thesis(Struct, frozen=True, kw_only=True):
    """The one sentence that states the article's main claim."""

    start: Offset
    end: Offset
    text: str
    claim: str | None = None


class Actor(Struct, frozen=True, kw_only=True):
    """Somebody the article speaks of, under one canonical name, with the ids of the claims that are theirs."""

    name: str
    label: str
    mentions: int
    aliases: tuple[str, ...]
    concerns: tuple[str, ...]
    motivations: tuple[str, ...]
    recommendations: tuple[str, ...]
    addressed: tuple[str, ...]


class SummaryLine(Struct, frozen=True, kw_only=True):
    """A claim as the summary lists it: its id, its holder's name (null where unknown), its words."""

    claim: str
    holder: str | None
    text: str


class Summary(Struct, frozen=True, kw_only=True):
    """What a reader wants first: the thesis and the claims by kind."""

    thesis: str | None
    concerns: tuple[SummaryLine, ...]
    motivations: tuple[SummaryLine, ...]
    recommendations: tuple[SummaryLine, ...]


class ProducedBy(Struct, frozen=True, kw_only=True):
    """What made the record: the same values over the same input give the same bytes."""

    opclaims: str
    spacy_model: str
    tagger: str
    config_sha256: str


class ArticleRecord(Struct, frozen=True, kw_only=True):
    """One article: its text, what was found in it, and what found it."""

    schema: Literal["opclaims/1"]
    id: str
    title: str | None
    author: str | None
    date: str | None
    url: str | None
    source: Source
    text: str
    zones: tuple[Zone, ...]
    sentences: tuple[Sentence, ...]
    entities: tuple[Entity, ...]
    claims: tuple[Claim, ...]
    thesis: Thesis | None
    actors: tuple[Actor, ...]
    summary: Summary
    produced_by: ProducedBy


def encode(record: ArticleRecord) -> bytes:
    """The record as one line of UTF-8 JSON, newline included. The same record always gives the same bytes."""
    return msgspec.json.encode(record) + b"\n"


def decode(line: bytes | str) -> ArticleRecord:
    """A line back to a record. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` where it is none."""
    return _decoder.decode(line)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record."""
    schema = msgspec.json.schema(ArticleRecord)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}


_decoder = msgspec.json.Decoder(ArticleRecord)
