"""Where the paragraphs of a plain text are."""

import re
from itertools import pairwise

LONG_LINE = 100
"""Nobody wraps text by hand at more characters than this: a longer line is a paragraph by itself."""

WRAPPED_LINE = 45
"""A line shorter than this (in characters) was not broken for want of room."""

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_ITEM = re.compile(r"(?:[-*•‣▪●◦–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])[ \t]+\S")
_ENDED = (".", "!", "?", "…", ":", ";", '"', "”", "’", ")", "]")


def paragraph_spans(text: str) -> list[tuple[int, int]]:
    """The paragraphs of a text as (start, end) offsets in code points, in order, without surrounding white space.

    A blank line ends a paragraph. Within a block without blank lines, the lines are one paragraph if they look wrapped
    at a common width (the sentence runs on at the end of a full line) and paragraphs of their own otherwise; so are
    list items, and headings. Takes time linear in the length of the text.
    """
    spans: list[tuple[int, int]] = []
    for block in _blocks(text):
        start, end = block[0]
        width = max(end - start for start, end in block)
        for line, following in pairwise(block):
            if not _runs_on(text, line, following, width):
                spans.append((start, end))
                start = following[0]
            end = following[1]
        spans.append((start, end))
    return spans


def _blocks(text: str) -> list[list[tuple[int, int]]]:
    """The lines that have text, in groups between blank lines, each without surrounding white space."""
    blocks: list[list[tuple[int, int]]] = []
    previous = 0
    for line in _LINE.finditer(text):
        content = line.group()
        left = len(content) - len(content.lstrip())
        right = len(content.rstrip())
        if left >= right:
            continue
        if not blocks or sum(1 for _ in _BREAK.finditer(text, previous, line.start())) > 1:
            blocks.append([])
        blocks[-1].append((line.start() + left, line.start() + right))
        previous = line.start() + right
    return blocks


def _runs_on(text: str, line: tuple[int, int], following: tuple[int, int], width: int) -> bool:
    """Whether a line break is only where the line was full: the paragraph goes on in the next line.

    ``width`` is the length of the longest line around.
    """
    length = line[1] - line[0]
    if _ITEM.match(text, *following) or width > LONG_LINE:
        return False
    if text[line[1] - 1] == "-" or text[following[0]].islower():
        return True
    ended = text[line[1] - 1] in _ENDED
    # The next line's first word would not have fitted: a full line. A last line that ends a sentence early is not.
    first_word = text[following[0] : following[1]].split(None, 1)[0]
    full = length + 1 + len(first_word) > width - 8
    if width < WRAPPED_LINE:
        return False
    return full and (not ended or length + 1 + len(first_word) > width - 4)
