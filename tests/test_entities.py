"""Entities as the shipped pipeline finds them, in sentences of our own."""

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Span

from pipeline.config import shipped


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.load(shipped("models") / "en_opeds")


@pytest.fixture(scope="module")
def rules() -> Language:
    blank = spacy.blank("en")
    blank.add_pipe("dates_and_money")
    return blank


def entities(nlp: Language, text: str) -> set[tuple[str, str]]:
    return {(entity.text, entity.label_) for entity in nlp(text).ents}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Angela Merkel flew to Ankara to plead with the Turkish government.",
         {("Angela Merkel", "PERSON"), ("Ankara", "GPE"), ("Turkish", "NORP")}),
        ("The European Union and NATO cannot both lead in the Middle East.",
         {("European Union", "ORG"), ("NATO", "ORG"), ("Middle East", "LOC")}),
        ("Sen. Elizabeth Warren accused Facebook of ignoring Congress.",
         {("Elizabeth Warren", "PERSON"), ("Facebook", "ORG"), ("Congress", "ORG")}),
        ("After World War II, Japan gave up its army; Republicans forget that.",
         {("World War II", "EVENT"), ("Japan", "GPE"), ("Republicans", "NORP")}),
        ("A U.S.-led force would split the U.N.-backed cabinet.", {("U.S.", "GPE"), ("U.N.", "ORG")}),
        ("The Affordable Care Act has outlived its enemies.", {("Affordable Care Act", "LAW")}),
    ],
)  # fmt: skip
def test_names(nlp: Language, text: str, expected: set[tuple[str, str]]) -> None:
    assert {(text.removeprefix("the ").removeprefix("The "), label) for text, label in entities(nlp, text)} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met on October 26 and signed on 24 December 2018.", ["October 26", "24 December 2018"]),
        ("On Friday, March 3, 2017, it rained.", ["Friday, March 3, 2017"]),
        ("Prices doubled last year, as in 2015.", ["last year", "2015"]),
        ("The 1990s were kinder than the late 1970s.", ["The 1990s", "the late 1970s"]),
        ("The vote is on Monday; the count began in May.", ["Monday", "May"]),
        ("Ten years ago nobody cared; over the past two decades much has changed.",
         ["years ago", "the past two decades"]),
        ("The plan for 2020-21 is dated 2019-11-30.", ["2020-21", "2019-11-30"]),
        ("In early June they left; this September they return.", ["early June", "this September"]),
        ("In the 19th century it was a port.", ["the 19th century"]),
        ("It may march on; 2000 people did, and 1,950 more.", []),
        ("May I ask why flight 1850.5 costs $1999?", []),
    ],
)  # fmt: skip
def test_dates(rules: Language, text: str, expected: list[str]) -> None:
    assert [entity.text for entity in rules(text).ents if entity.label_ == "DATE"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bridge cost $3.5 billion, not €200m as promised.", ["$3.5 billion", "€200m"]),
        ("A ticket is £20; a pass is $1,200.", ["£20", "$1,200"]),
        ("They owe 50 million dollars and two billion euros.", ["50 million dollars", "two billion euros"]),
        ("Fines of US$40,000 and up to $1.5 trillion.", ["US$40,000", "$1.5 trillion"]),
        ("Billions of dollars and 30 cents.", ["30 cents"]),
        ("She ate 10 pounds of rice for 100 percent of the time.", []),
    ],
)
def test_money(rules: Language, text: str, expected: list[str]) -> None:
    assert [entity.text for entity in rules(text).ents if entity.label_ == "MONEY"] == expected


def test_rules_leave_other_entities_alone(rules: Language) -> None:
    doc = rules.make_doc("The Spring of 1968 Society wants $5 for every member.")
    doc.set_ents([Span(doc, 1, 5, label="ORG")])
    assert [(entity.text, entity.label_) for entity in rules(doc).ents] == [
        ("Spring of 1968 Society", "ORG"),
        ("$5", "MONEY"),
    ]


def test_entities_are_the_same_alone_and_in_a_batch(nlp: Language) -> None:
    texts = ["Kofi Annan warned Sudan in 2004.", "Nothing here.", "", "Brazil owes the World Bank $2 billion."]
    together = [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in nlp.pipe(texts)]
    assert together == [[(e.start_char, e.end_char, e.label_) for e in nlp(text).ents] for text in texts]
