"""What to show of a run's results: claims of the wanted kinds and scores, with the words around them."""

from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.record import LABELS, ArticleRecord, Claim
from pipeline.results import find_articles

CONTEXT_CHARACTERS = 90


def show(
    path: Path, *, article: str | None = None, labels: Collection[str] = LABELS, min_score: float = 0.0
) -> Iterator[tuple[ArticleRecord, list[Claim]]]:
    """The articles of a file with those of their claims that are wanted, in the order of the text; loads no model.

    Args:
        path: what a run wrote.
        article: only the article whose id or title is or contains this.
        labels: only claims of these kinds.
        min_score: only claims at least so certain, from 0 to 1.

    Raises:
        OpclaimsError: there is no such file or article, or a line of the file is damaged.
    """
    for record in find_articles(path, article):
        yield record, [claim for claim in record.claims if claim.label in labels and claim.score >= min_score]


def context(record: ArticleRecord, claim: Claim, characters: int = CONTEXT_CHARACTERS) -> tuple[str, str]:
    """The words before and after a claim: from the sentence before to the one after, as far as they are in its paragraph.

    Of each side at most so many characters, cut between words; white space is made single spaces.
    """
    here = record.sentences[claim.sentence]
    start, end = min(here.start, claim.start), max(here.end, claim.end)
    if claim.sentence and (before := record.sentences[claim.sentence - 1]).paragraph == here.paragraph:
        start = min(start, before.start)
    after = next((sentence for sentence in record.sentences[claim.sentence + 1 :] if sentence.start >= claim.end), None)
    if after and after.paragraph == here.paragraph:
        end = max(end, after.end)
    left = " ".join(record.text[start : claim.start].split())
    right = " ".join(record.text[claim.end : end].split())
    if len(left) > characters:
        left = "… " + left[-characters:].split(" ", 1)[-1]
    if len(right) > characters:
        right = right[:characters].rsplit(" ", 1)[0] + " …"
    return left, right
