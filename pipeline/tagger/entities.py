"""BIO tags of tokens to entities and back."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.tagger.settings import entity_tags

OUTSIDE = 0


class EntitySpan(NamedTuple):
    """A named entity by character offsets."""

    start: int
    end: int
    label: str


def decode(tags: npt.NDArray[np.int64], offsets: Sequence[tuple[int, int]], types: Sequence[str]) -> list[EntitySpan]:
    """Entities of a sentence.

    An I without a B of the same type before it starts an entity, as conlleval has it. Special tokens, at (0, 0), are skipped.

    Args:
        tags: *(length,)*, indices into :func:`~pipeline.tagger.settings.entity_tags`; may be longer than ``offsets``.
        offsets: characters of each token.
        types: entity types, in the order of the tags.
    """
    entities: list[EntitySpan] = []
    if not types:
        return entities
    previous = OUTSIDE
    for i in np.flatnonzero(tags[: len(offsets)]).tolist():
        start, end = offsets[i]
        if start == end or (entities and start < entities[-1].end):  # pieces of one character share its offsets
            continue
        kind, inside = divmod(int(tags[i]) - 1, 2)
        label = types[kind]
        if inside and entities and previous == i - 1 and entities[-1].label == label:
            entities[-1] = entities[-1]._replace(end=end)
        else:
            entities.append(EntitySpan(start, end, label))
        previous = i
    return entities


def encode(entities: Sequence[EntitySpan], offsets: Sequence[tuple[int, int]], types: Sequence[str]) -> list[int]:
    """The tag of each token: B where it is the first of an entity, I where it is another, O elsewhere."""
    tags = entity_tags(types)
    result = [OUTSIDE] * len(offsets)
    for entity in entities:
        inside = [i for i, (start, end) in enumerate(offsets) if start < entity.end and end > entity.start]
        for i in inside:
            result[i] = tags.index(f"{'B' if i == inside[0] else 'I'}-{entity.label}")
    return result
