"""Sentences to token ids and casing, the same way in training and at run time, for any Hugging Face tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from pipeline.errors import OpclaimsError


class Casing(IntEnum):
    """How a token is written; an uncased encoder is told by an embedding of its own."""

    LOWER = 0
    TITLE = 1
    UPPER = 2
    MIXED = 3


@dataclass(frozen=True, slots=True)
class TokenizedSentence:
    """What the encoder reads of one sentence.

    ``ids`` and ``casing`` include the special tokens; ``offsets`` are the characters of the sentence that each token stands
    for, (0, 0) for special tokens.
    """

    ids: list[int]
    casing: list[int]
    offsets: list[tuple[int, int]]


class SentenceTokenizer:
    """Tokenizes sentences by themselves, so that a sentence's tokens don't depend on its neighbours.

    Args:
        tokenizer: any fast tokenizer; truncation and padding are turned off.
        max_tokens: a longer sentence is cut there; counts the special tokens.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        probe = self._tokenizer.encode("a")
        self._suffix = list(reversed(probe.special_tokens_mask)).index(0)
        self.max_tokens = max_tokens

    @classmethod
    def from_folder(cls, folder: Path, max_tokens: int) -> "SentenceTokenizer":
        """Reads ``tokenizer.json``; raises OpclaimsError where there is none."""
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise OpclaimsError(f"{path}: no such file. A tagger needs the tokenizer it was trained with.")
        return cls(Tokenizer.from_file(str(path)), max_tokens)

    def __call__(self, sentences: Sequence[str]) -> list[TokenizedSentence]:
        """Tokenizes sentences, in order."""
        encodings = self._tokenizer.encode_batch(list(sentences))
        return [
            self._sentence(text, encoding.ids, encoding.offsets)
            for text, encoding in zip(sentences, encodings, strict=True)
        ]

    def _sentence(self, text: str, ids: list[int], offsets: list[tuple[int, int]]) -> TokenizedSentence:
        if len(ids) > self.max_tokens:
            excess = slice(self.max_tokens - self._suffix, len(ids) - self._suffix)
            del ids[excess], offsets[excess]
        return TokenizedSentence(ids, [_casing(text[start:end]) for start, end in offsets], offsets)


@lru_cache(maxsize=1 << 15)
def _casing(token: str) -> int:
    letters = "".join(filter(str.isalpha, token))
    if not letters or letters.islower():
        return Casing.LOWER
    if letters[0].isupper() and (len(letters) == 1 or letters[1:].islower()):
        return Casing.TITLE
    return Casing.UPPER if letters.isupper() else Casing.MIXED
