"""The output of an encoder's frozen lowest layers, computed once for every sentence and kept on disk: training goes on from there."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from torch.nn.utils.rnn import pad_sequence

from pipeline.errors import OpclaimsError
from pipeline.tagger.network import ClaimNetwork
from pipeline.training.tagger_data import cut

BATCH_TOKENS = 4096


class FrozenStates:
    """States of the tokens of all sentences, in float16: 1.5 GB for a million tokens of a base-sized encoder.

    Args:
        path: where they are kept; computed where there is no such file.
        network: whose ``bottom_states`` they are.
        sentences: rows of :func:`pipeline.training.tagger_data.sentence_dataset`.
        members: the sentences that will be asked for.
    """

    def __init__(self, path: Path, network: ClaimNetwork, sentences: Dataset, members: Sequence[int]) -> None:
        lengths = sentences["length"][:]
        self._lengths = {i: lengths[i] for i in sorted(set(members))}
        self._starts = dict(zip(self._lengths, np.cumsum([0, *self._lengths.values()]).tolist(), strict=False))
        shape = (sum(self._lengths.values()), network.casing.embedding_dim)
        if not path.is_file():
            _check_room(path.parent, 2 * shape[0] * shape[1])
            unfinished = path.with_suffix(".part")
            states = np.memmap(unfinished, np.float16, "w+", shape=shape)
            for batch in cut(self._lengths, self._lengths, BATCH_TOKENS):
                for i, rows in zip(batch, _states(network, sentences[batch]["input_ids"]), strict=True):
                    states[self._starts[i] : self._starts[i] + self._lengths[i]] = rows[: self._lengths[i]]
            states.flush()
            unfinished.replace(path)
        self._states = np.memmap(path, np.float16, "r", shape=shape)

    def __getitem__(self, members: Sequence[int]) -> torch.Tensor:
        """The states of some sentences, *(sentences, length of the longest, width)*, zero behind a sentence's end."""
        length = max(self._lengths[i] for i in members)
        result = np.zeros((len(members), length, self._states.shape[1]), dtype=np.float32)
        for row, i in enumerate(members):
            result[row, : self._lengths[i]] = self._states[self._starts[i] : self._starts[i] + self._lengths[i]]
        return torch.from_numpy(result)


def _check_room(folder: Path, size: int) -> None:
    """A full disk would end the process without a word: the file is mapped into memory."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OpclaimsError(
            f"{folder}: the frozen layers' output needs {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free."
        )


def _states(network: ClaimNetwork, ids: Sequence[Sequence[int]]) -> np.ndarray:
    """The states of sentences of like length, padded to the longest."""
    rows = [torch.tensor(one) for one in ids]
    input_ids = pad_sequence(rows, batch_first=True)
    mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
    states: np.ndarray = network.bottom_states(input_ids, mask).half().numpy()
    return states
