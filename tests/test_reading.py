"""Finding inputs and making articles of bytes."""

import io
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Reading
from pipeline.errors import ArticleError, OpclaimsError
from pipeline.reading import find_inputs, read_article
from pipeline.reading.inputs import Input

TEXT = "The quay is falling apart. Somebody should mend it."


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "op-eds" / "2019").mkdir(parents=True)
    for name in ("b.txt", "a.md", "2019/c.txt", ".hidden.txt", "README.md", "notes.pdf"):
        (tmp_path / "op-eds" / name).write_text(TEXT)
    return tmp_path / "op-eds"


def names(*arguments: str) -> list[str]:
    return [source.name for source in find_inputs(arguments).inputs]


def read(path: str | Path, **limits: int):
    return read_article(find_inputs([str(path)]).inputs[0], Reading(**limits))


def test_a_folder_is_read_with_all_below_it(folder) -> None:
    found = find_inputs(["op-eds"])
    assert [source.name for source in found.inputs] == ["op-eds/2019/c.txt", "op-eds/a.md", "op-eds/b.txt"]
    assert found.left_out == 1
    assert [source.media_type for source in found.inputs] == ["text/plain", "text/markdown", "text/plain"]


def test_files_globs_and_repeats(folder) -> None:
    assert names("op-eds/b.txt", "op-eds/*.txt", "op-eds") == ["op-eds/b.txt", "op-eds/2019/c.txt", "op-eds/a.md"]
    assert names("op-eds/**/*.txt") == ["op-eds/2019/c.txt", "op-eds/b.txt"]
    assert names(str(folder / "b.txt")) == ["op-eds/b.txt"]
    assert names("op-eds/b.txt", str(folder / "b.txt"), "./op-eds/../op-eds/b.txt") == ["op-eds/b.txt"]


def test_an_article_outside_the_working_directory_has_its_whole_path(folder, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "x.txt"
    other.write_text(TEXT)
    assert names(str(other)) == [other.as_posix()]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nowhere", "nowhere: no such file or folder"),
        ("op-eds/*.docx", "no such file or folder"),
        ("op-eds/notes.pdf", r"notes\.pdf: files of this type are not read\. The types are \.txt"),
    ],
)
def test_what_cannot_be_found_is_told(folder, argument, message) -> None:
    with pytest.raises(OpclaimsError, match=message):
        find_inputs([argument])


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), TEXT, None),
        ("Él dijo: “Basta”.\r\n".encode(), "Él dijo: “Basta”.\r\n", None),
        (
            "Él dijo: “Basta”. La señora contestó que no.".encode("cp1252"),
            "Él dijo: “Basta”. La señora contestó que no.",
            "windows-1252",
        ),
        ("The minister’s plan is wrong. ".encode("cp1252") * 3, "The minister’s plan is wrong. " * 3, "windows-1252"),
        (
            "“Basta”, dijo él.".encode() + b"\xff",
            "“Basta”, dijo él.\ufffd",
            "UTF-8, with 1 damaged character replaced by \ufffd",
        ),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), TEXT, "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), TEXT, "utf-16-be"),
    ],
)
def test_encodings(folder, data, text, note) -> None:
    (folder / "b.txt").write_bytes(data)
    article = read(folder / "b.txt")
    assert article.text == text
    assert article.notes == ((f"decoded as {note}",) if note else ())


def test_an_encoding_from_another_script_is_recognised(folder) -> None:
    text = "Правительство должно немедленно закрыть завод, считают жители города. " * 5
    (folder / "b.txt").write_bytes(text.encode("cp1251"))
    assert read(folder / "b.txt").text == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b" \n\t\n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"%PDF-1.7\n", "this is a PDF, not text"),
        (b"PK\x03\x04rest", "zip archive"),
        (bytes(range(256)) * 40, "binary data"),
        (b"x " * 2000, "4,000 characters, more than 1,000"),
        (b"x" * 900, "900 characters without white space"),
        (b"\xff\xfe\x00", "damaged utf-16-le text"),
    ],
)
def test_what_is_no_article_is_refused_by_name(folder, data, message) -> None:
    (folder / "b.txt").write_bytes(data)
    with pytest.raises(ArticleError, match=rf"op-eds/b\.txt: .*{message}"):
        read(folder / "b.txt", max_characters=1000, max_word=800)


def test_sizes_are_limited(folder) -> None:
    (folder / "b.txt").write_text("x" * 2001)
    with pytest.raises(ArticleError, match=r"larger than 2,000 bytes.*max_bytes"):
        read(folder / "b.txt", max_bytes=2000)


def test_a_file_that_is_too_large_is_not_even_read(folder) -> None:
    with (folder / "b.txt").open("wb") as file:
        file.truncate(10**12)  # a hole: takes no room on the disk
    with pytest.raises(ArticleError, match="larger than"):
        read(folder / "b.txt")


def test_what_stands_in_no_folder_is_told(tmp_path) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    with pytest.raises(OpclaimsError, match=r"no articles in .* \(1 of other types\)\. Put op-eds there as \.txt"):
        find_inputs([str(tmp_path)])


def test_files_that_cannot_be_read(folder) -> None:
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(folder / "pipe.txt")
    for name, reason in (("gone", "No such file"), ("loop", "Too many levels"), ("pipe", "not a regular file")):
        with pytest.raises(ArticleError, match=rf"{name}\.txt: .*{reason}"):
            read_article(Input(str(folder / f"{name}.txt"), f"{name}.txt", "text/plain"), Reading())


def test_rows_of_a_jsonl_file_are_articles(folder) -> None:
    rows = [{"text": TEXT, "id": 7, "title": "Given", "date": "1 May 2020", "extra": 1}, {"text": TEXT}, {"body": TEXT}]
    (folder / "x.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\nrubbish\n")
    sources = find_inputs([str(folder / "x.jsonl")]).inputs
    assert [source.name for source in sources] == [f"op-eds/x.jsonl:{line}" for line in (1, 2, 3, 5)]
    first = read_article(sources[0], Reading())
    assert (first.id, first.title, first.date, first.source.path) == ("7", "Given", "2020-05-01", "op-eds/x.jsonl:1")
    assert read_article(sources[1], Reading()).id == "op-eds/x.jsonl:2"
    for source in sources[2:]:
        with pytest.raises(ArticleError, match=rf"{source.name}: not a JSON object with a text"):
            read_article(source, Reading())


def test_a_row_keeps_its_hash_when_another_follows(folder) -> None:
    rows = folder / "x.jsonl"
    rows.write_bytes(b'\xef\xbb\xbf{"text": "One."}')
    before = read(rows)
    rows.write_bytes(b'\xef\xbb\xbf{"text": "One."}\r\n{"text": "Two."}\n')
    assert read(rows).source == before.source


def test_a_row_says_what_it_knows_in_whatever_form(folder) -> None:
    row = {"text": TEXT, "author": ["Jane Doe", {"name": "Ann Roe"}], "title": 1984, "date": None, "url": ""}
    (folder / "x.jsonl").write_text(json.dumps(row))
    article = read(folder / "x.jsonl")
    assert (article.author, article.title, article.date, article.url) == ("Jane Doe, Ann Roe", "1984", None, None)


def test_rows_that_cannot_be_read_do_not_stop_the_others(folder) -> None:
    (folder / "gone.jsonl").symlink_to("nowhere.jsonl")
    os.mkfifo(folder / "pipe.jsonl")
    assert {"op-eds/gone.jsonl", "op-eds/pipe.jsonl", "op-eds/b.txt"} < set(names("op-eds"))
    for name, reason in (("gone", "No such file"), ("pipe", "not a regular file")):
        with pytest.raises(ArticleError, match=rf"{name}\.jsonl: .*{reason}"):
            read(folder / f"{name}.jsonl")


def test_ten_thousand_files_are_found_in_a_moment(tmp_path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.txt").touch()
    start = time.perf_counter()
    assert len(find_inputs([str(tmp_path)]).inputs) == 10_000
    assert time.perf_counter() - start < 60  # a fraction of a second, unless something is done for each pair of files


def test_standard_input(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    article = read("-")
    assert (article.id, article.text) == ("stdin", TEXT)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_an_article_or_an_error(tmp_path_factory, data) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(data)
    try:
        article = read_article(Input(str(path), "any.txt", "text/plain"), Reading())
    except ArticleError as error:
        assert str(error).startswith("any.txt: ")
    else:
        assert article.text.strip()
