"""Sentences to windows of token ids, the same way in training and at run time, for any Hugging Face tokenizer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from pipeline.errors import OpclaimsError
from pipeline.tagger.settings import WindowSettings


@dataclass(frozen=True, slots=True)
class Window:
    """What the encoder reads at once.

    ``ids`` are token ids, special tokens included. Sentence ``first + i`` of the article occupies the tokens
    ``ids[spans[i][0]:spans[i][1]]``; a sentence without tokens has an empty span.
    """

    ids: list[int]
    first: int
    spans: list[tuple[int, int]]


class Windower:
    """Packs the sentences of one article into windows. No token is scored twice, and neighbours don't matter."""

    def __init__(self, tokenizer: Tokenizer, settings: WindowSettings) -> None:
        self.settings = settings
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        probe = self._tokenizer.encode("a")
        content = [i for i, special in enumerate(probe.special_tokens_mask) if not special]
        self._prefix = probe.ids[: content[0]]
        self._suffix = probe.ids[content[-1] + 1 :]

    @classmethod
    def from_folder(cls, folder: Path, settings: WindowSettings) -> "Windower":
        """Reads ``tokenizer.json``; raises OpclaimsError where there is none."""
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise OpclaimsError(f"{path}: no such file. A tagger needs the tokenizer it was trained with.")
        return cls(Tokenizer.from_file(str(path)), settings)

    def tokenize(self, sentences: Sequence[str]) -> list[list[int]]:
        """Token ids of each sentence, without special tokens, cut at ``max_sentence_tokens``."""
        room = self.settings.max_sentence_tokens - len(self._prefix) - len(self._suffix)
        encodings = self._tokenizer.encode_batch_fast(list(sentences), add_special_tokens=False)
        return [encoding.ids[:room] for encoding in encodings]

    def windows(self, sentences: Sequence[str]) -> list[Window]:
        """The windows over an article's sentences, in order; together they hold each sentence once."""
        return list(self.pack(self.tokenize(sentences)))

    def pack(self, sentence_ids: Sequence[list[int]], room: int | None = None) -> Iterator[Window]:
        """Windows over tokenized sentences, filled greedily; ``room`` makes the first one smaller (for training)."""
        settings = self.settings
        specials = len(self._prefix) + len(self._suffix)
        full = settings.max_tokens - specials - settings.left - settings.right
        room = full if room is None else min(room, full)
        first = 0
        while first < len(sentence_ids):
            end, used = first + 1, len(sentence_ids[first])
            while (
                end < len(sentence_ids)
                and used + len(sentence_ids[end]) <= room
                and not 0 < settings.max_sentences <= end - first
            ):
                used += len(sentence_ids[end])
                end += 1
            yield self._window(sentence_ids, first, end)
            first, room = end, full

    def _window(self, sentence_ids: Sequence[list[int]], first: int, end: int) -> Window:
        ids = [*self._prefix, *_tail(sentence_ids[:first], self.settings.left)]
        spans = []
        for sentence in sentence_ids[first:end]:
            spans.append((len(ids), len(ids) + len(sentence)))
            ids += sentence
        ids += _head(sentence_ids[end:], self.settings.right)
        return Window(ids + self._suffix, first, spans)


def _head(sentence_ids: Sequence[list[int]], length: int) -> list[int]:
    """The first ``length`` tokens."""
    ids: list[int] = []
    for sentence in sentence_ids:
        if len(ids) >= length:
            break
        ids += sentence
    return ids[:length]


def _tail(sentence_ids: Sequence[list[int]], length: int) -> list[int]:
    """The last ``length`` tokens."""
    ids: list[int] = []
    for sentence in reversed(sentence_ids):
        if len(ids) >= length:
            break
        ids = sentence + ids
    return ids[max(0, len(ids) - length) :]
