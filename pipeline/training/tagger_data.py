"""The annotated corpus as training examples: a `datasets.Dataset` of sentences, and the batches in which they are shown."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from datasets import Dataset
from spacy.util import minibatch

from pipeline.json_lines import read_json_lines
from pipeline.record import LABELS
from pipeline.tagger.entities import EntitySpan, encode
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import TOKEN_LABELS
from pipeline.training.teach import Lesson

NOT_ANNOTATED = -100
"""The entity tag of a token in an article without entities: cross-entropy leaves it out."""

STRETCH = 6000
"""Sentences that are sorted by length together."""

Span = tuple[int, int]


class GoldClaim(msgspec.Struct, frozen=True):
    """An annotated claim; ``unsure`` where the annotator doubted."""

    label: str
    start: int
    end: int
    unsure: bool = False
    holder_span: Span | None = None
    addressee_span: Span | None = None


class GoldEntity(msgspec.Struct, frozen=True):
    """An annotated named entity."""

    label: str
    start: int
    end: int


class GoldArticle(msgspec.Struct, frozen=True):
    """The part of an annotated article that the tagger learns from; ``entities`` is None where they were not annotated."""

    id: str
    text: str
    sentences: list[Span]
    claims: list[GoldClaim]
    entities: list[GoldEntity] | None = None
    batch: str = ""
    source: str = ""

    def sentence_texts(self) -> list[str]:
        """The text of each sentence."""
        return [self.text[start:end] for start, end in self.sentences]

    def claims_by_sentence(self) -> list[list[GoldClaim]]:
        """The claims of each sentence. A claim belongs to the sentence that it overlaps most, as in scoring."""
        result: list[list[GoldClaim]] = [[] for _ in self.sentences]
        for claim in self.claims:
            overlaps = [min(end, claim.end) - max(start, claim.start) for start, end in self.sentences]
            result[overlaps.index(max(overlaps))].append(claim)
        return result


def read_gold(path: Path) -> list[GoldArticle]:
    """Reads annotated articles from JSON lines; raises OpclaimsError where a line is none."""
    return read_json_lines(path, GoldArticle)


def targets(claims: Sequence[GoldClaim], unsure: float) -> list[float]:
    """A sentence's target for each label: 1 claim, 0 none, ``unsure`` where the annotator doubted."""
    row = [0.0] * len(LABELS)
    for claim in claims:
        label = LABELS.index(claim.label)
        if not claim.unsure:
            row[label] = 1.0
        elif row[label] != 1.0:
            row[label] = unsure
    return row


def entity_types(articles: Sequence[GoldArticle], lessons: Sequence[Lesson] = ()) -> tuple[str, ...]:
    """The entity labels that occur in the annotation or are taught, sorted."""
    annotated = {entity.label for article in articles for entity in article.entities or ()}
    return tuple(sorted(annotated | {entity.label for lesson in lessons for entity in lesson.entities}))


def sentence_dataset(
    articles: Sequence[GoldArticle],
    tokenizer: SentenceTokenizer,
    types: Sequence[str],
    unsure: float,
    lessons: Sequence[Lesson] = (),
) -> Dataset:
    """Every sentence of the articles, tokenized, with what is to be learnt of it.

    ``lessons``, where there are any, are those of all sentences of the articles, in order, and then of unlabelled ones.

    Columns: ``input_ids``, ``casing``, ``length``; ``targets`` *(labels,)*, zeros where ``annotated`` is 0; ``taught`` *(labels,)*, the
    teachers' probabilities; ``marks``, (token label, first token, last token + 1, target) of the words of claims, holders and
    addressees; ``tags`` *(length,)*, the teacher's where the annotation has none; ``batch``, a number for each annotation batch
    and one more for unlabelled sentences; ``article``, its index, and len(articles) for unlabelled sentences.
    """
    batches = {batch: i for i, batch in enumerate(sorted({article.batch for article in articles}))}
    taught = iter(lessons)
    rows: list[dict[str, Any]] = []
    for index, article in enumerate(articles):
        tokenized = tokenizer(article.sentence_texts())
        claims_of = article.claims_by_sentence()
        for (start, end), claims, sentence in zip(article.sentences, claims_of, tokenized, strict=True):
            lesson = next(taught, None)
            # special tokens stay at (0, 0), where nothing overlaps them
            offsets = [(start + a, start + b) if a < b else (0, 0) for a, b in sentence.offsets]
            if article.entities is not None:
                entities = [
                    EntitySpan(e.start, e.end, e.label) for e in article.entities if e.start < end and e.end > start
                ]
                tags = _tags(entities, offsets, types)
            elif lesson:
                tags = _tags(lesson.entities, sentence.offsets, types)
            else:
                tags = [NOT_ANNOTATED] * len(offsets)
            rows.append(
                {
                    "input_ids": sentence.ids,
                    "casing": sentence.casing,
                    "length": len(sentence.ids),
                    "targets": targets(claims, unsure),
                    "taught": lesson.probabilities() if lesson else [0.0] * len(LABELS),
                    "annotated": 1.0,
                    "marks": list(_marks(claims, offsets, unsure)),
                    "tags": tags,
                    "batch": batches[article.batch],
                    "article": index,
                }
            )
    unlabelled = (
        pair
        for ones in minibatch(taught, STRETCH)
        for pair in zip(ones, tokenizer([lesson.text for lesson in ones]), strict=True)
    )
    for lesson, sentence in unlabelled:
        rows.append(
            {
                "input_ids": sentence.ids,
                "casing": sentence.casing,
                "length": len(sentence.ids),
                "targets": [0.0] * len(LABELS),
                "taught": lesson.probabilities(),
                "annotated": 0.0,
                "marks": [],
                "tags": _tags(lesson.entities, sentence.offsets, types),
                "batch": len(batches),
                "article": len(articles),
            }
        )
    return Dataset.from_list(rows)


def _marks(
    claims: Sequence[GoldClaim], offsets: Sequence[Span], unsure: float
) -> Iterator[tuple[int, int, int, float]]:
    """The words of claims, holders and addressees, as the column ``marks`` has them; certain ones last."""
    for claim in sorted(claims, key=lambda claim: not claim.unsure):
        words = (
            (claim.label, (claim.start, claim.end)),
            ("holder", claim.holder_span),
            ("addressee", claim.addressee_span),
        )
        for label, span in words:
            inside = [i for i, (start, end) in enumerate(offsets) if span and start < span[1] and end > span[0]]
            if inside:
                target = unsure if claim.unsure else 1.0
                yield TOKEN_LABELS.index(label), inside[0], inside[-1] + 1, target


def _tags(entities: Sequence[EntitySpan], offsets: Sequence[Span], types: Sequence[str]) -> list[int]:
    """The entity tag of each token, ``NOT_ANNOTATED`` for special tokens."""
    tags = encode([entity for entity in entities if entity.label in types], offsets, types)
    return [tag if start < end else NOT_ANNOTATED for tag, (start, end) in zip(tags, offsets, strict=True)]


def batches_of_like_length(lengths: Sequence[int], budget: int, shuffle: random.Random) -> list[list[int]]:
    """Every sentence once, in batches of at most ``budget`` tokens (or one sentence), padding included; indices into ``lengths``.

    Sentences are shuffled, sorted by length within stretches of some thousands, cut into batches, and the batches shuffled:
    little padding, and yet another company in each epoch.
    """
    order = list(range(len(lengths)))
    shuffle.shuffle(order)
    batches: list[list[int]] = []
    for first in range(0, len(order), STRETCH):
        batches += cut(order[first : first + STRETCH], lengths, budget)
    shuffle.shuffle(batches)
    return batches


def cut(members: Iterable[int], lengths: Sequence[int] | Mapping[int, int], budget: int) -> list[list[int]]:
    """Sentences, shortest first, in batches of at most ``budget`` tokens (or one sentence), padding included."""
    batches: list[list[int]] = []
    for i in sorted(members, key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[i] <= budget:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def collate(columns: dict[str, Any], pad: int) -> dict[str, torch.Tensor]:
    """A slice of :func:`sentence_dataset`, padded: the arguments of ``TrainedNetwork.forward``."""
    lengths = [len(ids) for ids in columns["input_ids"]]
    shape = (len(lengths), max(lengths))
    batch = {
        "input_ids": torch.full(shape, pad),
        "casing": torch.zeros(shape, dtype=torch.long),
        "attention_mask": torch.zeros(shape, dtype=torch.long),
        "token_targets": torch.zeros(*shape, len(TOKEN_LABELS)),
        "tags": torch.full(shape, NOT_ANNOTATED),
    }
    for i, length in enumerate(lengths):
        batch["attention_mask"][i, :length] = 1
        for name in ("input_ids", "casing", "tags"):
            batch[name][i, :length] = torch.tensor(columns[name][i])
        for label, first, last, target in columns["marks"][i]:
            batch["token_targets"][i, int(first) : int(last), int(label)] = target
    if "states" in columns:
        batch["states"] = columns["states"]
    return {**batch, **{name: torch.tensor(columns[name]) for name in ("targets", "taught", "annotated", "batch")}}
