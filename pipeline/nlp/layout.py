"""``layout``: tells the sentence segmenter what the page shows: where paragraphs and zones begin.

Runs before ``senter``, which keeps the boundaries that it finds set (``overwrite = false``, spaCy's default) and decides
about the others.
"""

import numpy as np
from spacy.attrs import IS_SPACE, LENGTH, SPACY
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.reading.paragraphs import paragraph_spans

ZONES = "article_zones"
"""``doc._.article_zones``: None, or the zones of the article as (start, end) character offsets."""


class Layout:
    """Presets sentence starts where the layout leaves no doubt.

    The first word of a paragraph starts a sentence, so that a heading without a full stop is one of its own, and so
    does the first word of each zone (a byline may be followed by the body without a blank line). White space never
    starts one.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Sets ``is_sent_start`` on the tokens it is sure of and leaves the others unset."""
        if not len(doc):
            return doc
        attributes = doc.to_array([LENGTH, SPACY, IS_SPACE]).astype(np.int64)
        ends = np.cumsum(attributes[:, 0] + attributes[:, 1])
        offsets = np.concatenate(([0], ends[:-1]))
        blank = attributes[:, 2].astype(bool)
        for i in np.flatnonzero(blank):
            doc[int(i)].is_sent_start = False

        starts = [start for start, _ in paragraph_spans(doc.text)]
        starts += [start for start, _ in doc._.get(ZONES) or ()]
        first_word = int(np.argmin(blank))
        for i in np.unique(np.searchsorted(offsets, starts)):
            # White space before the first word belongs to the first sentence, else it would be one by itself.
            if first_word < i < len(doc) and not blank[i]:
                doc[int(i)].is_sent_start = True
        return doc


@Language.factory("layout", assigns=["token.is_sent_start"], retokenizes=False)
def create_layout(nlp: Language, name: str) -> Layout:
    """The component for ``nlp.add_pipe("layout", before="senter")``; registers ``Doc._.article_zones``."""
    if not Doc.has_extension(ZONES):
        Doc.set_extension(ZONES, default=None)
    return Layout()
