"""The tagger: sentences in, calibrated probabilities and entities out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.record import LABELS
from pipeline.tagger.engine import Engine, load_engine
from pipeline.tagger.entities import EntitySpan, decode
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import TOKEN_LABELS, TaggerSettings, load_settings

# A sentence is padded to the next of these lengths and to nothing that depends on its neighbours, so that its scores are
# the same in whatever company it is read. OpenVINO keeps buffers for every shape it has met, so both the lengths and the
# sizes of batches are few: 17 lengths and batches of 32 cost twice the memory and win a tenth of the time.
BUCKETS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network makes of one sentence.

    Attributes:
        logits: *(labels,)*, uncalibrated.
        entities: in the order of the text, character offsets from the start of the sentence; none overlap.
    """

    logits: Array
    entities: list[EntitySpan]


def calibrated(settings: TaggerSettings, logits: Array) -> Array:
    """Logits to probabilities, *(sentences, labels)*, by each label's Platt scaling, rounded to three decimals."""
    slopes = np.array([settings.calibration[label].slope for label in LABELS])
    intercepts = np.array([settings.calibration[label].intercept for label in LABELS])
    scaled = np.clip(logits * slopes + intercepts, -30, 30)
    return np.asarray(np.round(1 / (1 + np.exp(-scaled)), 3))


class Tagger:
    """Reads sentences: scores them for the three kinds of claim, and finds the entities in them.

    Args:
        settings: calibration, thresholds, entity types.
        tokenizer: makes the network's input.
        engine: runs the network.
        batch_size: sentences the engine reads at once.
    """

    def __init__(
        self, settings: TaggerSettings, tokenizer: SentenceTokenizer, engine: Engine, batch_size: int = 8
    ) -> None:
        self.settings = settings
        self.tokenizer = tokenizer
        self.engine = engine
        self.batch_size = batch_size

    @classmethod
    def load(cls, folder: Path, device: str = "auto", threads: int = 1) -> "Tagger":
        """Loads a tagger's folder; raises OpclaimsError where something is missing or the device is not there."""
        settings = load_settings(folder)
        tokenizer = SentenceTokenizer.from_folder(folder, settings.max_tokens)
        return cls(settings, tokenizer, load_engine(folder, device, threads))

    def read(self, sentences: Sequence[str]) -> list[Reading]:
        """Reads sentences, which may be those of several articles; each by itself."""
        tokenized = self.tokenizer(sentences)
        buckets: dict[int, list[int]] = defaultdict(list)
        for i, sentence in enumerate(tokenized):
            length = len(sentence.ids)
            bucket = next((bucket for bucket in BUCKETS if bucket >= length), length)
            buckets[min(bucket, self.settings.max_tokens)].append(i)
        readings: dict[int, Reading] = {}
        for length, members in buckets.items():
            for start in range(0, len(members), self.batch_size):
                batch = members[start : start + self.batch_size]
                arrays = np.zeros((3, len(batch), length), dtype=np.int64)
                for row, i in enumerate(batch):
                    count = len(tokenized[i].ids)
                    arrays[0, row, :count] = tokenized[i].ids
                    arrays[1, row, :count] = tokenized[i].casing
                    arrays[2, row, :count] = 1
                logits, tokens = self.engine(*arrays)
                tags = tokens[:, :, len(TOKEN_LABELS) :].argmax(axis=2)
                for row, i in enumerate(batch):
                    entities = decode(tags[row], tokenized[i].offsets, self.settings.entity_types)
                    readings[i] = Reading(logits[row].astype(np.float64), entities)
        return [readings[i] for i in range(len(sentences))]

    def probabilities(self, readings: Sequence[Reading]) -> Array:
        """Calibrated probabilities, *(sentences, labels)*, rounded to three decimals."""
        return calibrated(self.settings, np.array([reading.logits for reading in readings]).reshape(-1, len(LABELS)))
