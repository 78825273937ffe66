"""Calibration and thresholds of a tagger, fitted on dev: what a score means, and from where on it counts as a claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS
from pipeline.tagger.settings import Calibration, TaggerSettings
from pipeline.tagger.tagger import Array, Tagger, calibrated
from pipeline.training.tagger_data import GoldArticle, targets

UNSURE = float("nan")


@dataclass(frozen=True, slots=True)
class Scored:
    """What a tagger made of a gold set.

    Attributes:
        logits: *(sentences, labels)*.
        targets: *(sentences, labels)*: 1, 0, or nan where gold is unsure.
        entity_f1: typed F1 of exact spans over the articles whose entities are annotated; None where none are.
    """

    logits: Array
    targets: Array
    entity_f1: float | None = None


def score_gold(tagger: Tagger, articles: Sequence[GoldArticle]) -> Scored:
    """Runs a tagger over gold sentences."""
    logits, rows = [], []
    found: set[tuple[str, int, int, str]] = set()
    gold: set[tuple[str, int, int, str]] = set()
    for article in articles:
        readings = tagger.read(article.sentence_texts())
        logits += [reading.logits for reading in readings]
        rows += [targets(claims, UNSURE) for claims in article.claims_by_sentence()]
        if article.entities is not None:
            gold |= {(article.id, entity.start, entity.end, entity.label) for entity in article.entities}
            found |= {
                (article.id, start + entity.start, start + entity.end, entity.label)
                for (start, _), reading in zip(article.sentences, readings, strict=True)
                for entity in reading.entities
            }
    entity_f1 = 2 * len(found & gold) / (len(found) + len(gold)) if gold else None
    return Scored(np.array(logits), np.array(rows), entity_f1)


def fit(settings: TaggerSettings, sets: Sequence[Scored]) -> TaggerSettings:
    """Settings with each label's calibration and threshold, fitted on the clear sentences of all sets together.

    Calibration is Platt scaling (Platt 1999). A threshold is the score around which the mean F1 over the sets is best.

    Raises:
        OpclaimsError: a label has no clear example, or no clear counterexample.
    """
    calibration, thresholds = {}, {}
    for i, label in enumerate(LABELS):
        logits = np.concatenate([s.logits[:, i] for s in sets])
        targets = np.concatenate([s.targets[:, i] for s in sets])
        clear = ~np.isnan(targets) & np.isfinite(logits)
        if len(set(targets[clear])) < 2:
            raise OpclaimsError(
                f"the dev sets have no clear example of {label}, or nothing else: it cannot be calibrated."
            )
        platt = LogisticRegression(C=np.inf).fit(logits[clear, None], targets[clear])
        calibration[label] = Calibration(
            slope=round(float(platt.coef_[0, 0]), 4), intercept=round(float(platt.intercept_[0]), 4)
        )
    settings = msgspec.structs.replace(settings, calibration=calibration)
    probabilities = [calibrated(settings, s.logits) for s in sets]
    for i, label in enumerate(LABELS):
        candidates = np.round(np.arange(0.1, 0.9, 0.005), 3)
        means = [
            np.mean([f1(p[:, i] >= t, s.targets[:, i]) for p, s in zip(probabilities, sets, strict=True)])
            for t in candidates
        ]
        thresholds[label] = float(candidates[int(np.argmax(_smooth(means)))])
    return msgspec.structs.replace(settings, thresholds=thresholds)


def _smooth(values: npt.ArrayLike, width: int = 9) -> Array:
    """Running means: neighbouring thresholds differ by a few sentences, which is noise."""
    padded = np.pad(np.asarray(values, dtype=np.float64), width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")


def f1(predicted: npt.NDArray[np.bool_], targets: Array) -> float:
    """F1 over the sentences whose target is not nan."""
    clear = ~np.isnan(targets)
    true = int(np.sum(predicted[clear] & (targets[clear] == 1)))
    total = int(np.sum(predicted[clear])) + int(np.sum(targets[clear] == 1))
    return 2 * true / total if total else 0.0


def macro_f1(settings: TaggerSettings, scored: Scored) -> dict[str, float]:
    """F1 (clear) of each label at the settings' thresholds, and their mean as ``macro_f1``."""
    probabilities = calibrated(settings, scored.logits)
    result = {
        label: f1(probabilities[:, i] >= settings.thresholds[label], scored.targets[:, i])
        for i, label in enumerate(LABELS)
    }
    return {**result, "macro_f1": float(np.mean(list(result.values())))}


class Bin(NamedTuple):
    """Sentences of like score: how many, their mean score, and the share of them that have the label."""

    sentences: int
    score: float
    share: float


def reliability(settings: TaggerSettings, scored: Scored, label: str, bins: int = 10) -> list[Bin]:
    """The clear sentences of a set in bins of equal width by their score for a label; empty bins are left out."""
    column = LABELS.index(label)
    clear = ~np.isnan(scored.targets[:, column])
    scores, labels = calibrated(settings, scored.logits)[clear, column], scored.targets[clear, column]
    members = np.minimum(bins - 1, (scores * bins).astype(int))
    return [
        Bin(int(inside.sum()), float(scores[inside].mean()), float(labels[inside].mean()))
        for inside in (members == b for b in range(bins))
        if inside.any()
    ]


def calibration_error(settings: TaggerSettings, scored: Scored) -> float:
    """Expected calibration error (Guo et al. 2017), ten bins a label, on the clear sentences of all labels."""
    rows = [row for label in LABELS for row in reliability(settings, scored, label)]
    return sum(row.sentences * abs(row.score - row.share) for row in rows) / sum(row.sentences for row in rows)
