"""A processed ``Doc`` and the article it was made from, to a record."""

from bisect import bisect_right

from spacy.tokens import Doc

from pipeline import record
from pipeline.nlp.claim_tagger import SPANS_KEY
from pipeline.reading.article import Article, ZoneKind
from pipeline.reading.paragraphs import paragraph_spans

CLAIM_ZONES = (ZoneKind.TITLE, ZoneKind.BODY)


def record_from_doc(doc: Doc, article: Article, produced_by: record.ProducedBy) -> record.ArticleRecord:
    """The article's record. Every span's text is cut from ``article.text`` by the offsets that spaCy's tokens carry."""
    paragraphs = [start for start, _ in paragraph_spans(article.text)]
    sentences: list[record.Sentence] = []
    sentence_at: dict[int, int] = {}
    for start, end, scores in doc._.sentence_scores:
        span = doc[start:end]
        sentence_at[start] = len(sentences)
        sentences.append(
            record.Sentence(
                start=span.start_char,
                end=span.end_char,
                paragraph=max(0, bisect_right(paragraphs, span.start_char) - 1),
                scores=record.Scores(**scores),
            )
        )
    claims = tuple(
        record.Claim(
            id=f"c{number}",
            label=span.label_,
            start=span.start_char,
            end=span.end_char,
            text=article.text[span.start_char : span.end_char],
            sentence=sentence_at[span.start],
            score=getattr(sentences[sentence_at[span.start]].scores, span.label_),
        )
        for number, span in enumerate(doc.spans[SPANS_KEY], start=1)
    )
    zones = [(zone.start, zone.end) for zone in article.zones if zone.kind in CLAIM_ZONES]
    return record.ArticleRecord(
        schema=record.SCHEMA,
        id=article.id,
        title=article.title,
        author=article.author,
        date=article.date,
        url=article.url,
        source=record.Source(
            path=article.source.path, sha256=article.source.sha256, media_type=article.source.media_type
        ),
        text=article.text,
        zones=tuple(record.Zone(kind=zone.kind.value, start=zone.start, end=zone.end) for zone in article.zones),
        sentences=tuple(sentences),
        entities=tuple(
            record.Entity(start=ent.start_char, end=ent.end_char, text=ent.text, label=ent.label_)
            for ent in doc.ents
            if any(start <= ent.start_char < end for start, end in zones)
        ),
        claims=claims,
        thesis=None,
        actors=(),
        summary=_summary(claims),
        produced_by=produced_by,
    )


def _summary(claims: tuple[record.Claim, ...]) -> record.Summary:
    """The claims by kind, each kind's most certain first."""

    def lines(label: str) -> tuple[record.SummaryLine, ...]:
        chosen = sorted((c for c in claims if c.label == label), key=lambda c: (-c.score, c.start))
        return tuple(
            record.SummaryLine(claim=c.id, holder=c.holder.name if c.holder else None, text=c.text) for c in chosen
        )

    return record.Summary(
        thesis=None,
        concerns=lines("concern"),
        motivations=lines("motivation"),
        recommendations=lines("recommendation"),
    )
