"""A processor without models, for tests of reading, running and writing; it works in worker processes too."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline import record
from pipeline.config import Config
from pipeline.errors import ArticleError, OpclaimsError
from pipeline.reading import Article

MADE_BY = record.ProducedBy(opclaims="0", spacy_model="fake-1", tagger="fake-1", config_sha256="0")


class FakeProcessor:
    """One concern an article: its first word. Words in the text make it misbehave."""

    def __init__(self, config: Config) -> None:
        if log := os.environ.get("OPCLAIMS_TEST_LOG"):
            with Path(log).open("a") as file:
                file.write(f"loaded {os.getpid()}\n")
        match os.environ.get("OPCLAIMS_TEST_MODEL"):
            case "missing":
                raise OpclaimsError("models/none: no claim tagger there.")
            case "damaged":
                raise ValueError("not a protobuf")
            case "crashes":
                os.abort()

    def process(self, articles: Sequence[Article]) -> list[record.ArticleRecord | ArticleError]:
        return [self._one(article) for article in articles]

    def _one(self, article: Article) -> record.ArticleRecord | ArticleError:
        text = article.text
        if "ABORT" in text:
            os.abort()
        if "OOM" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "SLOW" in text:
            time.sleep(0.03)
        if "FAIL" in text:
            return ArticleError(f"{article.source.path}: cannot be processed: it said so")
        start = len(text) - len(text.lstrip())
        end = start + len(text.split()[0])
        scores = record.Scores(concern=0.9, motivation=0.1, recommendation=0.1)
        claim = record.Claim(
            id="c1", label="concern", start=start, end=end, text=text[start:end], sentence=0, score=0.9
        )
        line = record.SummaryLine(claim="c1", holder=None, text=claim.text)
        return record.ArticleRecord(
            schema="opclaims/1",
            id=article.id,
            title=article.title,
            author=article.author,
            date=article.date,
            url=article.url,
            source=record.Source(
                path=article.source.path, sha256=article.source.sha256, media_type=article.source.media_type
            ),
            text=text,
            zones=(),
            sentences=(record.Sentence(start=start, end=end, paragraph=0, scores=scores),),
            entities=(),
            claims=(claim,),
            thesis=None,
            actors=(),
            summary=record.Summary(thesis=None, concerns=(line,), motivations=(), recommendations=()),
            produced_by=MADE_BY,
        )
