"""Training the spaCy pipeline, from a corpus of our own to a folder that loads, on a few sentences and for a few steps."""

import json
import re
from pathlib import Path

import pytest
import spacy

from pipeline.errors import OpclaimsError
from pipeline.training.spacy_model import SpacyTraining, train_spacy

SENTENCES = [
    "Mayor Odile Renard should keep the night buses running in Havreville.",
    "The Harbour Union says so, and it is right.",
    "Nobody in Havreville can afford a taxi after midnight.",
    "Odile Renard prefers a new car park.",
    "A car park does not carry nurses home!",
    "Who, then, will?",
    "The Dutch found a better way in Zwolle.",
    "They let the Harbour Union run the buses.",
    "It cost less than one month of parking fees.",
    "Havreville can do what Zwolle did.",
]
NAMES = {"Odile Renard": "PERSON", "Havreville": "GPE", "Zwolle": "GPE", "Harbour Union": "ORG", "Dutch": "NORP"}


def write_corpus(folder: Path) -> None:
    text = " ".join(SENTENCES)
    sentences = [[text.index(sentence), text.index(sentence) + len(sentence)] for sentence in SENTENCES]
    entities = [
        {"start": match.start(), "end": match.end(), "label": label}
        for name, label in NAMES.items()
        for match in re.finditer(name, text)
    ]
    claims = {"id": "1", "source": "our own", "text": text, "sentences": sentences, "entities": entities}
    segmentation = {"id": "2", "source": "our own/essay", "text": text, "sents": sentences}
    for name in ("train", "dev", "dev_foreign"):
        write_lines(
            folder / "claims" / f"{name}.jsonl", [claims, claims | {"entities": None}] * (1 + (name == "train"))
        )
    for name in ("train", "dev", "test"):
        write_lines(folder / "segmentation" / f"{name}.jsonl", [segmentation])


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


QUICK = SpacyTraining(
    vector_width=8,
    vector_rows=100,
    vector_words=1,
    vector_epochs=1,
    senter={"training.max_steps": 20, "training.eval_frequency": 10},
    ner={"training.max_steps": 20, "training.eval_frequency": 10},
)


def test_from_corpus_to_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("floret", reason="floret comes with the extra train")
    write_corpus(tmp_path / "corpus")
    output, work = tmp_path / "model", tmp_path / "work"
    figures = train_spacy(tmp_path / "corpus", output, work=work, settings=QUICK)

    nlp = spacy.load(output)
    assert nlp.pipe_names == ["layout", "senter", "ner", "dates_and_money"]
    assert nlp.meta["name"] == "opeds"
    # No word that only the corpus has is left in the vocabulary.
    assert not {"Odile", "Renard", "Havreville", "Zwolle"} & set(nlp.vocab.strings)
    assert ("$5", "MONEY") in [(entity.text, entity.label_) for entity in nlp("A bus costs $5 in Zwolle.").ents]
    assert 0 <= figures["claims/dev, entities"]["all"] <= 1
    card = (output / "README.md").read_text(encoding="utf-8")
    assert "1 texts with gold sentence boundaries, 4 opinion articles" in card and "our own (2)" in card

    # What is there is not trained again.
    trained = (work / "ner" / "model-best" / "ner" / "model").stat().st_mtime_ns
    train_spacy(tmp_path / "corpus", output, work=work, settings=QUICK)
    assert (work / "ner" / "model-best" / "ner" / "model").stat().st_mtime_ns == trained


def test_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OpclaimsError, match=r"train\.jsonl"):
        train_spacy(tmp_path / "nowhere", tmp_path / "model", work=tmp_path / "work")


def test_a_corpus_that_is_not_json(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    (tmp_path / "claims" / "train.jsonl").write_text("one\n", encoding="utf-8")
    with pytest.raises(OpclaimsError, match=r"train\.jsonl, line 1: JSON is malformed"):
        train_spacy(tmp_path, tmp_path / "model", work=tmp_path / "work")
