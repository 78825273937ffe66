"""Where the paragraphs of a plain text are."""

import re
from itertools import pairwise

LONG_LINE = 100
"""Nobody wraps text at more characters than this: a longer line is a paragraph by itself."""

SHORT_LINE = 45
"""Nor at fewer than this: shorter lines are verses, addresses, items."""

RAGGED = 8
"""How many characters short of the width a full line may be, beside the word that did not fit."""

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_ITEM = re.compile(r"(?:[-*•‣▪●◦–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])[ \t]+\S")

Span = tuple[int, int]


def paragraph_spans(text: str) -> list[Span]:
    """The paragraphs of a text as (start, end) offsets in code points, in order, without surrounding white space.

    A blank line ends a paragraph. So does a line break, unless the text is wrapped by hand and the line is full or the
    next one goes on in lower case. List items are always paragraphs of their own. Takes time linear in the length of
    the text.
    """
    blocks = _blocks(text)
    width = _wrapped_at([end - start for block in blocks for start, end in block])
    spans: list[Span] = []
    for block in blocks:
        start, end = block[0]
        for line, following in pairwise(block):
            if width is None or not _runs_on(text, line, following, width):
                spans.append((start, end))
                start = following[0]
            end = following[1]
        spans.append((start, end))
    return spans


def _blocks(text: str) -> list[list[Span]]:
    """The lines that have text, in groups between blank lines, each without surrounding white space."""
    blocks: list[list[Span]] = []
    previous = 0
    for line in _LINE.finditer(text):
        content = line.group()
        left, right = len(content) - len(content.lstrip()), len(content.rstrip())
        if left >= right:
            continue
        if not blocks or sum(1 for _ in _BREAK.finditer(text, previous, line.start())) > 1:
            blocks.append([])
        blocks[-1].append((line.start() + left, line.start() + right))
        previous = line.start() + right
    return blocks


def _wrapped_at(lengths: list[int]) -> int | None:
    """The width that the lines of a text are wrapped at; None where most of it is in lines too long or too short."""
    plausible = [length for length in lengths if length <= LONG_LINE]
    width = max(plausible, default=0)
    return width if width >= SHORT_LINE and 2 * sum(plausible) > sum(lengths) else None


def _runs_on(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether a paragraph goes on in the next line, since the line was full."""
    length = line[1] - line[0]
    if length > LONG_LINE or _ITEM.match(text, *following):
        return False
    if text[line[1] - 1] == "-" or text[following[0]].islower():
        return True
    first_word = text[following[0] : following[1]].split(None, 1)[0]
    return length + 1 + len(first_word) > width - RAGGED
