"""The ``claim_tagger`` component: tags sentences as concern, motivation, recommendation, in anybody's spaCy pipeline.

>>> nlp = spacy.load("en_core_web_sm")
>>> nlp.add_pipe("claim_tagger")
>>> for claim in nlp("We fear a shortage. The ministry should act.").spans["claims"]:
...     print(claim.label_, claim._.claim_scores, claim.text)
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.util import minibatch

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS
from pipeline.tagger.folder import tagger_folder
from pipeline.tagger.tagger import Tagger

SPANS_KEY = "claims"
MARKERS = "#*_>~|=`-•‣▪●◦–—"
"""Markdown's marks, bullets and rules: around a sentence they are no part of it."""

DEFAULTS: dict[str, Any] = {"model": "claim_tagger", "device": "auto", "thresholds": {}, "batch_size": 16}


@Language.factory(
    "claim_tagger",
    requires=["token.is_sent_start"],
    assigns=["doc.spans"],
    default_config=DEFAULTS,
    default_score_weights={"claims_macro_f": 1.0},
)
def create_claim_tagger(
    nlp: Language, name: str, model: str, device: str, thresholds: dict[str, float], batch_size: int
) -> "ClaimTagger":
    """Makes the component.

    Args:
        nlp: the pipeline it goes into; something before it must set sentence boundaries.
        name: its name there.
        model: a tagger's folder, or the name of one that ships.
        device: ``auto``, ``cpu`` or ``cuda``.
        thresholds: by label, instead of those that the model came with.
        batch_size: documents whose sentences are tagged together.

    Raises:
        OpclaimsError: the model or the device is not there, or a threshold is for no label.
    """
    return ClaimTagger(Tagger.load(tagger_folder(model), device), name, thresholds=thresholds, batch_size=batch_size)


class ClaimTagger:
    """Fills ``doc.spans["claims"]`` with sentences, a span for each label that applies, in the order of the text.

    The scores of every tagged sentence, claim or not, are in ``doc._.sentence_scores`` (a list of ``(start token, end
    token, {label: probability})``), and on any span inside a sentence as ``span._.claim_scores``; the entities that the network
    sees in them, in ``doc._.sentence_entities`` (``(start, end, label)``, characters), for ``claim_entities`` to set. Where
    ``doc._.claim_zones`` is set (character offsets), only sentences within these are tagged.
    """

    def __init__(
        self, tagger: Tagger, name: str = "claim_tagger", *, thresholds: dict[str, float], batch_size: int = 16
    ) -> None:
        unknown = set(thresholds) - set(LABELS)
        if unknown:
            raise OpclaimsError(f"thresholds for {', '.join(sorted(unknown))}: the labels are {', '.join(LABELS)}")
        self.tagger = tagger
        self.name = name
        self.thresholds = {**tagger.settings.thresholds, **thresholds}
        self.batch_size = batch_size

    def __call__(self, doc: Doc) -> Doc:
        """Tags one document."""
        self._tag([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int | None = None) -> Iterator[Doc]:
        """Tags a stream of documents, the sentences of ``batch_size`` documents together."""
        for docs in minibatch(stream, size=batch_size or self.batch_size):
            self._tag(docs)
            yield from docs

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """F1 of (sentence, label) pairs by label, and their mean ``claims_macro_f``.

        Reference documents hold gold claims in ``doc.spans["claims"]``; a claim counts for the predicted sentence it
        overlaps most.
        """
        counts = {label: [0, 0, 0] for label in LABELS}
        for example in examples:
            sentences = [(sent.start_char, sent.end_char) for sent in example.predicted.sents]
            gold = _sentence_labels(example.reference, sentences)
            predicted = _sentence_labels(example.predicted, sentences)
            for label, count in counts.items():
                ours, theirs = ({pair for pair in pairs if pair[1] == label} for pairs in (predicted, gold))
                count[0] += len(ours & theirs)
                count[1] += len(ours)
                count[2] += len(theirs)
        scores = {f"claims_{label}_f": 2 * tp / (p + g) if p + g else 0.0 for label, (tp, p, g) in counts.items()}
        return {**scores, "claims_macro_f": sum(scores.values()) / len(LABELS)}

    def to_disk(self, path: Path, *, exclude: Sequence[str] = ()) -> None:
        """Nothing to write: the pipeline's config names the model."""

    def from_disk(self, path: Path, *, exclude: Sequence[str] = ()) -> "ClaimTagger":
        """Nothing to read: the pipeline's config names the model."""
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Nothing to write: the pipeline's config names the model."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> "ClaimTagger":
        """Nothing to read: the pipeline's config names the model."""
        return self

    def _tag(self, docs: Sequence[Doc]) -> None:
        sentences = [list(claim_sentences(doc)) for doc in docs]
        readings = iter(self.tagger.read([sentence.text for ones in sentences for sentence in ones]))
        for doc, ones in zip(docs, sentences, strict=True):
            read = list(islice(readings, len(ones)))
            doc._.sentence_scores = [
                (sentence.start, sentence.end, dict(zip(LABELS, map(float, row), strict=True)))
                for sentence, row in zip(ones, self.tagger.probabilities(read), strict=True)
            ]
            doc._.sentence_entities = [
                (sentence.start_char + entity.start, sentence.start_char + entity.end, entity.label)
                for sentence, reading in zip(ones, read, strict=True)
                for entity in reading.entities
            ]
            spans = [
                Span(doc, start, end, label=label)
                for start, end, by_label in doc._.sentence_scores
                for label, score in by_label.items()
                if score >= self.thresholds[label]
            ]
            doc.spans[SPANS_KEY] = SpanGroup(doc, name=SPANS_KEY, spans=spans)


def claim_sentences(doc: Doc) -> Iterator[Span]:
    """The sentences in which claims are looked for, without white space and Markdown's markers around; never empty."""
    zones = doc._.claim_zones
    for sentence in doc.sents:
        start, end = sentence.start, sentence.end
        while start < end and (doc[start].is_space or not doc[start].text.strip(MARKERS)):
            start += 1
        while end > start and (doc[end - 1].is_space or not doc[end - 1].text.strip(MARKERS)):
            end -= 1
        span = doc[start:end]
        if start < end and (zones is None or any(a <= span.start_char < b for a, b in zones)):
            yield span


def _span_scores(span: Span) -> dict[str, float] | None:
    """The scores of the sentence that holds a span; None outside tagged sentences."""
    for start, end, scores in span.doc._.sentence_scores or ():
        if start <= span.start and span.end <= end:
            return dict(scores)
    return None


def _sentence_labels(doc: Doc, sentences: Sequence[tuple[int, int]]) -> set[tuple[int, str]]:
    labels = set()
    for claim in doc.spans.get(SPANS_KEY, ()):
        overlaps = [min(end, claim.end_char) - max(start, claim.start_char) for start, end in sentences]
        if overlaps and max(overlaps) > 0:
            labels.add((overlaps.index(max(overlaps)), claim.label_))
    return labels


if not Doc.has_extension("sentence_scores"):
    Doc.set_extension("sentence_scores", default=None)
if not Doc.has_extension("sentence_entities"):
    Doc.set_extension("sentence_entities", default=None)
if not Doc.has_extension("claim_zones"):
    Doc.set_extension("claim_zones", default=None)
if not Span.has_extension("claim_scores"):
    Span.set_extension("claim_scores", getter=_span_scores)
