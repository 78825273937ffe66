"""Articles to records, a batch at a time, the models loaded once."""

import gc
from collections.abc import Sequence

from spacy.tokens import Doc

from pipeline import record
from pipeline.config import Config
from pipeline.errors import ArticleError
from pipeline.identity import produced_by
from pipeline.nlp.language import load_language
from pipeline.nlp.recorder import CLAIM_ZONES, record_from_doc
from pipeline.reading.article import Article

MAX_LEXEMES = 2_000_000
"""Words new to a batch, over all batches, after which the pipeline is loaded anew (a second, after some 30,000 op-eds).

A memory zone forgets the words of a batch, but the hash table they were in keeps growing: 22 bytes for each.
"""

Outcome = record.ArticleRecord | ArticleError


class Processor:
    """Holds the loaded pipeline of one process.

    Raises:
        OpclaimsError: a model cannot be found or loaded.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.nlp = load_language(config)
        self.produced_by = produced_by(config)

    def process(self, articles: Sequence[Article]) -> list[Outcome]:
        """A record or an error for each article, in the same order.

        An article that makes a component fail fails alone: the batch is then done again one article at a time, since
        spaCy gives up on the whole batch.
        """
        if len(self.nlp.vocab) > MAX_LEXEMES:
            del self.nlp
            gc.collect()
            self.nlp = load_language(self._config)
        # Strings that a batch adds to the vocabulary are forgotten with the zone, so that memory stays flat; the
        # records hold copies of their own.
        with self.nlp.memory_zone():
            try:
                return self._records(articles)
            except Exception as error:
                if len(articles) == 1:
                    return [_failure(articles[0], error)]
        return [outcome for article in articles for outcome in self.process([article])]

    def _records(self, articles: Sequence[Article]) -> list[Outcome]:
        docs = list(self.nlp.pipe([self.document(article) for article in articles], batch_size=max(1, len(articles))))
        return [record_from_doc(doc, article, self.produced_by) for doc, article in zip(docs, articles, strict=True)]

    def document(self, article: Article) -> Doc:
        """The tokenized article, with its zones, as the pipeline takes it."""
        doc = self.nlp.make_doc(article.text)
        doc._.article_zones = tuple((zone.start, zone.end) for zone in article.zones)
        doc._.claim_zones = tuple((zone.start, zone.end) for zone in article.zones if zone.kind in CLAIM_ZONES)
        return doc


def _failure(article: Article, error: Exception) -> ArticleError:
    return ArticleError(f"{article.source.path}: cannot be processed: {type(error).__name__}: {error}")
