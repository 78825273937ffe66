"""The tagger: sentences in, calibrated probabilities out."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.record import LABELS
from pipeline.tagger.engine import Engine, load_engine
from pipeline.tagger.settings import TaggerSettings, load_settings
from pipeline.tagger.windows import Window, Windower

# A window is padded to the next of these lengths and to nothing that depends on its neighbours, so that an article's
# scores are the same in whatever company it is read.
BUCKETS = (16, 24, 32, 48, 64, 80, 96, 128, 160, 192, 256, 384, 512)

Array = npt.NDArray[np.float64]


def calibrated(settings: TaggerSettings, logits: Array) -> Array:
    """Logits to probabilities, *(sentences, labels)*, by each label's Platt scaling, rounded to three decimals."""
    slopes = np.array([settings.calibration[label].slope for label in LABELS])
    intercepts = np.array([settings.calibration[label].intercept for label in LABELS])
    scaled = np.clip(logits * slopes + intercepts, -30, 30)
    return np.asarray(np.round(1 / (1 + np.exp(-scaled)), 3))


class Tagger:
    """Scores the sentences of articles for the three kinds of claim.

    Args:
        settings: windows, calibration and thresholds.
        windower: packs sentences for the encoder.
        engine: runs the encoder.
        batch_size: windows the engine reads at once.
    """

    def __init__(self, settings: TaggerSettings, windower: Windower, engine: Engine, batch_size: int = 16) -> None:
        self.settings = settings
        self.windower = windower
        self.engine = engine
        self.batch_size = batch_size

    @classmethod
    def load(cls, folder: Path, device: str = "auto", threads: int = 1) -> "Tagger":
        """Loads a tagger's folder; raises OpclaimsError where something is missing or the device is not there."""
        settings = load_settings(folder)
        windower = Windower.from_folder(folder, settings.windows)
        return cls(settings, windower, load_engine(folder, device, threads))

    def logits(self, articles: Sequence[Sequence[str]]) -> list[Array]:
        """Uncalibrated logits of each article's sentences, *(sentences, labels)*, -inf where a sentence has no token."""
        windows = [self.windower.windows(sentences) for sentences in articles]
        results = [np.full((len(sentences), len(LABELS)), -np.inf) for sentences in articles]
        buckets: dict[int, list[tuple[int, Window]]] = defaultdict(list)
        for article, ones in enumerate(windows):
            for window in ones:
                length = next((bucket for bucket in BUCKETS if bucket >= len(window.ids)), len(window.ids))
                buckets[length].append((article, window))
        for length, members in sorted(buckets.items()):
            for start in range(0, len(members), self.batch_size):
                batch = members[start : start + self.batch_size]
                tokens = self._token_logits([window for _, window in batch], length)
                for (article, window), logits in zip(batch, tokens, strict=True):
                    for i, (first, last) in enumerate(window.spans):
                        if first < last:
                            results[article][window.first + i] = logits[first:last].mean(axis=0, dtype=np.float64)
        return results

    def probabilities(self, articles: Sequence[Sequence[str]]) -> list[Array]:
        """Calibrated probabilities of each article's sentences, *(sentences, labels)*, rounded to three decimals."""
        return [calibrated(self.settings, logits) for logits in self.logits(articles)]

    def _token_logits(self, windows: Sequence[Window], length: int) -> npt.NDArray[np.float32]:
        ids = np.zeros((len(windows), length), dtype=np.int64)
        mask = np.zeros((len(windows), length), dtype=np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        return self.engine.token_logits(ids, mask)
