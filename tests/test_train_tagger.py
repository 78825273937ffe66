"""Training, from annotated articles to a tagger that runs, with a tiny encoder made here: no network, no shipped model."""

import json
import random
import shutil
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("torch")
pytest.importorskip("nncf")

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import MPNetConfig, MPNetModel, PreTrainedTokenizerFast, RobertaConfig, RobertaForMaskedLM
from typer.testing import CliRunner

from pipeline.cli.train import train_app
from pipeline.errors import OpclaimsError
from pipeline.record import LABELS
from pipeline.tagger.engine import TorchEngine
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import TOKEN_LABELS, load_settings
from pipeline.tagger.tagger import Tagger
from pipeline.tagger.weights import split, weight_files
from pipeline.training.tagger_data import (
    NOT_ANNOTATED,
    GoldArticle,
    GoldClaim,
    GoldEntity,
    batches_of_like_length,
    collate,
    sentence_dataset,
    targets,
)
from pipeline.training.tagger_export import export_tagger
from pipeline.training.tagger_model import EpochSettings, TrainingSettings, load_training_settings, train_tagger
from pipeline.training.teach import TeacherSettings, lessons

SENTENCES = {
    "concern": "The union fears that the line will close and whole towns will be cut off.",
    "motivation": "The company wants to save money because its lenders are impatient.",
    "recommendation": "Parliament should keep the line open and pay for it.",
    None: "The line has nine stations and a tunnel.",
}
ENTITIES = {"Parliament": "ORG"}


def article(number: int) -> dict:
    """An annotated article of four sentences, in the corpus's format, in another order each time."""
    labels = list(SENTENCES)
    labels = labels[number % 4 :] + labels[: number % 4]
    text, sentences, claims = "", [], []
    for label in labels:
        start = len(text)
        text += SENTENCES[label]
        sentences.append([start, len(text)])
        if label:
            claims.append({"label": label, "start": start, "end": len(text), "unsure": False, "holder": "author"})
        text += " "
    return {
        "id": f"a{number}",
        "source": "The Tiny Gazette",
        "batch": f"b{number % 2}",
        "text": text,
        "sentences": sentences,
        "claims": claims,
        "entities": [
            {"start": text.index(name), "end": text.index(name) + len(name), "label": label}
            for name, label in ENTITIES.items()
        ]
        if number % 3
        else None,
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "claims").mkdir()
    for name, count in (("train", 24), ("dev", 8), ("dev_foreign", 8)):
        lines = (json.dumps(article(number)) for number in range(count))
        (folder / "claims" / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def tokenizer_of(folder: Path) -> None:
    """A byte-level tokenizer with RoBERTa's special tokens."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES.values(), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, unk_token="<unk>").save_pretrained(folder)


SIZES = {
    "vocab_size": 400,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 130,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> Path:
    """A random RoBERTa of two small layers: not BERT, other special tokens, other names of parameters."""
    folder = tmp_path_factory.mktemp("roberta")
    tokenizer_of(folder)
    RobertaForMaskedLM(RobertaConfig(**SIZES)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def mpnet(tmp_path_factory) -> Path:
    """A random MPNet: positions are relative too, and shared by all layers."""
    folder = tmp_path_factory.mktemp("mpnet")
    tokenizer_of(folder)
    MPNetModel(MPNetConfig(**SIZES)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("config") / "tiny.toml"
    path.write_text(
        'encoder = "must be given"\nname = "tiny"\nversion = "0.0.1"\nmax_tokens = 64\nbatch_tokens = 256\n'
        "learning_rate = 3e-3\nhead_learning_rate = 1e-2\nentity_loss = 0.5\ncheckpoint_steps = 20\n"
        f"epochs = [{', '.join(['{}'] * 30)}]\n"
    )
    return path


@pytest.fixture(scope="module")
def trained(corpus, encoder, config, tmp_path_factory) -> Path:
    """What `opclaims train tagger` writes."""
    folder = tmp_path_factory.mktemp("trained")
    options = ["--config", config, "--encoder", encoder, "--output", folder / "tiny", "--work", folder / "work"]
    result = CliRunner().invoke(train_app, ["tagger", "--corpus", str(corpus), *map(str, options)])
    assert result.exit_code == 0, result.output
    return folder


def test_one_command_makes_a_tagger_that_has_learnt(trained) -> None:
    tagger = Tagger.load(trained / "tiny", device="cpu")
    assert tagger.engine.name == "openvino"
    readings = tagger.read(list(SENTENCES.values()))
    scores = tagger.probabilities(readings)
    for i, label in enumerate(LABELS):
        column = scores[:, i]
        assert column.argmax() == i, label
        assert column[i] >= tagger.settings.thresholds[label] > column[3]
    found = [
        (entity, text)
        for text, reading in zip(SENTENCES.values(), readings, strict=True)
        for entity in reading.entities
    ]
    assert [(text[entity.start : entity.end], entity.label) for entity, text in found] == [("Parliament", "ORG")]


def test_torch_reads_the_exported_weights(trained) -> None:
    sentences = list(SENTENCES.values())
    assert not (trained / "tiny" / "model.safetensors").exists()
    tagger = Tagger.load(trained / "tiny", device="cpu")
    int8 = tagger.probabilities(tagger.read(sentences))
    by_torch = Tagger(tagger.settings, tagger.tokenizer, TorchEngine(trained / "tiny"))
    assert abs(int8 - by_torch.probabilities(by_torch.read(sentences))).max() < 0.1
    assert tagger.settings.figures["dev, int8"]["macro_f1"] > 0.95
    assert tagger.settings.figures["dev, int8"]["entity_f1"] > 0.95


def test_large_weights_are_kept_in_parts(trained, tmp_path, monkeypatch) -> None:
    """Hosts of repositories refuse large files; a model in parts reads the same."""
    folder = tmp_path / "parts"
    shutil.copytree(trained / "tiny", folder)
    monkeypatch.setattr("pipeline.tagger.weights.PART", 20_000)
    split(folder)
    files = [path.name for path in weight_files(folder)]
    assert files[:3] == ["openvino_model.xml", "openvino_model.bin.0", "openvino_model.bin.1"]
    assert all((folder / name).stat().st_size <= 20_000 for name in files[1:])
    whole, parts = Tagger.load(trained / "tiny", device="cpu"), Tagger.load(folder, device="cpu")
    sentences = list(SENTENCES.values())
    assert (whole.probabilities(whole.read(sentences)) == parts.probabilities(parts.read(sentences))).all()


def test_the_card_tells_the_figures(trained) -> None:
    card = (trained / "tiny" / "README.md").read_text()
    figure = load_settings(trained / "tiny").figures["dev_foreign, int8"]["macro_f1"]
    assert f"| {figure:.3f} |" in next(line for line in card.splitlines() if line.startswith("| dev_foreign, int8 |"))


def test_the_card_speaks_of_the_corpus_that_was_given(trained) -> None:
    card = (trained / "tiny" / "README.md").read_text()
    assert "| The Tiny Gazette | 24 | 96 | 30 |" in card
    assert "The corpus is not described." in card


def test_a_run_that_is_cut_off_goes_on_and_ends_the_same(corpus, encoder, config, tmp_path, monkeypatch) -> None:
    settings = msgspec.structs.replace(
        load_training_settings(config), epochs=(EpochSettings(),) * 6, checkpoint_steps=3
    )
    whole = train_tagger(settings, corpus, tmp_path / "whole", work=tmp_path / "w1", encoder=str(encoder))

    batches = []

    def cut_off(columns, pad):
        batches.append(columns)
        if len(batches) == 11:
            raise KeyboardInterrupt
        return collate(columns, pad)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pipeline.training.tagger_model.collate", cut_off)
        train_tagger(settings, corpus, tmp_path / "cut", work=tmp_path / "w2", encoder=str(encoder))
    assert not (tmp_path / "cut").exists()
    assert [path.name for path in (tmp_path / "w2").glob("checkpoint-*")] == ["checkpoint-9"]

    resumed = train_tagger(settings, corpus, tmp_path / "cut", work=tmp_path / "w2", encoder=str(encoder))
    assert (resumed / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_epochs_choose_their_sources(corpus, encoder, config, tmp_path) -> None:
    settings = msgspec.structs.replace(
        load_training_settings(config), epochs=(EpochSettings(), EpochSettings(sources=("Gazette",)))
    )
    folder = train_tagger(settings, corpus, tmp_path / "two", work=tmp_path / "w", encoder=str(encoder))
    (source,) = load_settings(folder).training.sources
    assert (source.name, source.articles, source.epochs) == ("The Tiny Gazette", 24, 2)
    nowhere = msgspec.structs.replace(settings, epochs=(EpochSettings(sources=("The Moon",)),))
    with pytest.raises(OpclaimsError, match="no article of these sources: The Moon"):
        train_tagger(nowhere, corpus, tmp_path / "none", work=tmp_path / "w", encoder=str(encoder))


def test_a_student_learns_from_a_teacher(trained, corpus, encoder, config, tmp_path) -> None:
    """A corpus without a single claim or entity, and a teacher that knows better."""
    bare = tmp_path / "bare"
    (bare / "claims").mkdir(parents=True)
    (bare / "unlabelled").mkdir()
    rows = [article(number) | {"claims": [], "entities": None} for number in range(24)]
    (bare / "claims" / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (bare / "unlabelled" / "opeds.jsonl").write_text("\n".join(json.dumps({"text": row["text"]}) for row in rows[:5]))
    teacher = TeacherSettings(models=(str(trained / "tiny"),), weight=1.0, unlabelled=4)
    settings = msgspec.structs.replace(load_training_settings(config), teacher=teacher)
    student = train_tagger(settings, bare, tmp_path / "student", work=tmp_path / "w", encoder=str(encoder))

    readings = Tagger.load(student).read(list(SENTENCES.values()))
    assert [reading.logits.argmax() for reading in readings[:3]] == [0, 1, 2]
    assert all(readings[i].logits[i] > 0 for i in range(3)) and readings[3].logits.max() < 0
    assert [entity.label for reading in readings for entity in reading.entities] == ["ORG"]


def test_frozen_layers_stay_as_they_are_and_the_rest_is_exported(corpus, mpnet, config, tmp_path) -> None:
    frozen = tmp_path / "frozen.toml"
    frozen.write_text("frozen_layers = 1\n" + config.read_text())
    options = ["--config", frozen, "--encoder", mpnet, "--output", tmp_path / "out", "--work", tmp_path / "w"]
    result = CliRunner().invoke(train_app, ["tagger", "--corpus", str(corpus), *map(str, options)])
    assert result.exit_code == 0, result.output

    before, after = load_file(mpnet / "model.safetensors"), load_file(tmp_path / "w" / "model" / "model.safetensors")
    for name, weights in before.items():
        if "pooler" not in name:
            assert torch.equal(weights, after[f"encoder.{name}"]) == (".layer.1." not in name), name
    sentences = list(SENTENCES.values())
    exported, trained = Tagger.load(tmp_path / "out", "cpu"), Tagger.load(tmp_path / "w" / "model", "cpu")
    assert (exported.engine.name, trained.engine.name) == ("openvino", "torch-cpu")
    trained = Tagger(exported.settings, trained.tokenizer, trained.engine)
    by_torch = Tagger(exported.settings, exported.tokenizer, TorchEngine(tmp_path / "out"))
    int8, fp32, read_back = (one.probabilities(one.read(sentences)) for one in (exported, trained, by_torch))
    assert [row.argmax() for row in int8[:3]] == [0, 1, 2]
    assert abs(int8 - fp32).max() < 0.1
    assert abs(read_back - fp32).max() < 0.1


def test_another_runs_work_is_not_taken_for_ones_own(corpus, encoder, config, tmp_path) -> None:
    settings = msgspec.structs.replace(load_training_settings(config), epochs=(EpochSettings(),))
    train_tagger(settings, corpus, tmp_path / "one", work=tmp_path / "w", encoder=str(encoder))
    other = msgspec.structs.replace(settings, learning_rate=1e-4)
    with pytest.raises(OpclaimsError, match="another run's work"):
        train_tagger(other, corpus, tmp_path / "two", work=tmp_path / "w", encoder=str(encoder))


def test_what_was_trained_is_never_overwritten(corpus, encoder, config, tmp_path) -> None:
    settings = msgspec.structs.replace(load_training_settings(config), epochs=(EpochSettings(),))
    folder = train_tagger(settings, corpus, tmp_path / "model", work=tmp_path / "w", encoder=str(encoder))
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(OpclaimsError, match="is the trained tagger itself"):
        export_tagger(folder, folder, [])
    assert (folder / "model.safetensors").read_bytes() == before
    with pytest.raises(OpclaimsError, match="no trained tagger"):
        export_tagger(tmp_path, tmp_path / "out", [])


def test_lessons_are_kept(trained, tmp_path, monkeypatch) -> None:
    settings = TeacherSettings(models=(str(trained / "tiny"),), threads=1)
    monkeypatch.setattr("pipeline.training.teach.CHUNK", 3)
    texts = list(SENTENCES.values())
    first = lessons(settings, texts, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.json", "00001.json"]
    (tmp_path / "00001.json").unlink()
    assert lessons(settings, texts, tmp_path) == first
    nobody = TeacherSettings(models=("no/such/tagger",))
    assert lessons(nobody, texts, tmp_path) == first
    with pytest.raises(OpclaimsError, match="lessons of other sentences"):
        lessons(settings, texts[::-1], tmp_path)


GOLD = GoldArticle(
    id="a",
    text="Ports fear delays. Oslo waits.",
    sentences=[(0, 18), (19, 30)],
    claims=[
        GoldClaim(label="concern", start=0, end=18, unsure=True),
        GoldClaim(label="concern", start=0, end=10, holder_span=(0, 5)),
        GoldClaim(label="motivation", start=17, end=30, unsure=True),
    ],
    entities=[GoldEntity(label="GPE", start=19, end=23)],
)


def test_targets_follow_the_annotation() -> None:
    assert [targets(claims, unsure=0.5) for claims in GOLD.claims_by_sentence()] == [[1.0, 0.0, 0.0], [0.0, 0.5, 0.0]]


def test_words_are_targets_too(encoder) -> None:
    tokenizer = SentenceTokenizer(Tokenizer.from_file(str(encoder / "tokenizer.json")), 64)
    first, second = sentence_dataset([GOLD], tokenizer, ("GPE",), unsure=0.5)
    pieces = [[text[a:b] for a, b in tokenizer([text])[0].offsets] for text in GOLD.sentence_texts()]
    (holder,) = (mark for mark in first["marks"] if mark[0] == TOKEN_LABELS.index("holder"))
    assert "".join(pieces[0][int(holder[1]) : int(holder[2])]).strip() == "Ports"
    named = [tag > 0 for tag in second["tags"]]
    assert "".join(piece for piece, part in zip(pieces[1], named, strict=True) if part).strip() == "Oslo"
    assert first["tags"][0] == first["tags"][-1] == NOT_ANNOTATED


def test_batches_hold_every_sentence_once_within_the_budget() -> None:
    lengths = [random.Random(i).randint(3, 60) for i in range(500)]
    batches = batches_of_like_length(lengths, 256, random.Random(1))
    assert sorted(i for batch in batches for i in batch) == list(range(500))
    assert all(len(batch) * max(lengths[i] for i in batch) <= 256 for batch in batches)
    assert batches == batches_of_like_length(lengths, 256, random.Random(1))


def test_mistakes_are_named(corpus, tmp_path) -> None:
    with pytest.raises(OpclaimsError, match="not installed"):
        train_tagger(TrainingSettings(encoder="package:no_such/model"), corpus, tmp_path, work=tmp_path)
    with pytest.raises(OpclaimsError, match="cannot be loaded"):
        train_tagger(TrainingSettings(encoder=str(tmp_path / "none")), corpus, tmp_path, work=tmp_path)
    bad = tmp_path / "bad.toml"
    bad.write_text('encoder = "x"\nepoch = 3\n')
    with pytest.raises(OpclaimsError, match="unknown field `epoch`"):
        load_training_settings(bad)
