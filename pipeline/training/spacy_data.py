"""The annotated corpus as spaCy training data: entities of ``claims/`` and sentence boundaries of ``segmentation/``."""

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from pipeline.errors import OpclaimsError

Article = dict[str, Any]

CHUNK_TOKENS = 120
"""Training examples are runs of whole paragraphs of about this many tokens: whole articles would make batches of one."""


def read_articles(path: Path) -> list[Article]:
    """Reads a JSONL file, one article a line.

    Raises:
        OpclaimsError: the file cannot be read or a line of it is not JSON.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot read the corpus: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise OpclaimsError(f"{path}: a line is not JSON: {error}") from error


def entity_doc(nlp: Language, article: Article) -> Doc:
    """An article with its gold entities.

    An annotator overlooks a name now and then. Where an unmarked word reads exactly like a mention marked elsewhere in
    the same article, nobody knows whether it is one: its tokens are set to "missing", and the model learns nothing
    from them. So are the tokens of a mention that ends inside a token.
    """
    doc = nlp.make_doc(article["text"])
    entities: list[Span] = []
    unknown: list[Span] = []
    for entity in article["entities"]:
        span = doc.char_span(entity["start"], entity["end"], label=entity["label"])
        if span is not None:
            entities.append(span)
        elif (wider := doc.char_span(entity["start"], entity["end"], alignment_mode="expand")) is not None:
            unknown.append(wider)
    entities = _without_overlap(entities)
    covered = {token.i for span in entities for token in span}
    for start, end in _repeats(article["text"], {span.text for span in entities}):
        span = doc.char_span(start, end)
        if span is not None:
            unknown.append(span)
    unknown = _without_overlap(span for span in unknown if not any(token.i in covered for token in span))
    doc.set_ents(entities, missing=unknown, default="outside")
    return doc


def _repeats(text: str, names: set[str]) -> Iterator[tuple[int, int]]:
    if not names:
        return
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
        yield match.span()


def _without_overlap(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def chunks(doc: Doc, tokens: int = CHUNK_TOKENS) -> Iterator[Doc]:
    """Cuts a document between paragraphs into examples of at least ``tokens`` tokens (the last may be shorter)."""
    start = 0
    for token in doc:
        end = token.i + 1
        if end == len(doc) or (end - start >= tokens and token.is_space and "\n" in token.text):
            yield doc[start:end].as_doc()
            start = end


def entity_docs(nlp: Language, articles: Iterable[Article]) -> Iterator[Doc]:
    """Examples for ``ner`` of the articles whose entities are annotated."""
    for article in articles:
        if article.get("entities") is not None:
            yield from chunks(entity_doc(nlp, article))


def shouted(docs: Iterable[Doc], share: float, seed: int) -> Iterator[Doc]:
    """A share of the examples again in capitals, for headlines; entities stay where they are."""
    choose = random.Random(seed)
    for doc in docs:
        if choose.random() >= share:
            continue
        words = [token.text.upper() for token in doc]
        loud = Doc(doc.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])
        entities = [Span(loud, span.start, span.end, label=span.label) for span in doc.ents]
        loud.set_ents(entities, default="outside")
        yield loud


def write_docs(docs: Iterable[Doc], path: Path) -> int:
    """Writes examples as a spaCy ``DocBin``; returns how many."""
    bin_ = DocBin(attrs=["ORTH", "ENT_IOB", "ENT_TYPE", "SENT_START", "SPACY"])
    for doc in docs:
        bin_.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    bin_.to_disk(path)
    return len(bin_)


def sentence_docs(nlp: Language, articles: Iterable[Article]) -> Iterator[Doc]:
    """Examples for ``senter`` of texts with gold sentences (``segmentation/``)."""
    for article in articles:
        doc = nlp.make_doc(article["text"])
        starts = {start for start, _ in article["sents"]}
        for token in doc:
            token.is_sent_start = token.idx in starts
        yield from chunks(doc)
