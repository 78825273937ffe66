"""The claim tagger that ships, as a spaCy user meets it."""

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Example

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS

TEXT = (
    "The harbour opened in 1921. Fishermen fear that the new dam will wipe out the salmon. "
    "The minister must stop the project before it is too late. It has four turbines."
)


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("claim_tagger")
    return nlp


def test_claims_are_spans_of_the_document(nlp) -> None:
    doc = nlp(TEXT)
    claims = [(claim.label_, claim.text) for claim in doc.spans["claims"]]
    assert ("concern", "Fishermen fear that the new dam will wipe out the salmon.") in claims
    assert ("recommendation", "The minister must stop the project before it is too late.") in claims
    assert not any("turbines" in text or "1921" in text for _, text in claims)


def test_every_sentence_has_its_scores(nlp) -> None:
    doc = nlp(TEXT)
    assert [doc[start:end].text for start, end, _ in doc._.sentence_scores] == [sent.text for sent in doc.sents]
    scores = doc[7:9]._.claim_scores
    assert set(scores) == set(LABELS)
    assert scores["concern"] > 0.5 > scores["recommendation"]
    assert all(value == round(value, 3) for value in scores.values())


def test_scores_do_not_depend_on_the_company(nlp) -> None:
    texts = [TEXT, "Ships wait. " * 40, "We should act now. " + TEXT, "One.", TEXT * 8]
    together = [doc._.sentence_scores for doc in nlp.pipe(texts)]
    backwards = [doc._.sentence_scores for doc in nlp.pipe(texts[::-1], batch_size=2)][::-1]
    alone = [nlp(text)._.sentence_scores for text in texts]
    assert together == backwards == alone


def test_only_the_given_zones_are_tagged(nlp) -> None:
    doc = nlp.make_doc(TEXT)
    doc._.claim_zones = ((28, 85),)
    doc = nlp(doc)
    assert [doc[start:end].text for start, end, _ in doc._.sentence_scores] == [TEXT[28:85]]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\x00", "\ufeff", "a" * 5000, "?! " * 300, "\u202e\u0627\u0644 \U0001f600"]
)
def test_odd_texts_do_no_harm(nlp, text) -> None:
    assert nlp(text).text == text


def test_own_thresholds() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("claim_tagger", config={"thresholds": dict.fromkeys(LABELS, 0.0)})
    assert len(nlp(TEXT).spans["claims"]) == 4 * len(LABELS)


def test_wrong_settings_say_what_to_do() -> None:
    nlp = spacy.blank("en")
    with pytest.raises(OpclaimsError, match="no claim tagger there"):
        nlp.add_pipe("claim_tagger", config={"model": "no/such/folder"})
    with pytest.raises(OpclaimsError, match="the labels are concern, motivation, recommendation"):
        nlp.add_pipe("claim_tagger", config={"thresholds": {"worry": 0.5}})
    with pytest.raises(OpclaimsError, match="unknown device"):
        nlp.add_pipe("claim_tagger", config={"device": "abacus"})


def test_scorer_compares_with_gold_spans(nlp) -> None:
    reference = nlp.make_doc(TEXT)
    gold = reference.char_span(28, 85)
    reference.spans["claims"] = [Span(reference, gold.start, gold.end, label="concern")]
    scores = nlp.evaluate([Example(nlp.make_doc(TEXT), reference)])
    assert scores["claims_concern_f"] == 1.0
    assert scores["claims_recommendation_f"] == 0.0


def test_a_pipeline_with_the_tagger_survives_saving(nlp, tmp_path) -> None:
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXT)._.sentence_scores == nlp(TEXT)._.sentence_scores
