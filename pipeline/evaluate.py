"""Scores claims against gold annotation. What each figure means is said at :func:`evaluate`."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from pipeline.record import LABELS

Span = tuple[int, int]

SPAN_OVERLAP = 0.8
BINS = 10


class Holder(msgspec.Struct, frozen=True):
    """The part of a predicted holder or addressee that is scored."""

    name: str


class Claim(msgspec.Struct, frozen=True):
    """A gold or predicted claim; gold gives holder and addressee by name, a record as an object."""

    label: str
    start: int
    end: int
    score: float = 1.0
    salience: float | None = None
    unsure: bool = False
    holder: Holder | str | None = None
    addressee: Holder | str | None = None


class Entity(msgspec.Struct, frozen=True):
    """A gold or predicted entity."""

    start: int
    end: int
    label: str


class Gold(msgspec.Struct, frozen=True):
    """An annotated article."""

    id: str
    text: str
    sentences: list[Span]
    claims: list[Claim]
    thesis: Span | None = None
    key: list[Span] | None = None
    entities: list[Entity] | None = None


class Sentence(msgspec.Struct, frozen=True):
    """A predicted sentence with its scores."""

    start: int
    end: int
    scores: dict[str, float] = {}


class Thesis(msgspec.Struct, frozen=True):
    """A predicted thesis."""

    start: int
    end: int


class Predicted(msgspec.Struct, frozen=True):
    """The part of a record that is scored."""

    id: str
    text: str | None = None
    claims: list[Claim] = []
    entities: list[Entity] = []
    sentences: list[Sentence] = []
    thesis: Thesis | None = None


def evaluate(gold: Sequence[Gold], predicted: Iterable[Predicted]) -> dict[str, Any]:
    """Figures over all articles; articles are matched by id, then by text.

    Returns:
        ``labels``: precision, recall and F1 of (sentence, label) pairs, a claim counting for the gold sentence it
        overlaps most and pairs that gold marks unsure left out ("clear"); ``macro_f1`` their mean; ``macro_f1_strict``
        with unsure ones as gold. ``spans``: claims matched one to one by label, right with token F1 of at least 0.8.
        ``holder``, ``holder_actor``, ``addressee``: share of the matched claims with the same name (``actor``: where
        it is not the author). ``thesis``: share of articles whose thesis overlaps gold's; ``key``: precision of the
        three most salient claims. ``entities``, ``entity_types``: F1 of spans, of spans with type.
        ``calibration_error``: expected calibration error of the sentence scores. ``missing``: ids without prediction.
    """
    predictions = list(predicted)
    by_id = {article.id: article for article in predictions}
    by_text = {article.text: article for article in predictions if article.text}
    entity_labels = {entity.label for article in gold for entity in article.entities or ()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    bins = [[0.0, 0.0, 0] for _ in range(BINS)]  # sum of scores, sum of outcomes, number
    missing = []
    for article in gold:
        ours = by_id.get(article.id) or by_text.get(article.text)
        if ours is None:
            missing.append(article.id)
            ours = Predicted(id=article.id)
        clear, unsure = _gold_pairs(article)
        _count_labels(counts, article, ours, clear, unsure)
        _count_claims(counts, article, ours)
        _count_article(counts, article, ours)
        if article.entities is not None:
            _count_entities(counts, article.entities, [e for e in ours.entities if e.label in entity_labels])
        for pair, score in _sentence_scores(article, ours):
            if pair not in unsure:
                cell = bins[min(BINS - 1, int(score * BINS))]
                cell[0] += score
                cell[1] += pair in clear
                cell[2] += 1
    return {"articles": len(gold), "missing": missing, **_figures(counts, bins)}


def _figures(counts: dict[str, Counter[str]], bins: list[list[float]]) -> dict[str, Any]:
    labels: dict[str, Any] = {label: _f1(counts[label], "") for label in LABELS}
    strict = [_f1(counts[label], "strict_")["f1"] for label in LABELS]
    labels["macro_f1"] = round(sum(labels[label]["f1"] for label in LABELS) / len(LABELS), 4)
    labels["macro_f1_strict"] = round(sum(strict) / len(LABELS), 4)
    figures: dict[str, Any] = {"labels": labels, "spans": _f1(counts["spans"], "")}
    for name in ("holder", "holder_actor", "addressee", "thesis", "key"):
        count = counts[name]
        figures[name] = round(count["right"] / count["all"], 4) if count["all"] else None
    for name in ("entities", "entity_types"):
        if counts[name]["gold"]:
            figures[name] = _f1(counts[name], "")
    scored = sum(cell[2] for cell in bins)
    if scored:
        figures["calibration_error"] = round(sum(abs(cell[0] - cell[1]) for cell in bins) / scored, 4)
    return figures


def _f1(count: Counter[str], kind: str) -> dict[str, float]:
    right, predicted, gold = (count[kind + part] for part in ("right", "predicted", "gold"))
    return {
        "precision": round(right / predicted, 4) if predicted else 0.0,
        "recall": round(right / gold, 4) if gold else 0.0,
        "f1": round(2 * right / (predicted + gold), 4) if predicted + gold else 0.0,
        "gold": gold,
    }


def _gold_pairs(article: Gold) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """The (sentence, label) pairs that gold is sure of, and those it is not."""
    pairs: dict[bool, set[tuple[int, str]]] = {False: set(), True: set()}
    for claim in article.claims:
        sentence = _sentence(claim, article.sentences)
        if sentence is not None:
            pairs[claim.unsure].add((sentence, claim.label))
    return pairs[False], pairs[True] - pairs[False]


def _count_labels(
    counts: dict[str, Counter[str]],
    article: Gold,
    ours: Predicted,
    clear: set[tuple[int, str]],
    unsure: set[tuple[int, str]],
) -> None:
    predicted = {(_sentence(claim, article.sentences), claim.label) for claim in ours.claims}
    for label in LABELS:
        p, c, u = (
            {pair for pair in pairs if pair[1] == label and pair[0] is not None} for pairs in (predicted, clear, unsure)
        )
        counts[label].update(right=len(p & c), predicted=len(p - u), gold=len(c))
        counts[label].update(strict_right=len(p & (c | u)), strict_predicted=len(p), strict_gold=len(c | u))


def _count_claims(counts: dict[str, Counter[str]], article: Gold, ours: Predicted) -> None:
    """Spans, holders, addressees: claims of one label matched one to one, the greatest overlap first."""
    gold_tokens = [_tokens(article.text, claim) for claim in article.claims]
    our_tokens = [_tokens(article.text, claim) for claim in ours.claims]
    overlaps = []
    for i, claim in enumerate(article.claims):
        for j, candidate in enumerate(ours.claims):
            shared = len(gold_tokens[i] & our_tokens[j])
            if candidate.label == claim.label and shared:
                overlaps.append((2 * shared / (len(gold_tokens[i]) + len(our_tokens[j])), i, j))
    counts["spans"].update(predicted=len(ours.claims), gold=len(article.claims))
    matched_gold, matched_ours = set(), set()
    for overlap, i, j in sorted(overlaps, reverse=True):
        if i in matched_gold or j in matched_ours:
            continue
        matched_gold.add(i)
        matched_ours.add(j)
        claim, match = article.claims[i], ours.claims[j]
        counts["spans"]["right"] += overlap >= SPAN_OVERLAP
        same_holder = _name(claim.holder) == _name(match.holder)
        counts["holder"].update(all=1, right=same_holder)
        if _name(claim.holder) != "author":
            counts["holder_actor"].update(all=1, right=same_holder)
        if claim.label == "recommendation" and claim.addressee:
            counts["addressee"].update(all=1, right=_name(claim.addressee) == _name(match.addressee))


def _count_article(counts: dict[str, Counter[str]], article: Gold, ours: Predicted) -> None:
    if article.thesis:
        found = ours.thesis is not None and _overlap((ours.thesis.start, ours.thesis.end), article.thesis) > 0
        counts["thesis"].update(all=1, right=found)
    if article.key and ours.claims:
        best = sorted(ours.claims, key=lambda claim: -(claim.salience or 0))[:3]
        hits = sum(any(_overlap((claim.start, claim.end), key) > 0 for key in article.key) for claim in best)
        counts["key"].update(all=len(best), right=hits)


def _count_entities(counts: dict[str, Counter[str]], gold: Sequence[Entity], ours: Sequence[Entity]) -> None:
    theirs, found = ({(e.start, e.end, e.label) for e in entities} for entities in (gold, ours))
    untyped = len({entity[:2] for entity in theirs} & {entity[:2] for entity in found})
    counts["entities"].update(right=untyped, predicted=len(found), gold=len(theirs))
    counts["entity_types"].update(right=len(theirs & found), predicted=len(found), gold=len(theirs))


def _sentence_scores(article: Gold, ours: Predicted) -> Iterator[tuple[tuple[int | None, str], float]]:
    for sentence in ours.sentences:
        index = _sentence(sentence, article.sentences)
        for label, score in sentence.scores.items():
            yield (index, label), score


def _sentence(span: Claim | Sentence, sentences: Sequence[Span]) -> int | None:
    """The sentence that a span overlaps most, the first of equals; None where it overlaps none."""
    overlaps = [_overlap((span.start, span.end), sentence) for sentence in sentences]
    most = max(overlaps, default=0)
    return overlaps.index(most) if most > 0 else None


def _overlap(a: Span, b: Span) -> int:
    return min(a[1], b[1]) - max(a[0], b[0])


def _tokens(text: str, claim: Claim) -> set[int]:
    """Where the words and marks within a claim begin."""
    return {match.start() for match in re.compile(r"\w+|[^\w\s]").finditer(text, claim.start, claim.end)}


def _name(value: Holder | str | None) -> str:
    """A name for comparison: case, white space and a leading "the" don't count."""
    name = value.name if isinstance(value, Holder) else value or ""
    return " ".join(name.lower().split()).removeprefix("the ")
