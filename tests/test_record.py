"""The record's invariants, on real articles and on arbitrary text, with the models that ship."""

import itertools
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import record
from pipeline.config import Config, Reading
from pipeline.errors import ArticleError
from pipeline.nlp.processor import Processor
from pipeline.reading import article_from_text, find_inputs, read_article

ROOT = Path(__file__).parent.parent
SEED = ROOT / "seeds" / "000_cd088403eb77dc4c.txt"


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor(Config())


@pytest.fixture(scope="module")
def articles() -> list:
    inputs = find_inputs([str(ROOT / "tests" / "data"), str(SEED)]).inputs
    return [read_article(source, Reading()) for source in inputs]


@pytest.fixture(scope="module")
def records(processor, articles) -> list[record.ArticleRecord]:
    return processor.process(articles)


def check(made: record.ArticleRecord) -> None:
    """Everything a reader of the JSONL may rely on."""
    text = made.text
    for span in (*made.claims, *made.entities):
        assert text[span.start : span.end] == span.text
    for span in (*made.sentences, *made.zones):
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip() == text[span.start : span.end]
    for before, after in itertools.pairwise(made.sentences):
        assert before.end <= after.start and before.paragraph <= after.paragraph
    searched = [(zone.start, zone.end) for zone in made.zones if zone.kind in ("title", "body")]
    for sentence in made.sentences:
        assert any(start <= sentence.start < end for start, end in searched)
    assert [claim.start for claim in made.claims] == sorted(claim.start for claim in made.claims)
    assert len({claim.id for claim in made.claims}) == len(made.claims)
    for claim in made.claims:
        sentence = made.sentences[claim.sentence]
        assert sentence.start <= claim.start < claim.end <= sentence.end
        assert claim.score == getattr(sentence.scores, claim.label)
    listed = (*made.summary.concerns, *made.summary.motivations, *made.summary.recommendations)
    assert sorted(line.claim for line in listed) == sorted(claim.id for claim in made.claims)
    assert {line.claim: line.text for line in listed} == {claim.id: claim.text for claim in made.claims}
    line = record.encode(made)
    assert line.count(b"\n") == 1
    assert record.decode(line) == made


def test_records_of_real_articles_keep_the_invariants(records) -> None:
    assert len(records) > 10
    for made in records:
        check(made)
        assert made.claims, f"{made.id}: an op-ed without any claim"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=400).filter(str.strip))
def test_records_of_any_text_keep_the_invariants(processor, text) -> None:
    (made,) = processor.process([article_from_text(text, id="any")])
    assert made.text == text
    check(made)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paragraphs=st.lists(
        st.sampled_from(
            [
                "By Jane Doe",
                "24 December 2018",
                "A Title Without a Stop",
                "We fear that prices will rise. They should not.",
                "“Stop it,” he said. (1) The port must open; (2) the U.S. should pay $3.5 million.",
                "\u200b\xa0Na\u00efve caf\u00e9 \U0001f1fa\U0001f1f3 n\u0303 e\u0301.",
                "- first, the levy\n- second, the toll",
                "No comments:",
            ]
        ),
        min_size=1,
        max_size=12,
    ),
    newline=st.sampled_from(["\n", "\n\n", "\r\n\r\n"]),
)
def test_records_of_article_like_text_keep_the_invariants(processor, paragraphs, newline) -> None:
    (made,) = processor.process([article_from_text(newline.join(paragraphs), id="made-up")])
    check(made)


def test_an_article_has_the_same_bytes_in_any_company(processor, articles, records) -> None:
    alone = [record.encode(processor.process([article])[0]) for article in articles]
    backwards = [record.encode(made) for made in processor.process(articles[::-1])][::-1]
    assert alone == backwards == [record.encode(made) for made in records]


def test_a_pipeline_that_has_seen_many_words_is_loaded_anew(articles, records, monkeypatch) -> None:
    processor = Processor(Config())
    monkeypatch.setattr("pipeline.nlp.processor.MAX_LEXEMES", 3000)
    before = processor.nlp
    made = [outcome for article in articles for outcome in processor.process([article])]
    assert made == records
    assert processor.nlp is not before
    assert len(processor.nlp.vocab) < 5000


def test_one_article_that_fails_leaves_the_others_alone(processor, articles, records, monkeypatch) -> None:
    document = processor.document

    def fail_on_third(article):
        if article is articles[2]:
            raise MemoryError("too much")
        return document(article)

    monkeypatch.setattr(processor, "document", fail_on_third)
    outcomes = processor.process(articles)
    assert isinstance(outcomes[2], ArticleError)
    assert articles[2].source.path in str(outcomes[2]) and "too much" in str(outcomes[2])
    assert [o for i, o in enumerate(outcomes) if i != 2] == [r for i, r in enumerate(records) if i != 2]


def test_the_seed_says_what_china_worries_about_and_what_the_author_asks_for(records) -> None:
    (seed,) = (made for made in records if made.source.path.endswith(SEED.name))
    assert (seed.title, seed.author, seed.date) == (
        "The U.S. and Its Allies Need to Understand China's North Korea Policy",
        "Taisuke Mibae",
        "2018-12-24",
    )
    by_label = {label: [claim.text for claim in seed.claims if claim.label == label] for label in record.LABELS}
    assert any(text.startswith("Beijing’s main concerns on North Korea are:") for text in by_label["concern"])
    assert any("China prioritizes stability over all else" in text for text in by_label["motivation"])
    assert any("must guard against China" in text for text in by_label["recommendation"])
    assert not any(
        "visiting senior fellow" in sentence for sentence in (seed.text[s.start : s.end] for s in seed.sentences)
    )
    assert {"China", "Taisuke Mibae"} & {entity.text for entity in seed.entities} == {"China"}


def test_the_schema_describes_the_records(records) -> None:
    validator = jsonschema.Draft202012Validator(record.json_schema())
    for made in records:
        validator.validate(json.loads(record.encode(made)))


def test_a_line_that_is_no_record_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        record.decode(b'{"schema": "opclaims/2"}')
