"""Calibration and thresholds of a tagger, fitted on dev: what a score means, and from where on it counts as a claim."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from pipeline.record import LABELS
from pipeline.tagger.data import GoldArticle, tagged
from pipeline.tagger.settings import Calibration, TaggerSettings
from pipeline.tagger.tagger import Array, Tagger, calibrated

UNSURE = float("nan")


@dataclass(frozen=True, slots=True)
class Scored:
    """A tagger's logits over a gold set, *(sentences, labels)*, and the targets: 1, 0, or nan where gold is unsure."""

    logits: Array
    targets: Array


def score_gold(tagger: Tagger, articles: Sequence[GoldArticle]) -> Scored:
    """Runs a tagger over gold sentences."""
    examples = [tagged(article, UNSURE) for article in articles]
    logits = tagger.logits([example.sentences for example in examples])
    return Scored(np.concatenate(logits), np.concatenate([np.array(example.targets) for example in examples]))


def fit(settings: TaggerSettings, sets: Sequence[Scored]) -> TaggerSettings:
    """Settings with each label's calibration and threshold, fitted on the clear sentences of all sets together.

    Calibration is Platt scaling (Platt 1999). A threshold is the score that gives the best mean F1 over the sets.
    """
    calibration, thresholds = {}, {}
    for i, label in enumerate(LABELS):
        logits = np.concatenate([s.logits[:, i] for s in sets])
        targets = np.concatenate([s.targets[:, i] for s in sets])
        clear = ~np.isnan(targets) & np.isfinite(logits)
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
        # the middle of the best stretch: neighbouring thresholds differ by a few sentences, which is noise
        smooth = np.convolve(means, np.ones(9) / 9, mode="same")
        thresholds[label] = float(candidates[int(np.argmax(smooth))])
    return msgspec.structs.replace(settings, thresholds=thresholds)


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


def calibration_error(settings: TaggerSettings, scored: Scored, bins: int = 10) -> float:
    """Expected calibration error over all labels (Guo et al. 2017), on the clear sentences."""
    clear = ~np.isnan(scored.targets)
    probabilities, targets = calibrated(settings, scored.logits)[clear], scored.targets[clear]
    members = np.minimum(bins - 1, (probabilities * bins).astype(int))
    gaps = [abs(float(np.sum(probabilities[members == b] - targets[members == b]))) for b in range(bins)]
    return sum(gaps) / len(targets)
