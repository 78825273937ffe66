"""Distillation's first half (Hinton et al. 2015): what larger taggers make of annotated and unlabelled sentences, kept on disk."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import spacy
from spacy.util import minibatch

from pipeline.config import shipped
from pipeline.errors import OpclaimsError
from pipeline.json_lines import read_json_lines
from pipeline.nlp.claim_tagger import claim_sentences
from pipeline.tagger.entities import EntitySpan
from pipeline.tagger.folder import tagger_folder
from pipeline.tagger.tagger import Tagger

CHUNK = 2000
"""Sentences to a file: some minutes of work, which is what a run that is cut off loses."""


class TeacherSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which taggers teach and what.

    Attributes:
        models: folders of taggers, or names of those that ship; their logits are averaged, the entities are the first one's.
        weight: the teachers' share in the loss over an annotated sentence; the rest is the annotation's.
        unlabelled: how many articles of ``unlabelled/opeds.jsonl`` are taught besides.
        threads: that a teacher runs on; 0: every core.
    """

    models: tuple[str, ...]
    weight: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    unlabelled: int = 4000
    threads: int = 0


class Lesson(msgspec.Struct, frozen=True, array_like=True):
    """What the teachers make of a sentence: uncalibrated logits, *(labels,)*, and entities."""

    text: str
    logits: list[float]
    entities: list[EntitySpan]

    def probabilities(self) -> list[float]:
        """The labels' probabilities, uncalibrated."""
        return [1 / (1 + math.exp(-logit)) for logit in self.logits]


class UnlabelledArticle(msgspec.Struct, frozen=True):
    """The part of an unlabelled article that is read."""

    text: str


def unlabelled_sentences(corpus: Path, articles: int) -> list[str]:
    """The sentences of the first ``articles`` unlabelled articles, as the pipeline that ships cuts them."""
    nlp = spacy.load(shipped("models") / "en_opeds", exclude=["ner", "dates_and_money"])
    rows = read_json_lines(corpus / "unlabelled" / "opeds.jsonl", UnlabelledArticle)[:articles]
    return [sentence.text for doc in nlp.pipe(row.text for row in rows) for sentence in claim_sentences(doc)]


def lessons(settings: TeacherSettings, sentences: Sequence[str], work: Path) -> list[Lesson]:
    """A lesson for each sentence, in order; those that are in ``work`` already are read from there.

    Raises:
        OpclaimsError: a teacher cannot be loaded, or ``work`` holds lessons of other sentences.
    """
    work.mkdir(parents=True, exist_ok=True)
    decoder = msgspec.json.Decoder(list[Lesson])
    teachers: list[Tagger] = []
    result: list[Lesson] = []
    for number, texts in enumerate(minibatch(sentences, CHUNK)):
        path = work / f"{number:05}.json"
        if path.is_file():
            ones = decoder.decode(path.read_bytes())
            if [lesson.text for lesson in ones] != texts:
                raise OpclaimsError(
                    f"{path}: lessons of other sentences. Name another --work folder, or delete this one."
                )
        else:
            teachers = teachers or [
                Tagger.load(tagger_folder(model), "cpu", threads=settings.threads) for model in settings.models
            ]
            ones = list(_teach(teachers, texts))
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(msgspec.json.encode(ones))
            unfinished.replace(path)
        result += ones
    return result


def _teach(teachers: Sequence[Tagger], texts: Sequence[str]) -> Iterator[Lesson]:
    for text, *readings in zip(texts, *(teacher.read(texts) for teacher in teachers), strict=True):
        logits = np.mean([reading.logits for reading in readings], axis=0)
        yield Lesson(text, [round(float(value), 4) for value in logits], readings[0].entities)
