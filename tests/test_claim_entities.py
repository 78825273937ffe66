"""Entities from the claim tagger's own pass over the text, as a spaCy user and a run meet them."""

import pytest
import spacy
from spacy.language import Language

from pipeline.config import Config, Models
from pipeline.nlp.language import load_language

TEXT = "Angela Merkel flew to Ankara. Turkish officials want money because NATO pays late, and on Monday they said so."


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("claim_tagger")
    nlp.add_pipe("claim_entities")
    return nlp


def test_entities_are_spans_of_the_document(nlp) -> None:
    found = {(ent.text, ent.label_) for ent in nlp(TEXT).ents}
    assert found == {("Angela Merkel", "PERSON"), ("Ankara", "GPE"), ("Turkish", "NORP"), ("NATO", "ORG")}


def test_they_do_not_depend_on_the_company(nlp) -> None:
    texts = [TEXT, "Ships wait. " * 40, "Oslo should act. " + TEXT]
    together = [[ent.text for ent in doc.ents] for doc in nlp.pipe(texts)]
    assert together == [[ent.text for ent in nlp(text).ents] for text in texts]


def test_an_entity_that_is_there_already_stays() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PRODUCT", "pattern": "Ankara"}])
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("claim_tagger")
    nlp.add_pipe("claim_entities")
    found = {ent.text: ent.label_ for ent in nlp(TEXT).ents}
    assert found["Ankara"] == "PRODUCT"
    assert found["NATO"] == "ORG"


@pytest.mark.parametrize("text", ["", " ", "\x00", "a" * 5000, "\u202e\u0627\u0644 \U0001f600", "U.S.-led"])
def test_odd_texts_do_no_harm(nlp, text) -> None:
    assert nlp(text).text == text


def test_a_run_takes_the_taggers_entities_or_the_spacy_pipelines() -> None:
    ours = load_language(Config(models=Models(entities="tagger")))
    assert ours.pipe_names == ["layout", "senter", "claim_tagger", "claim_entities", "dates_and_money"]
    assert {(ent.text, ent.label_) for ent in ours(TEXT).ents} >= {("Ankara", "GPE"), ("Monday", "DATE")}
    theirs = load_language(Config(models=Models(entities="spacy")))
    assert theirs.pipe_names == ["layout", "senter", "ner", "dates_and_money", "claim_tagger"]
