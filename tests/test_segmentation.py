"""Sentences as the shipped pipeline finds them: what a rule on full stops gets wrong, in sentences of our own."""

import pytest
import spacy
from spacy.language import Language

from pipeline.config import shipped

Case = list[str]

PROSE: dict[str, Case] = {
    "abbreviated country": [
        "The U.S. has waited long enough for an answer from Ljubljana.",
        "No tariff will bring the U.S. back to the table.",
        "Patience will.",
    ],
    "titles": [
        "Mr. Okafor told Sen. Lindqvist that the dam was safe.",
        "Dr. Amara Bello, who built it, did not agree.",
        "Rep. Dana Whitcombe of Oregon asked to see the plans.",
    ],
    "numbered thing": ["Rule No. 2 is simpler than Rule No. 1: publish the minutes.", "Nobody has done so."],
    "hour": ["The vote closed at 9 p.m. on Tuesday, and by 11 p.m. the mayor had conceded.", "She slept badly."],
    "initials": [
        "Harriet J. Osgood's plan looks like the one that E. B. Lund dropped in 1994.",
        "It deserves the same fate.",
    ],
    "decimals": ["Growth fell from 3.4 to 1.9 percent.", "Rents rose by 12.5 percent, to $1,240.50 a month."],
    "curly quotation": ["“We never signed that treaty.”", "She left the room without her papers."],
    "quotation and speaker": [
        "“The harbour is ours, and it will stay ours,” the minister said.",
        "Few in the hall believed him.",
    ],
    "straight quotation at the end": [
        'The governor called the audit "a waste of ink."',
        "She will regret that phrase.",
    ],
    "enumeration": [
        "The council must (1) publish the contract; (2) recover the deposit; and (3) dismiss the director.",
        "All three can be done by spring.",
    ],
    "ellipsis": ["He promised reform, then a review, then … nothing.", "The villages are still waiting."],
    "dotted ellipsis": ["They spoke of honour, of duty ... and of pensions.", "We should listen to the last word."],
    "questions": ["Who pays for the bridge?", "Not the shipping lines!", "The towns on both banks do."],
    "colon and dash": [
        "There is one way out of the dispute: an arbiter whom both islands trust — and soon.",
        "Nothing else has worked.",
    ],
    "brackets": ["The ministry denies it.", "(It denied the last leak, too.)", "Its denials have lost their value."],
    "company": ["Northgate Inc. and Tallis Corp. fund the same lobby.", "Voters ought to be told."],
    "versus": ["This is not a question of town vs. country, as St. Aldwyn's newspapers claim.", "It is about water."],
    "month": ["On Jan. 14 the pumps failed.", "By Sept. 3 nobody spoke of it any more."],
}


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.load(shipped("models") / "en_opeds", exclude=["ner", "dates_and_money"])


def sentences(nlp: Language, text: str) -> list[str]:
    return [text for text in (sentence.text.strip() for sentence in nlp(text).sents) if text]


@pytest.mark.parametrize("case", PROSE.values(), ids=PROSE.keys())
def test_prose(nlp: Language, case: Case) -> None:
    assert sentences(nlp, " ".join(case)) == case


def test_a_heading_without_a_full_stop_is_a_sentence_of_its_own(nlp: Language) -> None:
    text = "Leave the Wetlands Alone\n\nBy Ines Farrow\n\nThe marsh floods every spring. It should.\n\nA better plan\n\nBuy land."
    assert sentences(nlp, text) == [
        "Leave the Wetlands Alone",
        "By Ines Farrow",
        "The marsh floods every spring.",
        "It should.",
        "A better plan",
        "Buy land.",
    ]


def test_hard_wrapped_lines_do_not_break_sentences(nlp: Language) -> None:
    text = (
        "The reservoir above the town was built for a climate that is gone, and\n"
        "the engineers who run it say so in private. They should say so in\n"
        "public. Every summer that passes makes the repair more expensive.\n\n"
        "There is money for it."
    )
    assert [" ".join(sentence.split()) for sentence in sentences(nlp, text)] == [
        "The reservoir above the town was built for a climate that is gone, and the engineers who run it say so in private.",
        "They should say so in public.",
        "Every summer that passes makes the repair more expensive.",
        "There is money for it.",
    ]


def test_list_items_are_sentences(nlp: Language) -> None:
    text = "Three things would help:\n- a ferry on Sundays\n- a school on the island\n- lower harbour fees\n\nNone is costly."
    assert sentences(nlp, text) == [
        "Three things would help:",
        "- a ferry on Sundays",
        "- a school on the island",
        "- lower harbour fees",
        "None is costly.",
    ]


def test_windows_line_ends(nlp: Language) -> None:
    assert sentences(nlp, "A Modest Toll\r\n\r\nCharge the lorries.\r\n\r\nSpare the buses.\r\n") == [
        "A Modest Toll",
        "Charge the lorries.",
        "Spare the buses.",
    ]


def test_no_sentence_is_white_space(nlp: Language) -> None:
    for text in ("\n\n \n First of all, thanks. \n\n\n \t\n Then work.\n\n", "   ", "", "\n"):
        assert all(sentence.text.strip() for sentence in nlp(text).sents if text.strip())


def test_a_zone_starts_a_sentence(nlp: Language) -> None:
    doc = nlp.make_doc("Tomas Brandl The ferry must run at night.")
    doc._.article_zones = ((0, 12), (13, len(doc.text)))
    assert [sentence.text for sentence in nlp(doc).sents] == ["Tomas Brandl", "The ferry must run at night."]


def test_layout_works_in_any_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("layout")
    nlp.add_pipe("sentencizer", config={"overwrite": False})
    assert [s.text.strip() for s in nlp("Bread and Water\n\nProtest is cheap. Bread is not.").sents] == [
        "Bread and Water",
        "Protest is cheap.",
        "Bread is not.",
    ]
