"""From files to articles: finding inputs, decoding, front matter, and the anatomy of an op-ed.

``inputs`` finds what there is to read, ``decode`` makes text of bytes, ``front_matter`` and ``anatomy`` recognise the parts of
the text, ``reader`` puts them together. What single lines look like is in ``lines``, ``dates``, ``names``, ``furniture`` and
``bios``; ``paragraphs`` is for those who come after. Imports nothing of the program but its configuration and errors.
"""

from pipeline.reading.article import Article, Source, Zone, ZoneKind
from pipeline.reading.inputs import Found, Input, find_inputs
from pipeline.reading.reader import article_from_text, read_article

__all__ = [
    "Article",
    "Found",
    "Input",
    "Source",
    "Zone",
    "ZoneKind",
    "article_from_text",
    "find_inputs",
    "read_article",
]
