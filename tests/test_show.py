"""What ``opclaims show`` prints of results, without any model."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pipeline import record
from pipeline.errors import OpclaimsError
from pipeline.show import context, show

TEXT = """A Title

The town fears floods. It wants a dam. Engineers must build it soon. Nobody else will.

Another paragraph begins here. The mayor should pay for it, or else.
"""
SENTENCES = [
    (0, "A Title"),
    (1, "The town fears floods."),
    (1, "It wants a dam."),
    (1, "Engineers must build it soon."),
    (1, "Nobody else will."),
    (2, "Another paragraph begins here."),
    (2, "The mayor should pay for it, or else."),
]
CLAIMS = [
    ("concern", "The town fears floods.", 0.9),
    ("motivation", "It wants a dam.", 0.8),
    ("recommendation", "Engineers must build it soon.", 0.7),
    ("recommendation", "The mayor should pay for it", 0.6),
]
MADE_BY = record.ProducedBy(opclaims="0", spacy_model="fake", tagger="fake", config_sha256="0")


def article(id="dams.txt", title="A Title", text=TEXT) -> record.ArticleRecord:
    """A record made by hand."""
    sentences = [(paragraph, text.index(words), words) for paragraph, words in SENTENCES]
    scores = record.Scores(concern=0.5, motivation=0.5, recommendation=0.5)
    claims = []
    for number, (label, words, score) in enumerate(CLAIMS, start=1):
        start = text.index(words)
        sentence = max(place for place, (_, begin, _) in enumerate(sentences) if begin <= start)
        claims.append(
            record.Claim(
                id=f"c{number}",
                label=label,
                start=start,
                end=start + len(words),
                text=words,
                sentence=sentence,
                score=score,
            )
        )
    return record.ArticleRecord(
        schema="opclaims/1",
        id=id,
        title=title,
        author="Ann Author",
        date="2020-01-02",
        url=None,
        source=record.Source(path=id, sha256="0", media_type="text/plain"),
        text=text,
        zones=(),
        sentences=tuple(
            record.Sentence(start=start, end=start + len(words), paragraph=paragraph, scores=scores)
            for paragraph, start, words in sentences
        ),
        entities=(),
        claims=tuple(claims),
        thesis=None,
        actors=(),
        summary=record.Summary(thesis=None, concerns=(), motivations=(), recommendations=()),
        produced_by=MADE_BY,
    )


@pytest.fixture
def results(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "outputs" / "claims.jsonl"
    path.parent.mkdir()
    path.write_bytes(record.encode(article()) + record.encode(article("ports.txt", "Ports")))
    return path


def printed(*arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "pipeline", "show", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "", **environment}, check=True)
    return done.stdout


def test_an_article_by_kind_a_claim_a_line(results) -> None:
    assert printed("--article", "dams") == (
        "A Title\n"
        "Ann Author, 2020-01-02, dams.txt\n"
        "\n"
        "! CONCERNS (1)\n"
        "  0.90 The town fears floods.\n"
        "\n"
        "+ MOTIVATIONS (1)\n"
        "  0.80 It wants a dam.\n"
        "\n"
        "> RECOMMENDATIONS (2)\n"
        "  0.70 Engineers must build it soon.\n"
        "  0.60 The mayor should pay for it\n"
    )


def test_context_is_told_from_the_claim_by_brackets_where_there_is_no_colour(results) -> None:
    shown = printed("--article", "dams", "--label", "recommendation", "--context")
    assert "0.70 It wants a dam. [Engineers must build it soon.] Nobody else will.\n" in shown
    assert "0.60 Another paragraph begins here. [The mayor should pay for it] , or else.\n" in shown


def test_colours_where_they_are_asked_for(results) -> None:
    coloured = printed("--article", "dams", FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[1;31m! CONCERNS (1)" in coloured and "\x1b[2mIt wants a dam." in coloured
    plain = printed("--article", "dams", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color")
    assert "31m" not in plain and "[It wants a dam.]" in plain


def test_lines_of_a_width(results) -> None:
    shown = printed("--context", "--width", "40")
    assert max(map(len, shown.splitlines())) <= 40


def test_context_stays_in_the_paragraph_and_is_cut_between_words() -> None:
    dams = article()
    fears, wants, _, pay = dams.claims
    assert context(dams, fears) == ("", "It wants a dam.")
    assert context(dams, wants) == ("The town fears floods.", "Engineers must build it soon.")
    assert context(dams, wants, characters=12) == ("… floods.", "Engineers …")
    assert context(dams, pay) == ("Another paragraph begins here.", ", or else.")


def test_claims_of_kinds_and_scores(results) -> None:
    (_, dams), (_, ports) = show(results, labels=["concern", "recommendation"], min_score=0.7)
    assert [claim.id for claim in dams] == [claim.id for claim in ports] == ["c1", "c3"]


def test_an_article_by_any_unique_part_of_id_or_title(results) -> None:
    assert [one.id for one, _ in show(results, article="PORTS")] == ["ports.txt"]
    assert [one.id for one, _ in show(results, article="title")] == ["dams.txt"]
    with pytest.raises(OpclaimsError, match=r"2 articles contain '\.txt': dams\.txt, ports\.txt"):
        list(show(results, article=".txt"))
    with pytest.raises(OpclaimsError, match="no article whose id or title contains 'rails'"):
        list(show(results, article="rails"))


def test_json_is_a_claim_a_line_and_nothing_if_there_is_none(results) -> None:
    claims = [json.loads(line) for line in printed("--json", "-l", "concern").splitlines()]
    assert [(claim["article"], claim["id"], claim["text"]) for claim in claims] == [
        ("dams.txt", "c1", "The town fears floods."),
        ("ports.txt", "c1", "The town fears floods."),
    ]
    assert printed("--json", "--min-score", "1") == ""


def test_what_a_text_would_do_to_a_terminal_is_not_done(results) -> None:
    evil = "\x1b]0;owned\x07 \x9b31m \u202e"
    results.write_bytes(record.encode(msgspec.structs.replace(article(), title=f"Bad {evil}", author=evil, id=evil)))
    shown = printed()
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert shown.startswith("Bad \ufffd]0;owned\ufffd")


def test_results_that_are_missing_or_damaged(results) -> None:
    with pytest.raises(OpclaimsError, match="Run `opclaims run` first"):
        list(show(Path("nothing.jsonl")))
    results.write_bytes(results.read_bytes()[:-10])
    with pytest.raises(OpclaimsError, match="line 2: not a whole record"):
        list(show(results))


def test_a_closed_pipe_is_no_error(results) -> None:
    results.write_bytes(results.read_bytes() * 500)
    for option in ("", "--json"):
        command = f"{sys.executable} -m pipeline show {option} | head -n 1 && exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_explained(results) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", "show"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "opclaims: the output cannot be written: No space left on device.\n"
