"""Sentences to tokens: special tokens around, casing and offsets beside, long ones cut; tags to entities and back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OpclaimsError
from pipeline.tagger.entities import EntitySpan, decode, encode
from pipeline.tagger.sentences import Casing, SentenceTokenizer

MODEL = Path(__file__).parent.parent / "models" / "claim_tagger"
CLS, SEP = 101, 102
TYPES = ("GPE", "PERSON")


@pytest.fixture(scope="module")
def tokenizer() -> SentenceTokenizer:
    return SentenceTokenizer.from_folder(MODEL, max_tokens=32)


def test_a_sentence_is_read_by_itself(tokenizer) -> None:
    together = tokenizer(["Ports fear delays.", "Ships wait.", ""])
    assert together == [tokenizer([text])[0] for text in ("Ports fear delays.", "Ships wait.", "")]
    assert together[0].ids[0] == CLS and together[0].ids[-1] == SEP
    assert together[2].ids == [CLS, SEP]


def test_offsets_are_characters_of_the_sentence(tokenizer) -> None:
    text = "Zoë’s café 😀 costs €5."
    (sentence,) = tokenizer([text])
    pieces = [text[start:end] for start, end in sentence.offsets]
    assert pieces[0] == pieces[-1] == ""
    assert "".join(pieces) == text.replace(" ", "")


def test_casing_is_told(tokenizer) -> None:
    (sentence,) = tokenizer(["NATO and Turkey like iPads, I hear."])
    told = {sentence.offsets[i]: Casing(casing) for i, casing in enumerate(sentence.casing)}
    assert told[0, 4] == Casing.UPPER
    assert told[5, 8] == Casing.LOWER
    assert told[9, 15] == Casing.TITLE
    assert told[21, 25] == Casing.MIXED  # iPad, before its s


def test_a_long_sentence_is_cut_and_keeps_its_end_token(tokenizer) -> None:
    (sentence,) = tokenizer(["word " * 400])
    assert len(sentence.ids) == len(sentence.casing) == len(sentence.offsets) == 32
    assert sentence.ids[-1] == SEP


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from(TYPES)), max_size=8))
def test_entities_survive_encoding(steps) -> None:
    """Entities of whole tokens, given by gap, length and type; every token is three characters long."""
    entities, token = [], 1
    for gap, length, label in steps:
        token += gap
        entities.append(EntitySpan(3 * token, 3 * (token + length), label))
        token += length
    offsets = [(0, 0), *((3 * i, 3 * i + 3) for i in range(1, token + 2)), (0, 0)]
    assert decode(np.array(encode(entities, offsets, TYPES)), offsets, TYPES) == entities


def test_an_inside_tag_without_a_beginning_starts_an_entity() -> None:
    offsets = [(0, 0), (0, 3), (4, 7), (8, 12), (0, 0)]
    tags = np.array([0, 2, 2, 4, 0])  # O I-GPE I-GPE I-PERSON O
    assert decode(tags, offsets, TYPES) == [EntitySpan(0, 7, "GPE"), EntitySpan(8, 12, "PERSON")]


def test_a_folder_without_tokenizer_is_named(tmp_path) -> None:
    with pytest.raises(OpclaimsError, match=r"tokenizer\.json: no such file"):
        SentenceTokenizer.from_folder(tmp_path, 32)
