"""The parts of an op-ed, in a dozen layouts of our own and in the user's seed."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Reading
from pipeline.reading import Article, article_from_text, find_inputs, read_article

ROOT = Path(__file__).parent.parent
SEED = "seeds/000_cd088403eb77dc4c.txt"

# name: (title, author, date), then each zone's kind with its first and last words
EXPECTED = {
    SEED: (
        ("The U.S. and Its Allies Need to Understand China's North Korea Policy", "Taisuke Mibae", "2018-12-24"),
        "date 24 December 2018",
        "title The U.S. .. Korea Policy",
        "byline By Taisuke Mibae",
        "body Japanese Prime Minister .. of North Korea.",
        "bio Taisuke Mibae is a visiting .. Japanese government.",
        "boilerplate No comments:",
    ),
    "fisheries.txt": (
        ("Let the Cod Come Back Before the Boats Do", "Ingrid Solheim-Maas", "2019-03-14"),
        "date 14 March 2019",
        "title Let the Cod .. Boats Do",
        "byline By Ingrid Solheim-Maas",
        "body For three winters .. in the dark.",
        "bio Ingrid Solheim-Maas is a marine .. her institute.",
        "boilerplate No comments:",
    ),
    "housing.md": (
        ("Build Where the Trains Already Stop", "Tomas Arreguin, Beatrice Oyelaran", "2021-05-03"),
        "boilerplate --- .. ---",
        "title Build Where .. Already Stop",
        "byline *By Tomas .. Oyelaran*",
        "body Rents in Port Alder .. housing them.",
        "boilerplate ---",
        "bio *Tomas Arreguin is .. State College.*",
    ),
    "central_bank.txt": (
        ("The Bank That Blinked", "Nadia Feroze", "2023-11-06"),
        "title The Bank That Blinked",
        "body Why Wellmark's rate .. too soon",
        "byline Nadia Feroze | The Ledger",
        "date 6 November 2023",
        "body The Bank of Wellmark cut .. fooling itself.",
        "boilerplate (c) 2023 .. reserved.",
    ),
    "wrapped.txt": (
        ("SCHOOLS CANNOT TEACH WHAT THEY CANNOT SEE", "Jonas Webb", "2022-09-08"),
        "title SCHOOLS CANNOT .. CANNOT SEE",
        "byline By JONAS WEBB, .. Courier",
        "date Published: September .. a.m.",
        "body When the inspectors .. to see.",
        "byline -- Jonas Webb",
        "bio Jonas Webb teaches .. County.",
    ),
    "port_pasted.txt": (
        ("The Harbour Needs a Cleaner, Not a Bigger, Port", "Lucía Fernández-Ortiz", None),
        "boilerplate Opinion",
        "title The Harbour .. Port",
        "boilerplate Share this .. Email",
        "byline By Lucía Fernández-Ortiz",
        "boilerplate 5 min read",
        "body Every summer .. Mediterranean.",
        "boilerplate Advertisement",
        "body The neighbours .. away as well.",
        "boilerplate Read more: .. trees",
        "body Before a single .. had dried.",
        "bio Lucía Fernández-Ortiz is .. Limpio.",
        "boilerplate Related articles .. 24 comments",
    ),
    "ai_no_title.txt": ((None, None, None), "body Last month a hospital .. sent home."),
    "taiwan_strait.txt": (
        ("Small Islands, Long Shadows", "Rafael Ocampo-Lim, Hanae Shirakawa", "2024-08-12"),
        "title Small Islands, .. Shadows",
        "body What Tokyo .. Each Other",
        "date Published on Monday, .. 2024",
        "byline By Dr. Rafael .. Shirakawa",
        "body Japan and the Philippines have .. Honolulu.",
        "bio Rafael Ocampo-Lim is a fellow .. Pacific Quarterly.",
    ),
    "buses_signature.txt": (
        ("Give the Night Bus Back", "Dermot Keogh", "2020-10-02"),
        "title Give the .. Back",
        "body The council of Eastmoor .. who ride.",
        "byline — Dermot Keogh",
        "date 2 October 2020",
    ),
    "water_crlf.txt": (
        ("Water Is Not a Weapon", "Leyla Haddad-Moreau", None),
        "title Water Is .. Weapon",
        "date 03.02.2017",
        "byline by Leyla Haddad-Moreau",
        "body The dam at Kesra .. can stop.",
        "bio The author is .. Lyon.",
    ),
    "bookshop_cp1252.txt": (
        ("Keep the Bookshop Open", "René Lefèvre-Smith", "2016-04-22"),
        "title Keep the .. Open",
        "byline By René Lefèvre-Smith",
        "date 22 April 2016",
        "body On the Rue .. pays for itself.",
        "bio René Lefèvre-Smith writes .. towns.",
    ),
    "sirens_bom.txt": (
        ("Bring Back the Sirens", "Odalys Brandt", "2018-12-01"),
        "title Bring Back .. Sirens",
        "body Por qué importa: .. warnings",
        "date December 1, 2018",
        "byline By Odalys Brandt",
        "body When the fire came .. use them.",
        "bio About the author .. twenty-two years.",
    ),
    "clinics_bullets.txt": (
        ("THE LAST CLINIC BEFORE THE MOUNTAINS", "Amara Lindqvist-Bello", "2024-02-09"),
        "title THE LAST .. MOUNTAINS",
        "byline 9 February 2024 by Amara Lindqvist-Bello",
        "body On Thursday the clinic .. child cry.",
        "bio The writer is .. her own.",
    ),
    "tariffs_navigation.txt": (
        ("The Washing Machine War Nobody Wins", "Mireille Okonkwo-Lindt", "2025-06-17"),
        "boilerplate Skip to .. > Trade",
        "title The Washing .. Nobody Wins",
        "byline Mireille Okonkwo-Lindt",
        "date 17 June 2025",
        "boilerplate Save this article Tweet",
        "body The trade minister .. their picture.",
        "boilerplate Subscribe to our newsletter",
        "body The minister’s motives .. plants here.",
        "boilerplate Sponsored content",
        "body It is the last .. for ever.",
        "bio Mireille Okonkwo-Lindt is .. House”.",
        "boilerplate Posted in: .. reserved.",
    ),
    "climate_standfirst.txt": (
        ("Insure the Orchard, Not the Drought", "Piotr Zielonka", "2022-07-30"),
        "title Insure the .. Drought",
        "body Subsidised crop .. the money.",
        "byline Written by Piotr Zielonka",
        "date Last updated .. 2022",
        "body In the valley .. us twelve.",
        "bio Piotr Zielonka is .. @pzielonka",
        "boilerplate Tags: climate, .. insurance",
    ),
}


def read(name: str) -> Article:
    path = ROOT / name if name == SEED else ROOT / "tests" / "data" / name
    return read_article(find_inputs([str(path)]).inputs[0], Reading())


@pytest.mark.parametrize("name", EXPECTED)
def test_zones_and_metadata(name) -> None:
    article = read(name)
    metadata, *zones = EXPECTED[name]
    assert (article.title, article.author, article.date) == metadata
    assert [zone.kind.value for zone in article.zones] == [zone.split()[0] for zone in zones]
    for zone, expected in zip(article.zones, zones, strict=True):
        text = " ".join(article.text[zone.start : zone.end].split())
        first, _, last = expected.split(" ", 1)[1].partition(" .. ")
        assert text.startswith(first)
        assert text.endswith(last or first) and (last or text == first)


def test_every_file_of_the_test_data_is_expected_somewhere() -> None:
    files = {path.name for path in (ROOT / "tests" / "data").iterdir() if path.name != "README.md"}
    assert files == set(EXPECTED) - {SEED}


def kinds(*paragraphs: str) -> list[str]:
    article = article_from_text("\n\n".join(paragraphs), id="a")
    return [zone.kind.value for zone in article.zones]


PROSE = "The ferry to Holm runs twice a day, and the people on the island have learnt to live by it. " * 3


@pytest.mark.parametrize(
    ("line", "iso"),
    [
        ("24 December 2018", "2018-12-24"),
        ("Dec. 24, 2018", "2018-12-24"),
        ("December 24th, 2018", "2018-12-24"),
        ("2018-12-24", "2018-12-24"),
        ("Monday 24 December 2018 06.00 GMT", "2018-12-24"),
        ("Published: March 3, 2021 at 5:00 p.m.", "2021-03-03"),
        ("Last modified on Tue 4 Sept 2018 11.43 BST", "2018-09-04"),
        ("31/12/2018", "2018-12-31"),
        ("12/31/2018", "2018-12-31"),
        ("03/04/2018", None),  # the third of April, or the fourth of March
        ("31 February 2018", None),
        ("Updated Friday, March 9, at dusk", None),
    ],
)
def test_dates(line, iso) -> None:
    article = article_from_text(f"A Title for the Ferry\n\n{line}\n\n{PROSE}", id="a")
    assert [zone.kind for zone in article.zones] == ["title", "date", "body"]
    assert article.date == iso


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("by JANE DOE and KOFI A. MENSAH, Special to the Bee", "Jane Doe, Kofi A. Mensah"),
        ("Words by Anne-Marie O’Neill", "Anne-Marie O’Neill"),
        ("Author: Ludwig van der Berg", "Ludwig van der Berg"),
        ("By Dr. Siddhartha Rao | The Daily", "Siddhartha Rao"),
        ("By Jane Doe, The Daily Herald", "Jane Doe"),
        ("By Jane Doe COASTAL PRESS SERVICE", "Jane Doe"),
        ("Jane Doe | The Daily", "Jane Doe"),
        ("*By [Jane Doe](https://example.org/jane)*", "Jane Doe"),
        ("Dec. 24, 2018 by Jane Doe", "Jane Doe"),
        ("Jane Doe, 24 December 2018", "Jane Doe"),
    ],
)
def test_bylines(line, author) -> None:
    article = article_from_text(f"A Title for the Ferry\n\n{line}\n\n{PROSE}", id="a")
    assert [zone.kind for zone in article.zones] == ["title", "byline", "body"]
    assert article.author == author


@pytest.mark.parametrize(
    "paragraph",
    [
        "By 2030 the town must run on wind.",
        "By Monday the ministers should decide.",
        "Share the burden: that is what the island asks.",
        "Share this burden.",
        "Save this river!",
        "Register to vote.",
        "Back to the negotiating table.",
        "Copyright is broken, and the publishers fear for their living.",
        "Privacy policy is failing children.",
        "Support for Ukraine’s membership of the Union has grown, for you never know who is next.",
        "Every school should send its parents a newsletter.",
        "(c) Fishing from the quay is forbidden at night.",
        "Pollsters at Reuters/Gauge find that the islanders fear the new fare.",
        "The author of the plan should resign.",
        "The author has missed the point, and the island will pay for it.",
        "This story is part of a larger failure, which frightens the island.",
        "Jane Doe is a fellow who should know better, and the council must tell her so.",
        "Follow them and we shall all be poorer.",
        "Comments by the minister frightened the market.",
        "Subscribers will pay for it in the end.",
        "Tweets are not a policy.",
        "Read more, and argue less.",
    ],
)
def test_claims_are_not_taken_for_something_else(paragraph) -> None:
    assert set(kinds("A Title for the Ferry", PROSE, paragraph)) == {"title", "body"}
    assert set(kinds("A Title for the Ferry", PROSE, paragraph, PROSE)) == {"title", "body"}


@pytest.mark.parametrize(
    "paragraph",
    [
        "Jane Doe is a senior fellow at the Heron Institute.",
        "— Jane Doe is editor of The Tide.",
        "• Jane Doe, a former pilot, is the author of “Slack Water”.",
        "Dr. Jane Doe (@janedoe) is director of ferries at the Heron Institute.",
        "Jane Doe can be reached at jane@example.org",
        "Jane Doe’s latest book is “Slack Water”.",
        "The author is an engineer in Holm.",
        "The views expressed in this article are the author’s own.",
        "This article was originally published in The Tide.",
        "(A version of this piece first appeared in The Tide)",
        "Correction, 3 May 2017: The ferry was launched in 1961, not in 1916.",
        "Update: This story has been updated with the minister’s answer.",
        "[Editor’s note: the author advised the council without pay.]",
    ],
)
def test_what_closes_an_article_is_its_bio(paragraph) -> None:
    assert kinds("A Title for the Ferry", PROSE, paragraph) == ["title", "body", "bio"]


def test_an_actor_of_the_article_is_not_its_author() -> None:
    closing = "Maria Holt is the minister of transport, and the island is afraid of her."
    about_her = f"Maria Holt came on the ferry. {PROSE}"
    assert kinds("A Title for the Ferry", about_her, closing) == ["title", "body"]
    assert kinds("A Title for the Ferry", "By Jane Doe", about_her, closing) == ["title", "byline", "body"]
    assert kinds("A Title for the Ferry", "By Maria Holt", PROSE, closing) == ["title", "byline", "body", "bio"]


@pytest.mark.parametrize(
    "line",
    [
        "No comments:",
        "24 comments",
        "Share this article",
        "Tweet",
        "Facebook | Twitter | Email",
        "Subscribe to our newsletter",
        "Sign up for our daily newsletter",
        "[Subscribe](https://example.org/subscribe)",
        "Advertisement",
        "ADVERTISEMENT",
        "Article continues below",
        "Read more: How the ferry lost its captain",
        "RELATED: The Captain Must Go",
        "Related articles",
        "5 min read",
        "1.2K shares",
        "© 2018 The Tide. All rights reserved.",
        "Copyright 2018 The Tide",
        "The ferry at Holm, March 2018. (Ana Reyes/Reuters)",
        "Photo: Ana Reyes",
        "* * *",
        "https://example.org/ferry",
    ],
)
def test_furniture_is_boilerplate_wherever_it_stands(line) -> None:
    assert kinds("A Title for the Ferry", PROSE, line) == ["title", "body", "boilerplate"]
    assert kinds("A Title for the Ferry", PROSE, line, PROSE) == ["title", "body", "boilerplate", "body"]
    assert kinds(line, "A Title for the Ferry", PROSE) == ["boilerplate", "title", "body"]


def test_the_last_word_of_a_wrapped_paragraph_is_no_furniture() -> None:
    wrapped = "The council has closed the harbour office, and it no longer answers\ncomments."
    assert kinds("A Title for the Ferry", wrapped, PROSE) == ["title", "body"]


def test_line_ends_tabs_and_invisible_characters_change_no_zone() -> None:
    plain = f"A Title for the Ferry\n\nBy Jane Doe\n\n24 December 2018\n\n{PROSE}\n\nNo comments:\n"
    expected = article_from_text(plain, id="a")
    for other in (
        plain.replace("\n", "\r\n"),
        plain.replace("\n", "\r"),
        plain.replace("\n\n", "\n\t\n\xa0\n"),
        plain.replace(" ", "\xa0"),
        "\u200b" + plain.replace("\n\n", "\u200b\n\n\u200e"),
    ):
        article = article_from_text(other, id="a")
        assert [zone.kind for zone in article.zones] == [zone.kind for zone in expected.zones]
        assert (article.title, article.author, article.date) == ("A Title for the Ferry", "Jane Doe", "2018-12-24")


def test_an_article_in_arabic_keeps_its_title_and_body() -> None:
    article = article_from_text(
        "العبّارة حقّ لأهل الجزيرة\n\n" + "يخشى أهل الجزيرة أن تتوقف العبّارة عن العمل. " * 5, id="a"
    )
    assert [zone.kind for zone in article.zones] == ["title", "body"]
    assert article.title == "العبّارة حقّ لأهل الجزيرة"


def test_a_first_paragraph_is_no_title() -> None:
    assert kinds(PROSE, PROSE) == ["body"]
    assert kinds("The ferry stopped on Tuesday.", PROSE) == ["body"]
    assert kinds("A single line without a stop") == ["body"]
    assert kinds("“Who pays? The island does.”", PROSE) == ["body"]
    assert kinds("The quay at Holm in winter (Ana Reyes)", PROSE) == ["body"]


def test_a_title_may_end_with_a_full_stop_where_a_byline_or_a_date_shows_that_it_is_one() -> None:
    assert kinds("The island can wait. Really.", "By Jane Doe", PROSE) == ["title", "byline", "body"]
    article = article_from_text(f"The island can wait.\n\n{PROSE}", id="a", title="The Island Can Wait.")
    assert [zone.kind for zone in article.zones] == ["title", "body"]


def test_what_is_known_of_an_article_overrules_what_is_recognised() -> None:
    text = f"A Title for the Ferry\n\nBy Jane Doe\n\n{PROSE}\n\nRoe is a sailor."
    article = article_from_text(text, id="a", author="Ann Roe", date="May 5, 2020", url="https://example.org")
    assert (article.title, article.author, article.date) == ("A Title for the Ferry", "Ann Roe", "2020-05-05")
    assert [zone.kind for zone in article.zones] == ["title", "byline", "body", "bio"]


@pytest.mark.parametrize("date", ["last Tuesday", "03/04/2018"])
def test_a_given_date_that_is_not_understood_is_told(date) -> None:
    article = article_from_text(PROSE, id="a", date=date)
    assert article.date is None
    assert article.notes == (f"date not understood: {date!r}. Write it as 2018-12-24.",)


def test_front_matter_overrules_what_was_recognised() -> None:
    text = (
        "---\ntitle: Given\nauthor: A. Given\ndate: 5 May 2020\nid: mine\n---\nA Title\n\nBy Jane Doe\n\n1 May 2019\n\n"
        + PROSE
    )
    article = article_from_text(text, id="a")
    assert (article.id, article.title, article.author, article.date) == ("mine", "Given", "A. Given", "2020-05-05")
    assert article.text == text


@pytest.mark.parametrize("block", ["title: [unclosed", "a: &x [1]\nb: *x"])
def test_front_matter_that_is_no_yaml_is_told_and_passed_over(block) -> None:
    article = article_from_text(f"---\n{block}\n---\n\nA Title\n\n{PROSE}", id="a")
    assert article.title == "A Title"
    assert "front matter ignored" in article.notes[0]


def test_front_matter_may_have_ampersands_and_asterisks() -> None:
    article = article_from_text(f"---\ntitle: Ships &Boats *and* more\ndate: 2018\n---\n\n{PROSE}", id="a")
    assert (article.title, article.date, article.notes) == ("Ships &Boats *and* more", "2018", ())


def test_a_rule_is_no_front_matter() -> None:
    assert article_from_text(f"---\n\n{PROSE}\n\n---\n\n{PROSE}", id="a").title is None


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8"), max_size=40),
            st.sampled_from(
                [
                    "By Jane Doe",
                    "24 December 2018",
                    "No comments:",
                    "# Heading",
                    "---",
                    "Advertisement",
                    PROSE,
                    "— Jane Doe",
                ]
            ),
        ),
        min_size=1,
        max_size=20,
    )
    .map("\n".join)
    .filter(str.strip)
)
def test_zones_of_any_text_are_in_order_and_nothing_is_cut(text) -> None:
    article = article_from_text(text, id="a")
    assert article.text == text
    position = 0
    for zone in article.zones:
        assert position <= zone.start < zone.end <= len(text)
        assert text[zone.start : zone.end].strip() == text[zone.start : zone.end]
        position = zone.end
    assert {"title", "body"} & {zone.kind.value for zone in article.zones} or article.zones


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "A ",
        "A. B. ",
        "A, ",
        "and A ",
        "(",
        "1 ",
        "Jan 1 ",
        "- ",
        "[x](y",
        "support your ",
        "Aa Bb is a ",
        "\u200b",
    ],
)
def test_hostile_lines_take_no_time(piece) -> None:
    line = piece * (1_000_000 // len(piece))
    for text in ("By " + line, f"A Title\n\n{line}\n\n— {line}\n\nJane {line}"):
        start = time.perf_counter()
        article_from_text(text, id="a", limits=Reading(max_characters=len(text), max_word=len(text)))
        assert (
            time.perf_counter() - start < 60
        )  # a second; time that grows with the square of the length would be hours
