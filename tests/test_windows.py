"""Sentences to windows: every sentence once, none cut unless it is longer than the encoder can read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OpclaimsError
from pipeline.tagger.settings import WindowSettings
from pipeline.tagger.windows import Windower

MODEL = Path(__file__).parent.parent / "models" / "claim_tagger"
CLS, SEP = 101, 102


def windower(**settings: int) -> Windower:
    return Windower.from_folder(MODEL, WindowSettings(**settings))


def test_neighbouring_sentences_share_a_window() -> None:
    (window,) = windower().windows(["Ports fear delays.", "Ships wait."])
    assert window.ids[0] == CLS and window.ids[-1] == SEP
    assert window.spans == [(1, 5), (5, 8)]


def test_single_sentence_windows() -> None:
    windows = windower(max_sentences=1).windows(["Ports fear delays.", "Ships wait."])
    assert [window.first for window in windows] == [0, 1]


def test_context_is_read_but_not_scored() -> None:
    words = windower()
    before, core, after = (words.tokenize([text])[0] for text in ("Ports fear delays.", "Ships wait.", "Costs rise."))
    windows = windower(max_sentences=1, left=2, right=3).windows(["Ports fear delays.", "Ships wait.", "Costs rise."])
    assert windows[1].ids == [CLS, *before[-2:], *core, *after[:3], SEP]
    assert windows[1].spans == [(3, 6)]


def test_a_long_sentence_has_a_window_of_its_own_and_is_cut_at_the_limit() -> None:
    short, long = "Ships wait.", "word " * 400
    windows = windower(max_tokens=32, max_sentence_tokens=64).windows([short, long, short])
    assert [len(window.spans) for window in windows] == [1, 1, 1]
    assert len(windows[1].ids) == 64


@given(
    lengths=st.lists(st.integers(0, 50), max_size=30),
    limit=st.integers(10, 60),
    left=st.integers(0, 3),
    room=st.integers(1, 60),
)
def test_every_sentence_is_in_exactly_one_window_with_all_its_tokens(lengths, limit, left, room) -> None:
    sentences = [list(range(1000 * i, 1000 * i + length)) for i, length in enumerate(lengths)]
    windows = list(WINDOWER[limit, left].pack(sentences, room))
    scored = [window.ids[start:end] for window in windows for start, end in window.spans]
    assert scored == sentences
    for window in windows:
        assert len(window.ids) <= limit or len(window.spans) == 1


class _Cache(dict):
    def __missing__(self, key):
        self[key] = windower(max_tokens=key[0], left=key[1])
        return self[key]


WINDOWER = _Cache()


def test_a_folder_without_tokenizer_is_named(tmp_path) -> None:
    with pytest.raises(OpclaimsError, match=r"tokenizer\.json: no such file"):
        Windower.from_folder(tmp_path, WindowSettings())
