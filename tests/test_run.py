"""A run: order, what is done again, what a failing article does to the others, and being killed."""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from fakes import MADE_BY, FakeProcessor

from pipeline.config import Config
from pipeline.config import Run as RunSettings
from pipeline.errors import OpclaimsError
from pipeline.run import Progress, RunSummary, run

SCRIPT = Path(__file__).parent / "run_fake.py"


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> Path:
    """Ten small articles in ``op-eds/`` below the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "op-eds"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number:02}.txt").write_text(f"Article {number} fears a thing.\n")
    return folder


def go(inputs="op-eds", output="claims.jsonl", *, jobs=1, made_by=MADE_BY, progress=None, fresh=False) -> RunSummary:
    config = msgspec.structs.replace(Config(), run=RunSettings(jobs=jobs, batch_size=3))
    inputs = [inputs] if isinstance(inputs, str) else inputs
    return run(inputs, Path(output), config, factory=FakeProcessor, produced_by=made_by, progress=progress, fresh=fresh)


def lines(output="claims.jsonl") -> list[dict]:
    return [json.loads(line) for line in Path(output).read_text().splitlines()]


def ids(output="claims.jsonl") -> list[str]:
    return [line["id"] for line in lines(output)]


def left_behind() -> list[str]:
    """Files beside the output that a finished run should not leave."""
    return [path.name for path in Path().iterdir() if path.is_file() and not path.name.endswith((".jsonl", ".lock"))]


def test_one_line_an_article_in_the_order_of_the_inputs(corpus) -> None:
    summary = go()
    assert ids() == [f"op-eds/{number:02}.txt" for number in range(10)]
    assert (summary.articles, summary.failures, summary.claims["concern"]) == (10, 0, 10)
    assert left_behind() == []


def test_processes_write_the_same_bytes_as_one(corpus) -> None:
    go(output="one.jsonl")
    go(output="two.jsonl", jobs=2)
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()


def test_an_unchanged_corpus_is_no_work(corpus, monkeypatch) -> None:
    go()
    before = Path("claims.jsonl").stat()
    monkeypatch.setenv("OPCLAIMS_TEST_LOG", "log")
    summary = go()
    assert not summary.changed and summary.reused == 10
    assert not Path("log").exists(), "the models were loaded"
    after = Path("claims.jsonl").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_change_touches_its_own_line_only(corpus) -> None:
    go()
    before = Path("claims.jsonl").read_bytes().splitlines()
    (corpus / "03.txt").write_text("Another text altogether.\n")
    (corpus / "05.txt").unlink()
    (corpus / "07a.txt").write_text("A new article.\n")
    summary = go()
    after = Path("claims.jsonl").read_bytes().splitlines()
    assert (summary.articles, summary.reused, summary.removed) == (10, 8, 1)
    assert after[:3] + after[4:7] + after[8:] == before[:3] + before[4:5] + before[6:8] + before[8:]
    assert b"Another text" in after[3] and b"A new article" in after[7]


def test_another_model_does_all_again_and_says_why(corpus) -> None:
    class Hears(Progress):
        reasons: tuple[str, ...] = ()

        def redone(self, reasons) -> None:
            self.reasons = tuple(reasons)

    go()
    hears = Hears()
    summary = go(made_by=msgspec.structs.replace(MADE_BY, tagger="fake-2"), progress=hears)
    assert summary.reused == 0
    assert hears.reasons == ("the claim tagger changed (was fake-1, is fake-2)",)


def test_fresh_does_all_again(corpus) -> None:
    go()
    assert go(fresh=True).reused == 0
    Path("claims.jsonl").write_text("rubbish\n")
    go(fresh=True)
    assert len(ids()) == 10


def test_articles_that_fail_leave_the_others_alone(corpus) -> None:
    (corpus / "02.txt").write_text("   \n")
    (corpus / "04.txt").write_text("This one will FAIL.\n")
    (corpus / "06.txt").write_bytes(b"%PDF-1.7 \x00\x01")
    (corpus / "08.txt").chmod(0)
    expected = {"02": "read", "04": "process", "06": "read"}
    if os.geteuid():  # root reads everything
        expected["08"] = "read"
    summary = go(jobs=2)
    failures = lines("claims.errors.jsonl")
    assert {Path(failure["path"]).stem: failure["stage"] for failure in failures} == expected
    assert all(failure["reason"] for failure in failures)
    assert summary.failures == len(expected) and len(ids()) == 10 - len(expected)

    for name in expected:
        (corpus / f"{name}.txt").unlink()
    (corpus / "new.txt").write_text("A new article.\n")
    go()
    assert not Path("claims.errors.jsonl").exists(), "errors of an earlier run were left"


def test_a_failed_article_is_tried_again_without_touching_the_output(corpus) -> None:
    (corpus / "02.txt").write_text("")
    go()
    before = Path("claims.jsonl").stat().st_mtime_ns
    summary = go()
    assert (summary.failures, summary.reused, summary.changed) == (1, 9, False)
    assert Path("claims.jsonl").stat().st_mtime_ns == before
    assert lines("claims.errors.jsonl")[0]["path"] == "op-eds/02.txt"


@pytest.mark.parametrize("jobs", [0, 2])
def test_articles_that_kill_their_process_are_found_and_named(corpus, jobs) -> None:
    (corpus / "04.txt").write_text("ABORT\n")
    (corpus / "05.txt").write_text("OOM\n")
    (corpus / "06.txt").write_text("FAIL\n")
    summary = go(jobs=jobs)
    assert summary.failures == 3 and len(ids()) == 7
    assert [(failure["path"], failure["reason"]) for failure in lines("claims.errors.jsonl")] == [
        ("op-eds/04.txt", "its worker process died (signal 6)."),
        ("op-eds/05.txt", "its worker process died (signal 9: killed, perhaps because memory ran out)."),
        ("op-eds/06.txt", "cannot be processed: it said so"),
    ]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("missing", "no claim tagger there"),
        ("damaged", "the models cannot be loaded: ValueError: not a protobuf"),
        ("crashes", r"the worker process died while it loaded the models \(signal 6\)"),
    ],
)
def test_a_model_that_cannot_be_loaded_ends_the_run_at_once(corpus, monkeypatch, jobs, model, message) -> None:
    if (model, jobs) == ("crashes", 1):
        pytest.skip("with one job the crash is this process's own")
    monkeypatch.setenv("OPCLAIMS_TEST_MODEL", model)
    with pytest.raises(OpclaimsError, match=message):
        go(jobs=jobs)
    assert not Path("claims.jsonl").exists() and left_behind() == []


def test_rows_of_a_file_are_articles(corpus) -> None:
    rows = [
        {"id": "a", "text": "Rivers rise."},
        {"id": "a", "text": "The same id."},
        {"text": "No id. " + "word " * 1000},
        {"id": "d"},
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"text": "half \\ud800 a pair"}\n')
    go("rows.jsonl", jobs=2)
    assert ids() == ["a", "rows.jsonl:3"]
    assert [(failure["path"], failure["stage"]) for failure in lines("claims.errors.jsonl")] == [
        ("rows.jsonl:2", "read"),
        ("rows.jsonl:4", "read"),
        ("rows.jsonl:5", "read"),
    ]


def test_a_run_does_not_read_what_it_writes(corpus) -> None:
    (corpus / "02.txt").write_text("")
    for _ in range(2):
        go(output="op-eds/claims.jsonl")
        assert ids("op-eds/claims.jsonl") == [f"op-eds/{number:02}.txt" for number in range(10) if number != 2]
        assert len(lines("op-eds/claims.errors.jsonl")) == 1
    with pytest.raises(OpclaimsError, match="is the only input"):
        go("op-eds/claims.jsonl", output="op-eds/claims.jsonl")


def test_lines_can_go_to_a_stream(corpus) -> None:
    go()
    stream = io.BytesIO()
    config = msgspec.structs.replace(Config(), run=RunSettings(jobs=2, batch_size=3))
    summary = run(["op-eds"], stream, config, factory=FakeProcessor, produced_by=MADE_BY)
    assert stream.getvalue() == Path("claims.jsonl").read_bytes()
    assert summary.articles == 10


def test_ten_thousand_unchanged_articles_take_seconds(corpus) -> None:
    for number in range(10_000):
        (corpus / f"{number:05}.txt").write_text(f"Article {number} fears a thing.\n")
    go()
    summary = go()
    assert (summary.reused, summary.changed) == (10_010, False)
    print(f"10,010 unchanged articles: {summary.seconds:.2f} s")
    assert summary.seconds < 30


def test_two_articles_of_one_id(corpus) -> None:
    for name in ("03", "05"):
        (corpus / f"{name}.txt").write_text("---\nid: same\n---\n\nText of an article.\n")
    go()
    (failure,) = lines("claims.errors.jsonl")
    assert failure["path"] == "op-eds/05.txt" and "'same' is taken" in failure["reason"]
    assert len(set(ids())) == len(ids()) == 9


def test_a_second_run_on_the_same_output_is_refused(corpus) -> None:
    for number in range(80):
        (corpus / f"{number:02}.txt").write_text(f"SLOW article {number}.")
    first = subprocess.Popen([sys.executable, SCRIPT, "op-eds", "claims.jsonl"])
    try:
        while not Path("claims.jsonl.partial").exists():
            time.sleep(0.01)
        second = subprocess.run([sys.executable, SCRIPT, "op-eds", "claims.jsonl"], capture_output=True, text=True)
    finally:
        first.wait()
    assert second.returncode == 2
    assert "another run is writing there" in second.stderr
    assert first.returncode == 0 and len(ids()) == 80


def test_killed_at_any_moment_the_next_run_goes_on(corpus) -> None:
    for number in range(60):
        (corpus / f"{number:02}.txt").write_text(f"SLOW article {number}. " + "word " * 3000)
    go(output="expected.jsonl")
    whole = Path("expected.jsonl").stat().st_size
    chance = random.Random(1)
    for share, jobs in ((0.0, "1"), (0.1, "1"), (0.3, "2"), (0.5, "1"), (0.7, "2"), (0.9, "1")):
        process = subprocess.Popen([sys.executable, SCRIPT, "op-eds", "claims.jsonl", jobs])
        partial = Path("claims.jsonl.partial")
        while process.poll() is None and not (partial.exists() and partial.stat().st_size > share * whole):
            time.sleep(0.005)
        time.sleep(chance.random() / 20)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        if Path("claims.jsonl").exists():
            assert Path("claims.jsonl").read_bytes().endswith(b"\n")
            lines()
    subprocess.run([sys.executable, SCRIPT, "op-eds", "claims.jsonl"], check=True)
    assert Path("claims.jsonl").read_bytes() == Path("expected.jsonl").read_bytes()
    assert left_behind() == []


def test_work_of_a_killed_run_is_not_done_twice(corpus, monkeypatch) -> None:
    for number in range(40):
        (corpus / f"{number:02}.txt").write_text(f"SLOW article {number}.")
    process = subprocess.Popen([sys.executable, SCRIPT, "op-eds", "claims.jsonl"])
    while not (Path("claims.jsonl.partial").exists() and Path("claims.jsonl.partial").stat().st_size > 5000):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert go().reused >= 4


def test_a_torn_line_is_dropped(corpus) -> None:
    go()
    whole = Path("claims.jsonl").read_bytes()
    Path("claims.jsonl").unlink()
    Path("claims.jsonl.partial").write_bytes(whole[: len(whole) // 2])
    assert 3 <= go().reused < 10
    assert Path("claims.jsonl").read_bytes() == whole


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_workers_of_a_killed_run_end_by_themselves(corpus) -> None:
    for number in range(60):
        (corpus / f"{number:02}.txt").write_text(f"SLOW article {number}.")
    process = subprocess.Popen([sys.executable, SCRIPT, "op-eds", "claims.jsonl", "2"])
    while len(workers := descendants(process.pid)) < 3:  # two workers and Python's tracker of resources
        time.sleep(0.01)
    process.kill()
    process.wait()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < end, "workers go on without their run"
        time.sleep(0.05)


def descendants(parent: int) -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def test_interrupted_it_publishes_what_is_done(corpus) -> None:
    for number in range(60):
        (corpus / f"{number:02}.txt").write_text(f"SLOW article {number}.")
    process = subprocess.Popen([sys.executable, SCRIPT, "op-eds", "claims.jsonl"], stderr=subprocess.PIPE)
    while not (Path("claims.jsonl.partial").exists() and Path("claims.jsonl.partial").stat().st_size > 2000):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert 0 < len(ids()) < 60


def test_results_can_be_watched_growing_but_are_never_fewer(corpus, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.writing.output.PUBLISH_SECONDS", 0)

    class Counts(Progress):
        seen: list[int]

        def advanced(self, articles, words) -> None:
            self.seen.append(len(ids()) if Path("claims.jsonl").exists() else 0)

    first = Counts()
    first.seen = []
    go(progress=first)
    assert first.seen == sorted(first.seen) and 0 < first.seen[0] < 10
    again = Counts()
    again.seen = []
    go(progress=again, made_by=msgspec.structs.replace(MADE_BY, tagger="fake-2"))
    assert set(again.seen) == {10}


def test_nothing_to_do_says_what_to_do(corpus) -> None:
    with pytest.raises(OpclaimsError, match="no such file or folder"):
        go("nowhere")
    Path("empty").mkdir()
    with pytest.raises(OpclaimsError, match="Put op-eds there as"):
        go("empty")


def test_order_of_inputs_is_order_of_lines(corpus) -> None:
    go(["op-eds/05.txt", "op-eds/01.txt", "op-eds/0*.txt"])
    assert ids()[:3] == ["op-eds/05.txt", "op-eds/01.txt", "op-eds/00.txt"]
    assert len(ids()) == 10
    go()
    assert ids() == sorted(ids())
