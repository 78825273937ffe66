"""``claim_entities``: the named entities that the claim tagger's network found on the pass that scored the sentences.

A document is read once for both; no second model runs. Entities are found where claims are looked for.

>>> nlp.add_pipe("claim_tagger")
>>> nlp.add_pipe("claim_entities")
>>> [(ent.label_, ent.text) for ent in nlp("Ankara should join the Paris Agreement.").ents]
[('GPE', 'Ankara'), ('LAW', 'Paris Agreement')]
"""

from spacy.language import Language
from spacy.tokens import Doc


class ClaimEntities:
    """Adds the entities of ``doc._.sentence_entities`` to ``doc.ents``; an entity that is there already is not touched."""

    def __call__(self, doc: Doc) -> Doc:
        """Sets ``doc.ents``. An entity that begins or ends inside one of spaCy's tokens gets the whole token."""
        taken = {i for entity in doc.ents for i in range(entity.start, entity.end)}
        found = []
        for start, end, label in doc._.sentence_entities or ():
            span = doc.char_span(start, end, label=label, alignment_mode="expand")
            if span is not None and taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                found.append(span)
        doc.set_ents([*doc.ents, *found])
        return doc


@Language.factory("claim_entities", assigns=["doc.ents"], retokenizes=False)
def create_claim_entities(nlp: Language, name: str) -> ClaimEntities:
    """The component for ``nlp.add_pipe("claim_entities", after="claim_tagger")``."""
    return ClaimEntities()
