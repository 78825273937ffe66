"""Paragraphs of plain texts in the layouts that people send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.paragraphs import paragraph_spans


def paragraphs(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraph_spans(text)]


LONG = "The canal was dug for barges, not for cruise ships, and it shows. " * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\r\n", []),
        ("One.\n\nTwo.\n \nThree.", ["One.", "Two.", "Three."]),
        ("One.\r\n\r\nTwo.\r\n", ["One.", "Two."]),
        (f"Save the Canal\nBy Ada Voss\n{LONG}\n{LONG}", ["Save the Canal", "By Ada Voss", LONG.strip(), LONG.strip()]),
        ("Do this:\n1. dredge\n2. widen\n\n(a) or wait\n• and see", ["Do this:", "1. dredge", "2. widen", "(a) or wait", "• and see"]),
    ],
    ids=["empty", "blank", "blank lines", "windows", "a line each", "items"],
)  # fmt: skip
def test_layouts(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


def test_text_wrapped_by_hand_keeps_its_lines_together() -> None:
    text = (
        "Save the Canal\n"
        "The canal was dug for barges, not for cruise ships, and it shows. The\n"
        "Minister knows. The banks are falling in, and the mills beside them lean\n"
        "over the water.\n\n"
        "Nobody has told the shipping lines."
    )
    heading, body, last = paragraphs(text)
    assert heading == "Save the Canal"
    assert body.startswith("The canal") and body.endswith("over the water.")
    assert last == "Nobody has told the shipping lines."


@given(st.text(alphabet="aB.-1() \t\r\n\u2028", max_size=200))
def test_every_word_is_in_one_paragraph(text: str) -> None:
    spans = paragraph_spans(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert spans == sorted(spans)


@pytest.mark.parametrize("unit", ["a", "\n", "a\n", "\r\n \t", "- a\n", "(1) "])
def test_a_million_characters_take_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begin = time.process_time()
    paragraph_spans(text)
    assert time.process_time() - begin < 10
