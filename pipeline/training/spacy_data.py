"""The annotated corpus as spaCy training data: entities of ``claims/``, sentence boundaries of ``segmentation/``."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from pipeline.json_lines import read_json_lines
from pipeline.nlp.scoring import is_edited

Article = dict[str, Any]

CHUNK_TOKENS = 120
"""Training examples are runs of whole paragraphs of about this many tokens: whole articles would make batches of one."""

SHOUTED = 0.04
"""The share of the examples that ``ner`` sees a second time in capitals, as headlines are set."""


def read_articles(path: Path) -> list[Article]:
    """Reads a JSONL file, one article a line; raises OpclaimsError where it cannot be read or a line is no object."""
    return read_json_lines(path, dict)


def entity_examples(nlp: Language, articles: Iterable[Article]) -> Iterator[Doc]:
    """Examples for ``ner`` of the articles whose entities are annotated (null elsewhere)."""
    for article in articles:
        if article.get("entities") is not None:
            yield from _chunks(_entity_doc(nlp, article))


def _entity_doc(nlp: Language, article: Article) -> Doc:
    """An article with its gold entities.

    An annotator overlooks a name now and then. Where unmarked words read exactly like a mention marked elsewhere in the
    same article, nobody knows whether they are one: they are set to "missing", and the model learns nothing from them.
    So are the few mentions that end inside a token.
    """
    doc = nlp.make_doc(article["text"])
    entities: list[Span] = []
    unknown: list[Span] = []
    for entity in article["entities"]:
        start, end = entity["start"], entity["end"]
        if (span := doc.char_span(start, end, label=entity["label"])) is not None:
            entities.append(span)
        elif (wider := doc.char_span(start, end, alignment_mode="expand")) is not None:
            unknown.append(wider)
    entities = filter_spans(entities)
    marked = {token.i for span in entities for token in span}
    unknown += _repeats(doc, {span.text for span in entities})
    unknown = filter_spans(span for span in unknown if marked.isdisjoint(range(span.start, span.end)))
    doc.set_ents(entities, missing=unknown, default="outside")
    return doc


def _repeats(doc: Doc, names: set[str]) -> list[Span]:
    """Every place in the document that reads like one of the names, the longest name first."""
    if not names:
        return []
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    matches = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", doc.text)
    return [span for match in matches if (span := doc.char_span(*match.span())) is not None]


def shouted(docs: Iterable[Doc], share: float = SHOUTED, seed: int = 1) -> Iterator[Doc]:
    """A share of the examples in capitals; the entities stay where they are."""
    choose = random.Random(seed)
    for doc in docs:
        if choose.random() < share:
            words = [token.text.upper() for token in doc]
            loud = Doc(doc.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])
            loud.set_ents([Span(loud, span.start, span.end, label=span.label) for span in doc.ents])
            yield loud


def sentence_examples(nlp: Language, articles: Iterable[Article], *, edited_again: int = 0) -> Iterator[Doc]:
    """Examples for ``senter`` of texts with gold sentences; edited prose is repeated so many times more."""
    for article in articles:
        doc = nlp.make_doc(article["text"])
        starts = {start for start, _ in article["sents"]}
        for token in doc:
            token.is_sent_start = token.idx in starts
        for _ in range(1 + edited_again * is_edited(article)):
            yield from _chunks(doc)


def as_segmentation(articles: Sequence[Article], count: int, seed: int = 1) -> list[Article]:
    """``count`` articles of ``claims/``, drawn at random, in the form of those of ``segmentation/``.

    Not those from Universal Dependencies: ``segmentation/`` has them too, and some of them in its test set.
    """
    eligible = [article for article in articles if not article["source"].startswith("Universal Dependencies")]
    chosen = random.Random(seed).sample(eligible, min(count, len(eligible)))
    return [{"text": a["text"], "sents": a["sentences"], "source": a["source"]} for a in chosen]


def _chunks(doc: Doc) -> Iterator[Doc]:
    """Cuts a document between paragraphs into examples of at least ``CHUNK_TOKENS`` tokens (the last may be shorter)."""
    start = 0
    for token in doc:
        end = token.i + 1
        if end == len(doc) or (end - start >= CHUNK_TOKENS and token.is_space and "\n" in token.text):
            yield doc[start:end].as_doc()
            start = end


def write_examples(docs: Iterable[Doc], path: Path) -> Path:
    """Writes examples as a spaCy ``DocBin``."""
    examples = DocBin(attrs=["ORTH", "ENT_IOB", "ENT_TYPE", "SENT_START", "SPACY"], docs=docs)
    path.parent.mkdir(parents=True, exist_ok=True)
    examples.to_disk(path)
    return path
