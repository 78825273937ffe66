"""The output file: whole at every moment, refused where it is not ours, clear about what stops it."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from fakes import MADE_BY, FakeProcessor

from pipeline.config import Config
from pipeline.config import Run as RunSettings
from pipeline.errors import OpclaimsError
from pipeline.run import Progress, RunSummary, run
from pipeline.writing import output
from pipeline.writing.existing import lines_of
from pipeline.writing.output import Output

SCRIPT = Path(__file__).parent / "run_fake.py"
CONFIG = msgspec.structs.replace(Config(), run=RunSettings(jobs=1, batch_size=2))


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> Path:
    """Eight small articles in ``op-eds/`` below the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "op-eds"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"Article {number} fears a thing.\n")
    return folder


def go(name="claims.jsonl", *, fresh=False, progress=None, made_by=MADE_BY) -> RunSummary:
    path = Path(name)
    return run(["op-eds"], path, CONFIG, fresh=fresh, factory=FakeProcessor, produced_by=made_by, progress=progress)


def killed_at(moment: int) -> bool:
    """Runs in a process that dies without a word before its n-th operation on a file; False if it lived to the end.

    It publishes after every batch, and may never open the output itself for writing.
    """
    pid = os.fork()
    if pid == 0:
        operations = 0

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal operations
            if event in ("open", "os.rename", "os.remove", "os.truncate"):
                operations += 1
                if operations > moment:
                    os._exit(9)
                path, _, flags = (*arguments, None, 0)[:3]
                if event == "open" and str(path) == "claims.jsonl" and flags & (os.O_WRONLY | os.O_RDWR):
                    os._exit(3)

        output.PUBLISH_SECONDS = 0
        sys.addaudithook(count)
        try:
            go()
        finally:
            os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 9), "the output was opened for writing"
    return code == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_before_any_operation_on_a_file_nothing_is_lost(corpus) -> None:
    """An output of an earlier run, a changed corpus, a run that is killed at each step in turn and gone on with."""
    go()
    before = Path("claims.jsonl").read_bytes()
    (corpus / "0.txt").write_text("A changed article.\n")
    (corpus / "5.txt").write_text("FAIL: another one.\n")
    for name in "abcdefgh":  # enough for a copy to be published before the end
        (corpus / f"9{name}.txt").write_text("A new article.\n")
    go("expected.jsonl")
    expected, errors = Path("expected.jsonl").read_bytes(), Path("expected.errors.jsonl").read_bytes()

    chance = random.Random(4)
    moment = 0
    while True:
        Path("claims.jsonl").write_bytes(before)
        killed = killed_at(moment)
        lines = Path("claims.jsonl").read_bytes().splitlines(keepends=True)
        assert len(lines) >= 8 and all(json.loads(line) and line.endswith(b"\n") for line in lines), moment
        if not killed:
            break
        partial = Path("claims.jsonl.partial")
        if partial.exists() and chance.random() < 0.5:  # the last write was torn
            os.truncate(partial, chance.randint(0, partial.stat().st_size))
        go()
        assert Path("claims.jsonl").read_bytes() == expected, moment
        assert Path("claims.errors.jsonl").read_bytes() == errors
        left = {path.name for path in Path().iterdir()} - {"op-eds", ".claims.jsonl.lock", ".expected.jsonl.lock"}
        assert left == {"claims.jsonl", "claims.errors.jsonl", "expected.jsonl", "expected.errors.jsonl"}, moment
        moment += 1
    assert moment > 30


def test_a_killed_run_over_changed_articles_is_gone_on_with(corpus) -> None:
    """The output then has a line of an article's old bytes, and the partial file one of its new bytes."""
    go()
    for path in corpus.iterdir():
        path.write_text(f"Changed {path.name}\n")
    go("other.jsonl")
    whole = Path("other.jsonl").read_bytes()
    Path("claims.jsonl.partial").write_bytes(whole[: len(whole) // 2 - 5])
    assert go().reused == 3
    assert Path("claims.jsonl").read_bytes() == whole


def test_a_run_killed_twice_loses_nothing_either(corpus) -> None:
    go("other.jsonl")
    whole = Path("other.jsonl").read_bytes().splitlines(keepends=True)
    Path("claims.jsonl.spare").write_bytes(b"".join(whole[:4]))
    Path("claims.jsonl.partial").write_bytes(b"".join(whole[:2]))
    assert go().reused == 4


def test_lines_still_to_be_copied_stay_in_the_output(corpus, monkeypatch) -> None:
    """More new articles come before the old ones than there are old ones; the run stops before it reaches those."""
    monkeypatch.setattr("pipeline.writing.output.PUBLISH_SECONDS", 0)
    go()
    before = Path("claims.jsonl").read_bytes()
    for number in range(20):
        (corpus / f"00{number:02}.txt").write_text("A new article.\n")

    class Stops(Progress):
        done = 0

        def advanced(self, articles, words) -> None:
            self.done += articles
            if self.done >= 16:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(progress=Stops())
    assert Path("claims.jsonl").read_bytes() == before
    assert go().reused == 24


def test_a_line_cut_by_an_interrupt_is_not_published(corpus, monkeypatch) -> None:
    go()
    line = Path("claims.jsonl").read_bytes().splitlines(keepends=True)[0]
    with Output(Path("new.jsonl")) as new:
        new.existing()
        new.begin(0, 0)
        new.write([line])
        new._file.write(line[:20])
        new.interrupt()
    assert Path("new.jsonl").read_bytes() == line
    assert len(list(lines_of(Path("new.jsonl.partial"), torn=True))) == 1


@pytest.mark.parametrize("content", [b"rubbish\n", b'{"schema": "opclaims/9"}\n', b"\xff\xfe\n", b"[]\n", b"{}"])
def test_a_file_that_is_not_ours_is_not_touched(corpus, content) -> None:
    Path("claims.jsonl").write_bytes(content)
    with pytest.raises(OpclaimsError, match=r"line 1: not a whole record of opclaims/1.*--fresh"):
        go()
    assert Path("claims.jsonl").read_bytes() == content
    go(fresh=True)
    assert len(list(lines_of(Path("claims.jsonl")))) == 8


def test_a_torn_output_is_not_touched(corpus) -> None:
    go()
    whole = Path("claims.jsonl").read_bytes()
    Path("claims.jsonl").write_bytes(whole[:-10])
    with pytest.raises(OpclaimsError, match="line 8: not a whole record"):
        go()
    assert Path("claims.jsonl").read_bytes() == whole[:-10]


def test_fresh_keeps_the_old_output_until_all_is_done(corpus, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.writing.output.PUBLISH_SECONDS", 0)
    Path("claims.jsonl").write_text("precious\n")

    class Looks(Progress):
        def advanced(self, articles, words) -> None:
            assert Path("claims.jsonl").read_text() == "precious\n"

    go(fresh=True, progress=Looks())
    assert len(list(lines_of(Path("claims.jsonl")))) == 8


def test_what_is_no_file_is_refused(corpus) -> None:
    with pytest.raises(OpclaimsError, match=r"op-eds: is a folder"):
        go("op-eds")
    with pytest.raises(OpclaimsError, match=r"op-eds/0.txt/claims.jsonl: cannot be written"):
        go("op-eds/0.txt/claims.jsonl")
    os.mkfifo("pipe")
    with pytest.raises(OpclaimsError, match=r"pipe: not a regular file. Use -o -"):
        go("pipe")


def test_the_file_behind_a_link_is_replaced(corpus, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Path("claims.jsonl").symlink_to("elsewhere/results.jsonl")
    go()
    assert Path("claims.jsonl").is_symlink()
    assert len(list(lines_of(tmp_path / "elsewhere" / "results.jsonl"))) == 8
    assert not go().changed


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(corpus) -> None:
    Path("locked").mkdir(mode=0o500)
    with pytest.raises(OpclaimsError, match=r"locked/claims.jsonl: cannot be written: Permission denied"):
        go("locked/claims.jsonl")


def test_a_full_disk_is_told_once_and_what_is_done_is_kept(corpus) -> None:
    for number in range(8):
        (corpus / f"{number}.txt").write_text(f"Article {number} " + "word " * 4000)
    go("expected.jsonl")
    command = [sys.executable, SCRIPT, "op-eds", "claims.jsonl"]
    # a limit on the size of a file is met in the same places as the end of a disk
    done = subprocess.run(f"ulimit -f 100; exec {' '.join(map(str, command))}", shell=True, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.decode() == "opclaims: claims.jsonl: cannot be written: File too large.\n"
    assert not Path("claims.jsonl").exists()
    assert go().reused >= 2
    assert Path("claims.jsonl").read_bytes() == Path("expected.jsonl").read_bytes()


def test_failures_are_objects_a_line(corpus) -> None:
    (corpus / "1.txt").write_text("---\nid: one\n---\n\nThis will FAIL.\n")
    (corpus / "2.txt").write_text("")
    go()
    assert [json.loads(line) for line in Path("claims.errors.jsonl").read_text().splitlines()] == [
        {"path": "op-eds/1.txt", "id": "one", "stage": "process", "reason": "cannot be processed: it said so"},
        {"path": "op-eds/2.txt", "id": "op-eds/2.txt", "stage": "read", "reason": "it is empty."},
    ]
