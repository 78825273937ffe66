"""``layout``: tells the sentence segmenter what is beyond doubt: where paragraphs and zones begin, where a dot is no end.

Runs before ``senter``, which keeps the boundaries that it finds set (``overwrite = false``, spaCy's default) and decides
about the others.
"""

import re

import numpy as np
import numpy.typing as npt
from spacy.attrs import IS_SPACE, LENGTH, SPACY
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.reading.paragraphs import paragraph_spans

IntArray = npt.NDArray[np.int64]

ZONES = "article_zones"
"""``doc._.article_zones``: None, or the zones of the article as (start, end) character offsets."""

# Abbreviations that a sentence never ends with: what they belong to follows. A tokenizer that knows one keeps its full stop
# with it, another doesn't; so they are sought in the text. ("No." can end a sentence, but not in front of a number.)
# Nor is the number or the bullet of a list item a sentence by itself.
_GOES_ON = re.compile(
    r"""(?<![\w.])(?:
      (?:Mr|Mrs|Ms|Messrs|Dr|Prof|Sens?|Reps?|Gov|Lt|Col|Sgt|Capt|Rev|Hon|St|vs|e\.g|i\.e|cf)\.[ ]+(?=\w)
    | (?:[Nn]os?|[Aa]rt|[Ss]ec|[Ff]igs?|[Vv]ol|[Cc]h|pp?|[Pp]ara)\.[ ]+(?=\d)
    | ^[ \t]*(?:[-*•‣▪●◦–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+(?=\S)
    )""",
    re.VERBOSE | re.MULTILINE,
)


class Layout:
    """Presets sentence starts where there is no doubt.

    The first word of a paragraph starts a sentence, so that a heading without a full stop is one of its own, and so
    does the first word of each zone (a byline may be followed by the body without a blank line). White space never
    starts one, nor does what an abbreviation always belongs to: the name after "Mr.", the number after "No.".
    """

    def __call__(self, doc: Doc) -> Doc:
        """Sets ``is_sent_start`` on the tokens it is sure of and leaves the others unset."""
        if not len(doc):
            return doc
        words = doc.to_array([LENGTH, SPACY, IS_SPACE])
        blank = words[:, 2].astype(bool)
        lengths = (words[:, 0] + words[:, 1]).astype(np.int64)
        offsets = np.cumsum(lengths) - lengths
        text = doc.text

        goes_on = blank.copy()
        goes_on[_tokens_at(offsets, [match.end() for match in _GOES_ON.finditer(text)])] = True
        # White space before the first word belongs to the first sentence; else it would be one by itself.
        first_word = int(np.argmin(blank))
        goes_on[first_word] = True
        for i in np.flatnonzero(goes_on[1:]) + 1:
            doc[int(i)].is_sent_start = False

        starts = [start for start, _ in paragraph_spans(text)]
        starts += [start for start, _ in doc._.get(ZONES) or ()]
        for i in _tokens_at(offsets, starts):
            if i > first_word and not blank[i]:
                doc[int(i)].is_sent_start = True
        return doc


def _tokens_at(offsets: IntArray, characters: list[int]) -> IntArray:
    """The tokens that start at these characters, or else the next ones; none beyond the last."""
    tokens = np.unique(np.searchsorted(offsets, np.array(characters, dtype=np.int64)))
    return tokens[tokens < len(offsets)]


@Language.factory("layout", assigns=["token.is_sent_start"], retokenizes=False)
def create_layout(nlp: Language, name: str) -> Layout:
    """The component for ``nlp.add_pipe("layout", before="senter")``; registers ``Doc._.article_zones``."""
    if not Doc.has_extension(ZONES):
        Doc.set_extension(ZONES, default=None)
    return Layout()
