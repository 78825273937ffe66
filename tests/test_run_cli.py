"""How ``opclaims run`` behaves as a program: signals, progress, what it says at the end. The models that ship do the work."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUN = [sys.executable, "-m", "pipeline", "run"]


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> Path:
    """Two short op-eds in ``seeds/`` below the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "dams.txt").write_text("The town fears floods.\n\nEngineers must build a dam before the winter comes.\n")
    (folder / "ports.txt").write_text("Ports fear delays. The ministry should hire more pilots.\n")
    return folder


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *arguments], capture_output=True, text=True)


def test_what_is_said_at_the_end_and_the_next_time(corpus) -> None:
    (corpus / "empty.txt").write_text("")
    first = run()
    assert first.returncode == 1 and first.stdout == ""
    said = first.stderr.splitlines()
    assert said[:2] == ["3 articles to do", "seeds/empty.txt: it is empty."]
    assert [line.split()[0] for line in said[2:9]] == [
        "articles",
        "sentences",
        "concerns",
        "motivations",
        "recommendations",
        "failed",
        "time",
    ]
    assert said[-3:] == [
        "outputs/claims.jsonl written.",
        "The failures are in outputs/claims.errors.jsonl.",
        "Read it with: opclaims show",
    ]

    again = run()
    assert again.returncode == 1
    assert again.stderr.startswith("1 article to do, 2 unchanged\nseeds/empty.txt: it is empty.\n")
    assert "outputs/claims.jsonl is as it was." in again.stderr

    (corpus / "empty.txt").unlink()
    last = run()
    assert (last.returncode, last.stderr) == (0, "nothing to do: 2 articles unchanged in outputs/claims.jsonl\n")
    assert not Path("outputs/claims.errors.jsonl").exists()


def test_quiet_is_silent_but_for_failures(corpus) -> None:
    (corpus / "empty.txt").write_text("")
    assert run("--quiet").stderr == "seeds/empty.txt: it is empty.\n"


@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, "2"), (signal.SIGTERM, "1")])
def test_stopped_it_says_how_to_go_on(corpus, number, jobs) -> None:
    text = "Ports fear delays. The ministry should hire more pilots.\n" * 10
    for article in range(1000):
        (corpus / f"{article}.txt").write_text(text)
    process = subprocess.Popen([*RUN, "--jobs", jobs], stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (Path("outputs/claims.jsonl.partial").exists() and Path("outputs/claims.jsonl.partial").stat().st_size):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, number)  # as a terminal does: the workers too
    os.killpg(process.pid, number)  # an impatient user
    started = time.monotonic()
    _, said = process.communicate()
    assert process.returncode == 130 and time.monotonic() - started < 5
    lines = said.splitlines()
    assert lines[0] == "1,002 articles to do"
    assert lines[-1] == "opclaims: interrupted. What is done is kept; run the same command again to go on."
    assert "Traceback" not in said
    assert Path("outputs/claims.jsonl").read_bytes().endswith(b"\n")


def test_stopped_before_anything_is_done(corpus) -> None:
    process = subprocess.Popen([*RUN, "--jobs", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not Path("outputs/claims.jsonl.partial").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # the workers are loading the models
    _, said = process.communicate()
    assert process.returncode == 130 and "Traceback" not in said
    assert [path.name for path in Path("outputs").iterdir()] == [".claims.jsonl.lock"]


def test_a_closed_pipe_is_no_error(corpus) -> None:
    command = f"{' '.join(RUN)} -o - --quiet --jobs 1 | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", '{"schema":')


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_bar_on_a_terminal(corpus) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(RUN, stderr=theirs, env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"})
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 10_000):
            shown += chunk
    except OSError:  # the end of a pseudo-terminal on Linux
        pass
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "2/2 articles" in text and "words/s" in text
