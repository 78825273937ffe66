"""How good sentences and entities are: figures of a spaCy pipeline over gold articles."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

Span = tuple[int, int]
Figures = dict[str, float]

EDITED = ("news", "essay", "letter", "speech", "academic", "bio", "textbook")
"""The genres of ``segmentation/`` whose texts went through an editor, as op-eds do."""


def is_edited(article: dict[str, Any]) -> bool:
    """Whether an article of ``segmentation/`` is edited prose; its ``source`` ends with the genre."""
    return article["source"].rpartition("/")[2] in EDITED


def sentence_spans(doc: Doc) -> list[Span]:
    """Sentences as (start, end) in code points, without surrounding white space; none that is only that."""
    spans = (_trimmed(doc.text, sentence.start_char, sentence.end_char) for sentence in doc.sents)
    return [span for span in spans if span[0] < span[1]]


def sentence_figures(nlp: Language, articles: Sequence[dict[str, Any]]) -> Figures:
    """F1 of sentence boundaries (where sentences start) and of whole sentences (both ends exact).

    ``articles`` have ``text`` and ``sents`` [[start, end]]. One wrong boundary spoils one of the first and up to three
    of the second.
    """
    boundaries, sentences = Counter[str](), Counter[str]()
    for doc, article in zip(nlp.pipe(article["text"] for article in articles), articles, strict=True):
        found = sentence_spans(doc)
        gold = [_trimmed(doc.text, start, end) for start, end in article["sents"]]
        _count(sentences, set(found), set(gold))
        _count(boundaries, {start for start, _ in found}, {start for start, _ in gold})
    return {"boundaries": _f1(boundaries), "sentences": _f1(sentences)}


def entity_figures(nlp: Language, articles: Sequence[dict[str, Any]]) -> Figures:
    """F1 of exact spans with the right type: over all types ("all") and by type, where gold has the type.

    ``articles`` have ``text`` and ``entities`` [{start, end, label}], or null, and then don't count; nor do types that
    gold never uses (DATE).
    """
    articles = [article for article in articles if article["entities"] is not None]
    kinds = {entity["label"] for article in articles for entity in article["entities"]}
    counts = {kind: Counter[str]() for kind in ("all", *sorted(kinds))}
    for doc, article in zip(nlp.pipe(article["text"] for article in articles), articles, strict=True):
        found = {(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents if entity.label_ in kinds}
        gold = {(entity["start"], entity["end"], entity["label"]) for entity in article["entities"]}
        for kind, count in counts.items():
            _count(count, _of_kind(found, kind), _of_kind(gold, kind))
    return {kind: _f1(count) for kind, count in counts.items()}


def _of_kind(entities: Iterable[tuple[int, int, str]], kind: str) -> set[tuple[int, int, str]]:
    return {entity for entity in entities if kind in ("all", entity[2])}


def _count(counter: Counter[str], found: set[Any], gold: set[Any]) -> None:
    counter.update(right=len(found & gold), found=len(found), gold=len(gold))


def _f1(counter: Counter[str]) -> float:
    total = counter["found"] + counter["gold"]
    return 2 * counter["right"] / total if total else 0.0


def _trimmed(text: str, start: int, end: int) -> Span:
    content = text[start:end]
    return start + len(content) - len(content.lstrip()), start + len(content.rstrip())
