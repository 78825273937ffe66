"""Figures against gold: what counts as right, and what is left out."""

import pytest

from pipeline.errors import OpclaimsError
from pipeline.evaluate import Claim, Entity, Gold, Holder, Predicted, Sentence, Thesis, evaluate
from pipeline.json_lines import read_json_lines

TEXT = "Ports fear delays. The ministry should hire pilots. Ships wait."
SENTENCES = [(0, 18), (19, 51), (52, 63)]
CONCERN = Claim(label="concern", start=0, end=18, holder="ports")
ADVICE = Claim(label="recommendation", start=19, end=51, holder="author", addressee="the ministry")


def gold(*claims: Claim, **fields: object) -> Gold:
    return Gold(id="a", text=TEXT, sentences=SENTENCES, claims=list(claims), **fields)


def figures(article: Gold, *claims: Claim, **fields: object) -> dict:
    return evaluate([article], [Predicted(id="a", text=TEXT, claims=list(claims), **fields)])


def test_perfect_prediction_scores_one() -> None:
    scores = figures(gold(CONCERN, ADVICE), CONCERN, ADVICE)
    assert scores["labels"]["concern"]["f1"] == scores["labels"]["recommendation"]["f1"] == 1.0
    assert scores["spans"]["f1"] == scores["holder"] == scores["holder_actor"] == scores["addressee"] == 1.0


def test_label_counts_for_the_sentence_that_a_claim_overlaps_most() -> None:
    assert figures(gold(CONCERN), Claim(label="concern", start=6, end=22))["labels"]["concern"]["f1"] == 1.0
    assert figures(gold(CONCERN), Claim(label="concern", start=16, end=51))["labels"]["concern"]["f1"] == 0.0


def test_unsure_pairs_are_left_out_unless_strict() -> None:
    doubted = Claim(label="concern", start=52, end=63, unsure=True)
    scores = figures(gold(CONCERN, doubted), CONCERN)["labels"]
    assert scores["concern"]["f1"] == 1.0
    assert scores["macro_f1_strict"] == pytest.approx((2 / 3) / 3, abs=1e-3)


def test_spans_need_four_fifths_of_the_words() -> None:
    part = Claim(label="concern", start=0, end=10)
    assert figures(gold(CONCERN), part)["spans"]["f1"] == 0.0


def test_names_ignore_case_and_the_article() -> None:
    ours = Claim(label="concern", start=0, end=18, holder=Holder(name="The  Ports"))
    assert figures(gold(CONCERN), ours)["holder_actor"] == 1.0


def test_entities_thesis_key_and_calibration() -> None:
    article = gold(CONCERN, thesis=(19, 51), key=[(19, 51)], entities=[Entity(start=0, end=5, label="ORG")])
    scores = figures(
        article,
        Claim(label="recommendation", start=19, end=51, salience=0.9),
        entities=[Entity(start=0, end=5, label="GPE"), Entity(start=19, end=31, label="DATE")],
        thesis=Thesis(start=20, end=30),
        sentences=[Sentence(start=0, end=18, scores={"concern": 0.75, "motivation": 0.0, "recommendation": 0.0})],
    )
    assert scores["thesis"] == scores["key"] == 1.0
    # a type that gold does not annotate is not held against us
    assert scores["entities"]["f1"] == 0.0 and scores["entities"]["gold"] == 1
    assert scores["calibration_error"] == pytest.approx(0.25 / 3, abs=1e-4)


def test_articles_match_by_text_when_ids_differ_and_missing_ones_are_named() -> None:
    other = Predicted(id="seeds/a.txt", text=TEXT, claims=[CONCERN])
    assert evaluate([gold(CONCERN)], [other])["labels"]["concern"]["f1"] == 1.0
    assert evaluate([gold(CONCERN)], [])["missing"] == ["a"]


def test_a_line_that_is_no_record_is_named(tmp_path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(OpclaimsError, match=r"gold\.jsonl, line 1: .*text"):
        read_json_lines(path, Gold)
