"""The command line as a user meets it: real files, the models that ship, processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from pipeline.cli.reference import reference

ROOT = Path(__file__).parent.parent
SEED = ROOT / "seeds" / "000_cd088403eb77dc4c.txt"
NOTE = "Ports fear long delays. The ministry must hire more pilots before winter."


def opclaims(*arguments: object, stdin: str | None = None, env: dict[str, str] | None = None):
    """Runs the command; returns the finished process."""
    command = [sys.executable, "-m", "pipeline", *map(str, arguments)]
    # a pipe is no terminal; nothing of the tester's own colours
    environment = {**os.environ, "COLUMNS": "100", **(env or {})}
    environment.pop("FORCE_COLOR", None)
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with two op-eds, run once; tests look at what is there and leave it as it was."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "seeds").mkdir()
    shutil.copy(SEED, folder / "seeds" / "mibae.txt")
    shutil.copy(ROOT / "tests" / "data" / "fisheries.txt", folder / "seeds")
    before = Path.cwd()
    os.chdir(folder)
    run = opclaims("run")
    assert run.returncode == 0, run.stderr
    yield folder, run
    os.chdir(before)


def test_run_writes_records_and_tells_what_it_found(workplace) -> None:
    folder, run = workplace
    records = [json.loads(line) for line in (folder / "outputs" / "claims.jsonl").read_text().splitlines()]
    assert [record["id"] for record in records] == ["seeds/fisheries.txt", "seeds/mibae.txt"]
    for line in ("2 articles to do", "concerns", "outputs/claims.jsonl written", "opclaims show"):
        assert line in run.stderr
    assert run.stdout == ""


def test_run_again_has_nothing_to_do(workplace) -> None:
    again = opclaims("run")
    assert again.returncode == 0
    assert again.stderr == "nothing to do: 2 articles unchanged in outputs/claims.jsonl\n"


def test_records_on_standard_output_are_those_in_the_file(workplace) -> None:
    folder, _ = workplace
    done = opclaims("run", "seeds", "-o", "-", "--quiet", "--jobs", "1")
    assert done.stdout == (folder / "outputs" / "claims.jsonl").read_text()
    assert done.stderr == ""


def test_standard_input_is_an_article(workplace) -> None:
    done = opclaims("run", "-", "-o", "-", "--quiet", stdin=NOTE)
    record = json.loads(done.stdout)
    assert record["text"] == NOTE
    assert ("recommendation", "The ministry must hire more pilots before winter.") in [
        (claim["label"], claim["text"]) for claim in record["claims"]
    ]


def test_bad_articles_are_named_and_the_rest_is_written(workplace, tmp_path) -> None:
    (tmp_path / "good.txt").write_text(NOTE)
    (tmp_path / "bad.txt").write_bytes(b"%PDF-1.4 ...")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    done = opclaims("run", tmp_path, "-o", tmp_path / "out" / "claims.jsonl")
    assert done.returncode == 1
    assert "bad.txt: this is a PDF" in done.stderr and "empty.md: it is empty" in done.stderr
    assert "1 files of other types left out" in done.stderr
    assert len((tmp_path / "out" / "claims.jsonl").read_text().splitlines()) == 1
    errors = [json.loads(line) for line in (tmp_path / "out" / "claims.errors.jsonl").read_text().splitlines()]
    assert [Path(error["path"]).name for error in errors] == ["bad.txt", "empty.md"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere"], "nowhere: no such file or folder"),
        (["run", "--model", "no/tagger"], "no/tagger: no claim tagger there"),
        (["run", "--config", "missing.toml"], "missing.toml: cannot read the configuration"),
        (["run", "--device", "abacus"], "unknown device 'abacus': choose one of auto, cpu, cuda"),
        (["run", "-o", "seeds"], "seeds: is a folder"),
        (["show", "nothing.jsonl"], "Run `opclaims run` first"),
        (["show", "--article", "nobody"], "no article whose id or title contains 'nobody'"),
        (["show", "--article", "seeds/"], "2 articles contain 'seeds/'"),
        (["show", "--label", "worry"], "the labels are concern, motivation, recommendation"),
        (["show", "--min-score", "1"], "no claims there of this kind and score"),
        (["show", "seeds/mibae.txt"], "seeds/mibae.txt, line 1: not a whole record"),
        (["evaluate", "seeds/mibae.txt"], "seeds/mibae.txt, line 1"),
        (["evaluate", "nothing.jsonl"], "nothing.jsonl: cannot be read"),
    ],
)
def test_mistakes_get_a_message_and_status_2(workplace, arguments, message) -> None:
    done = opclaims(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[models]\nspicy = 'x'\n", "unknown field `spicy`"),
        ("[run]\njobs = 'two'\n", "Expected `int`"),
        ("[models\n", "not a TOML file"),
        ("[models]\nspacy = 'en_no_such_pipeline'\n", "neither a folder nor an installed package"),
        ("[claims]\nthresholds = {worry = 0.5}\n", "the labels are concern, motivation, recommendation"),
    ],
)
def test_mistakes_in_the_configuration(workplace, tmp_path, content, message) -> None:
    (tmp_path / "mine.toml").write_text(content)
    done = opclaims("run", "--config", tmp_path / "mine.toml", "-o", tmp_path / "claims.jsonl")
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "claims.jsonl").exists()


def test_another_spacy_pipeline_by_configuration(workplace, tmp_path) -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Ports"}])
    nlp.to_disk(tmp_path / "mine")
    (tmp_path / "mine.toml").write_text(f"[models]\nspacy = '{(tmp_path / 'mine').as_posix()}'\n")
    done = opclaims("run", "-", "-o", "-", "--config", tmp_path / "mine.toml", stdin=NOTE)
    record = json.loads(done.stdout)
    assert [(entity["text"], entity["label"]) for entity in record["entities"]] == [("Ports", "ORG")]
    sentences = [record["text"][sentence["start"] : sentence["end"]] for sentence in record["sentences"]]
    assert sentences == ["Ports fear long delays.", "The ministry must hire more pilots before winter."]


def test_a_changed_configuration_does_all_again_and_says_why(workplace, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(NOTE)
    (tmp_path / "mine.toml").write_text("[claims]\nthresholds = {concern = 0.99}\n")
    opclaims("run", tmp_path / "a.txt", "-o", tmp_path / "claims.jsonl")
    done = opclaims("run", tmp_path / "a.txt", "-o", tmp_path / "claims.jsonl", "--config", tmp_path / "mine.toml")
    assert "doing again what was done before: the configuration changed" in done.stderr


def test_show_groups_claims_by_kind(workplace) -> None:
    shown = opclaims("show", "--article", "mibae").stdout
    assert shown.startswith(
        "The U.S. and Its Allies Need to Understand China's North Korea Policy\nTaisuke Mibae, 2018-12-24"
    )
    assert shown.index("! CONCERNS (") < shown.index("+ MOTIVATIONS (") < shown.index("> RECOMMENDATIONS (")
    assert "\x1b" not in shown


def test_show_filters(workplace) -> None:
    shown = opclaims("show", "-l", "recommendations", "--min-score", "0.6").stdout
    assert "RECOMMENDATIONS" in shown and "CONCERNS" not in shown
    scores = [float(line.split()[0]) for line in shown.splitlines() if line.startswith("  0.")]
    assert scores and min(scores) >= 0.6


def test_show_json_is_a_claim_a_line(workplace) -> None:
    claims = [json.loads(line) for line in opclaims("show", "--article", "mibae", "--json").stdout.splitlines()]
    text = SEED.read_text(encoding="utf-8")
    assert claims and all(text[claim["start"] : claim["end"]] == claim["text"] for claim in claims)
    assert {claim["article"] for claim in claims} == {"seeds/mibae.txt"}


def test_show_prints_no_terminal_escapes(workplace, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(
        "\x1b[31mBeware\x1b[0m\n\nThe \u202eministry must stop \x07this at once, or people will die."
    )
    opclaims("run", tmp_path / "a.txt", "-o", tmp_path / "claims.jsonl")
    shown = opclaims("show", tmp_path / "claims.jsonl").stdout
    assert "must stop" in shown
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_show_into_a_closed_pipe_is_quiet(workplace) -> None:
    command = f"{sys.executable} -m pipeline show | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stderr == ""


def test_a_damaged_result_is_named_by_line(workplace, tmp_path) -> None:
    folder, _ = workplace
    lines = (folder / "outputs" / "claims.jsonl").read_text().splitlines()
    (tmp_path / "torn.jsonl").write_text(lines[0] + "\n" + lines[1][:100])
    done = opclaims("show", tmp_path / "torn.jsonl")
    assert done.returncode == 2 and "torn.jsonl, line 2: not a whole record" in done.stderr


def test_schema_describes_what_run_writes(workplace) -> None:
    folder, _ = workplace
    schema = json.loads(opclaims("schema").stdout)
    for line in (folder / "outputs" / "claims.jsonl").read_text().splitlines():
        jsonschema.Draft202012Validator(schema).validate(json.loads(line))


def test_info_tells_versions_models_and_figures(workplace) -> None:
    told = opclaims("info").stdout
    for word in ("opclaims", "spacy", "openvino", "claim tagger", "en_opeds-", "thresholds", "macro_f1"):
        assert word in told


def test_evaluate_runs_the_pipeline_or_takes_its_records(workplace, tmp_path) -> None:
    start = NOTE.index("The ministry")
    gold = {
        "id": "note",
        "text": NOTE,
        "sentences": [[0, start - 1], [start, len(NOTE)]],
        "claims": [
            {"label": "concern", "start": 0, "end": start - 1, "holder": "ports"},
            {"label": "recommendation", "start": start, "end": len(NOTE), "holder": "author", "addressee": "ministry"},
        ],
        "thesis": [start, len(NOTE)],
        "key": [[start, len(NOTE)]],
        "entities": None,
    }
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    (tmp_path / "note.txt").write_text(NOTE)
    opclaims("run", tmp_path / "note.txt", "-o", tmp_path / "claims.jsonl")
    ours = opclaims("evaluate", tmp_path / "gold.jsonl", "--json").stdout
    theirs = opclaims("evaluate", tmp_path / "gold.jsonl", tmp_path / "claims.jsonl", "--json").stdout
    assert json.loads(ours) == json.loads(theirs)
    assert json.loads(ours)["labels"]["recommendation"]["f1"] == 1.0
    assert "recommendation     P 1.000  R 1.000  F1 1.000" in opclaims("evaluate", tmp_path / "gold.jsonl").stdout


def test_help_needs_no_heavy_library(workplace) -> None:
    code = "import sys; from pipeline.cli.app import app; print(sorted({'spacy', 'openvino', 'transformers', 'datasets', 'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    assert opclaims().returncode == 2 and "Usage: opclaims" in opclaims("--help").stdout
    assert opclaims("--version").stdout.startswith("opclaims 0.")


def test_the_command_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference(), "run `make docs`"
