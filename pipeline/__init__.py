"""Opclaims: structured, grounded claims from opinion articles.

The data flows one way: ``reading`` (bytes to :class:`~pipeline.reading.Article`), ``nlp`` (article to spaCy ``Doc``),
``record`` (``Doc`` to :class:`~pipeline.record.ArticleRecord`), ``writing`` (records to JSON lines). ``tagger`` holds the
transformer behind the ``claim_tagger`` component, ``cli`` the command line. Nothing imports what comes after it.
"""

__version__ = "0.1.0"
