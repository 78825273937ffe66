"""The annotated corpus as training examples: articles with sentence targets, and a `datasets.Dataset` of windows."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from datasets import Dataset

from pipeline.json_lines import read_json_lines
from pipeline.record import LABELS
from pipeline.tagger.windows import Window, Windower


class GoldClaim(msgspec.Struct, frozen=True):
    """An annotated claim; ``unsure`` where the annotator doubted."""

    label: str
    start: int
    end: int
    unsure: bool = False


class GoldArticle(msgspec.Struct, frozen=True):
    """The part of an annotated article that the tagger learns from."""

    id: str
    text: str
    sentences: list[tuple[int, int]]
    claims: list[GoldClaim]
    batch: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TaggedArticle:
    """An article's sentences with their targets: (sentences, labels), 1 claim, 0 none, between: unsure."""

    batch: str
    sentences: list[str]
    targets: list[tuple[float, ...]]


Row = tuple[TaggedArticle, Window]


def read_gold(path: Path) -> list[GoldArticle]:
    """Reads annotated articles from JSON lines; raises OpclaimsError where a line is none."""
    return read_json_lines(path, GoldArticle)


def tagged(article: GoldArticle, unsure: float) -> TaggedArticle:
    """Sentence targets of an annotated article; ``unsure`` is the target of a doubted claim, nan where it is to be left out.

    A claim belongs to the sentence that it overlaps most, as in scoring.
    """
    targets = [[0.0] * len(LABELS) for _ in article.sentences]
    for claim in article.claims:
        overlaps = [min(end, claim.end) - max(start, claim.start) for start, end in article.sentences]
        best = max(range(len(overlaps)), key=overlaps.__getitem__)
        label = LABELS.index(claim.label)
        if not claim.unsure:
            targets[best][label] = 1.0
        elif targets[best][label] != 1.0:
            targets[best][label] = unsure
    sentences = [article.text[start:end] for start, end in article.sentences]
    return TaggedArticle(article.batch, sentences, [tuple(row) for row in targets])


def window_dataset(
    articles: Sequence[TaggedArticle], windower: Windower, *, epochs: int, batch_size: int, seed: int
) -> Dataset:
    """All windows of all epochs, in the order in which they are to be seen; windows start elsewhere in each epoch.

    Windows of like length are neighbours, so that a batch has little padding, and the batches are shuffled.
    """
    shuffle = random.Random(seed)
    tokenized = [windower.tokenize(article.sentences) for article in articles]
    batches = sorted({article.batch for article in articles})

    def rows() -> Iterator[dict[str, object]]:
        for _ in range(epochs):
            windows: list[Row] = []
            for article, ids in zip(articles, tokenized, strict=True):
                room = shuffle.randint(1, windower.settings.max_tokens)
                windows += ((article, window) for window in windower.pack(ids, room))
            for article, window in _like_lengths_together(windows, batch_size, shuffle):
                yield {
                    "input_ids": window.ids,
                    "spans": window.spans,
                    "targets": article.targets[window.first : window.first + len(window.spans)],
                    "batch": batches.index(article.batch),
                }

    return Dataset.from_list(list(rows()))


def _like_lengths_together(rows: list[Row], batch_size: int, shuffle: random.Random) -> list[Row]:
    """Shuffles, then sorts by length within stretches of a hundred batches, then shuffles the batches."""
    shuffle.shuffle(rows)
    stretch = 100 * batch_size
    batches = []
    for start in range(0, len(rows), stretch):
        part = sorted(rows[start : start + stretch], key=lambda row: len(row[1].ids))
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    shuffle.shuffle(batches)
    return [row for batch in batches for row in batch]
