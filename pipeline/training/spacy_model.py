"""Makes the spaCy pipeline that ships: word vectors, ``senter``, ``ner``, then one pipeline with its card.

Each stage leaves its result in the work folder under a name that it gets only when it is whole; a stage whose result is
there is not done again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any

import spacy
from spacy.cli.train import train
from spacy.language import Language
from spacy.strings import StringStore
from spacy.training.initialize import convert_vectors
from spacy.util import compile_infix_regex
from spacy.vectors import Vectors

from pipeline.config import shipped
from pipeline.errors import OpclaimsError
from pipeline.nlp.scoring import entity_figures, is_edited, sentence_figures
from pipeline.training.spacy_card import write_card
from pipeline.training.spacy_data import (
    Article,
    as_segmentation,
    entity_examples,
    read_articles,
    sentence_examples,
    shouted,
    write_examples,
)

NAME, VERSION = "opeds", "0.1.0"

_INITIALISM_HYPHEN = r"(?<=[A-Z]\.)-(?=[A-Za-z])"
"""spaCy's tokenizer leaves "U.S.-led" whole, so that the country in it could not be an entity."""

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class SpacyTraining:
    """What can be changed about the training; the networks and their schedules are in ``configs/en_opeds_*.cfg``.

    ``vector_width`` and ``vector_rows`` size the floret table (rows × width × 4 bytes are shipped), ``vector_words`` is
    how often a word must occur to be learnt from. ``senter`` sees edited prose ``edited_again`` more times, and
    ``opeds`` opinion articles with the boundaries of a rule-based splitter. ``senter`` and ``ner`` override values of
    the two configurations by their dotted names ("training.max_steps").
    """

    vector_width: int = 80
    vector_rows: int = 50_000
    vector_words: int = 5
    vector_epochs: int = 6
    edited_again: int = 2
    opeds: int = 300
    senter: dict[str, Any] = field(default_factory=dict)
    ner: dict[str, Any] = field(default_factory=dict)


def train_spacy(corpus: Path, output: Path, *, work: Path, settings: SpacyTraining | None = None) -> Figures:
    """Trains the pipeline and writes it to ``output`` with its card; returns the figures that the card shows.

    The same corpus, settings and machine give the same model: seeds are fixed and floret runs on one thread.

    Args:
        corpus: a folder with ``claims/``, ``segmentation/`` and, if there, ``unlabelled/``, as its README describes them.
        output: the folder that is written, ``models/en_opeds`` for the one that ships.
        work: vectors, examples and training runs; a run that is cut off goes on from its last whole stage.
        settings: replaces the defaults.

    Raises:
        OpclaimsError: the corpus cannot be read, or floret is not installed.
    """
    settings = settings or SpacyTraining()
    vectors = _stage(work / "vectors", lambda path: _train_vectors(corpus, path, settings))
    examples = _stage(work / "examples", lambda path: _write_examples(corpus, path, settings))
    senter = _stage(work / "senter", lambda path: _train("senter", examples, path, settings.senter))
    ner = _stage(
        work / "ner", lambda path: _train("ner", examples, path, {"paths.vectors": str(vectors)} | settings.ner)
    )
    nlp = assemble(senter / "model-best", ner / "model-best")
    figures = evaluate_spacy(nlp, corpus)
    # without the speed, which is another each time and would give the same model another fingerprint
    nlp.meta["performance"] = {name: values for name, values in figures.items() if name != "speed"}
    nlp.to_disk(output)
    notes = (shipped("configs") / "en_opeds_notes.md").read_text(encoding="utf-8")
    write_card(output, figures, trained_on(corpus, settings), notes)
    return figures


def assemble(senter: Path, ner: Path) -> Language:
    """The pipeline ``layout``, ``senter``, ``ner``, ``dates_and_money`` of two trained ones.

    Its vocabulary is new, so that no string of the corpus goes with it: floret vectors and hash embeddings need none.
    """
    trained = {"senter": spacy.load(senter), "ner": spacy.load(ner)}
    nlp = spacy.blank("en")
    nlp.vocab.vectors = _with_strings(trained["ner"].vocab.vectors, nlp.vocab.strings)
    nlp.tokenizer.infix_finditer = compile_infix_regex([*nlp.Defaults.infixes, _INITIALISM_HYPHEN]).finditer
    nlp.add_pipe("layout")
    for name, source in trained.items():
        config = source.get_pipe_config(name)
        component = nlp.add_pipe(config.pop("factory"), name=name, config=config)
        component.from_bytes(source.get_pipe(name).to_bytes(exclude=["vocab"]), exclude=["vocab"])
    nlp.add_pipe("dates_and_money")
    nlp.meta |= {
        "name": NAME,
        "version": VERSION,
        "description": "Sentences, entities, dates and amounts of money in English opinion articles.",
        "author": "Opclaims",
        "license": "Apache-2.0 (the model); README.md names the texts it was trained on and their licences",
    }
    return nlp


def evaluate_spacy(nlp: Language, corpus: Path) -> Figures:
    """Figures on raw text by data set; ``speed`` in words a second on one core's share of this machine.

    Raises:
        OpclaimsError: the corpus cannot be read.
    """
    with nlp.memory_zone():  # The words of the texts don't stay in the vocabulary, which is about to be written.
        return _figures(nlp, corpus)


def _figures(nlp: Language, corpus: Path) -> Figures:
    figures: Figures = {}
    for split in ("dev", "test"):
        gold = read_articles(corpus / "segmentation" / f"{split}.jsonl")
        figures[f"segmentation/{split}, edited genres"] = sentence_figures(nlp, [a for a in gold if is_edited(a)])
        figures[f"segmentation/{split}, all genres"] = sentence_figures(nlp, gold)
    for split in ("dev", "dev_foreign"):
        gold = read_articles(corpus / "claims" / f"{split}.jsonl")
        figures[f"claims/{split}, entities"] = entity_figures(nlp, gold)
    texts = [article["text"] for article in gold]
    begin = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    words = sum(len(text.split()) for text in texts)
    figures["speed"] = {"words_per_second": round(words / (time.process_time() - begin))}
    return figures


def _with_strings(vectors: Vectors, strings: StringStore) -> Vectors:
    """The same floret table on another string store; assigning the old object would bring its strings along."""
    return Vectors(
        strings=strings,
        data=vectors.data,
        name=f"en_{NAME}.vectors",
        mode=vectors.mode,
        minn=vectors.minn,
        maxn=vectors.maxn,
        hash_count=vectors.hash_count,
        hash_seed=vectors.hash_seed,
        bow=vectors.bow,
        eow=vectors.eow,
    )


def _stage(result: Path, make: Callable[[Path], None]) -> Path:
    """Makes a result unless it is there; one that was cut off never has the name."""
    if not result.exists():
        unfinished = result.with_name(f"{result.name}.unfinished")
        rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(result)
    return result


def _train_vectors(corpus: Path, folder: Path, settings: SpacyTraining) -> None:
    if find_spec("floret") is None:
        raise OpclaimsError("word vectors need floret: pip install 'opclaims[train]'")
    import floret

    nlp = spacy.blank("en")
    sentences = folder / "tokens.txt"
    with sentences.open("w", encoding="utf-8") as file:
        for text in _texts(corpus):
            for line in text.splitlines():
                words = [token.text for token in nlp.tokenizer(line) if not token.is_space]
                if words:
                    file.write(" ".join(words) + "\n")
    model = floret.train_unsupervised(
        str(sentences),
        model="cbow",
        mode="floret",
        hashCount=2,
        bucket=settings.vector_rows,
        dim=settings.vector_width,
        minn=4,
        maxn=5,
        minCount=settings.vector_words,
        epoch=settings.vector_epochs,
        neg=8,
        thread=1,
        verbose=0,
    )
    table = folder / "table.floret"
    model.save_floret_vectors(str(table))
    convert_vectors(nlp, table, truncate=0, prune=-1, mode="floret")
    nlp.to_disk(folder)
    sentences.unlink()
    table.unlink()


def trained_on(corpus: Path, settings: SpacyTraining) -> dict[str, str]:
    """What each part of the pipeline learns from, counted, for the model card."""
    gold = read_articles(corpus / "segmentation" / "train.jsonl")
    articles = read_articles(corpus / "claims" / "train.jsonl")
    named = [article for article in articles if article.get("entities") is not None]
    sources = Counter(article.get("source") or "no source given" for article in named)
    mentions = sum(len(article["entities"]) for article in named)
    opeds = min(settings.opeds, len(articles))
    return {
        "`senter`": f"{len(gold):,} texts with gold sentence boundaries, {opeds:,} opinion articles",
        "`ner`": f"{len(named):,} opinion articles with {mentions:,} mentions: "
        + "; ".join(f"{source} ({count:,})" for source, count in sources.most_common()),
        "word vectors": f"{sum(1 for _ in _texts(corpus)):,} opinion articles",
    }


def _texts(corpus: Path) -> Iterator[str]:
    """The texts that are there to learn words from: training articles, and those without annotation."""
    files = [corpus / "claims" / "train.jsonl", corpus / "unlabelled" / "opeds.jsonl"]
    for path in files[:1] + [path for path in files[1:] if path.exists()]:
        yield from (article["text"] for article in read_articles(path))


def _write_examples(corpus: Path, folder: Path, settings: SpacyTraining) -> None:
    nlp = spacy.blank("en")

    def read(name: str) -> list[Article]:
        return read_articles(corpus / f"{name}.jsonl")

    articles = read("claims/train")
    entities = list(entity_examples(nlp, articles))
    write_examples([*entities, *shouted(entities)], folder / "ner_train.spacy")
    dev = read("claims/dev") + read("claims/dev_foreign")
    write_examples(entity_examples(nlp, dev), folder / "ner_dev.spacy")
    gold = sentence_examples(nlp, read("segmentation/train"), edited_again=settings.edited_again)
    silver = sentence_examples(nlp, as_segmentation(articles, settings.opeds))
    write_examples([*gold, *silver], folder / "senter_train.spacy")
    write_examples(sentence_examples(nlp, read("segmentation/dev")), folder / "senter_dev.spacy")


def _train(component: str, examples: Path, folder: Path, overrides: dict[str, Any]) -> None:
    paths = {
        "paths.train": str(examples / f"{component}_train.spacy"),
        "paths.dev": str(examples / f"{component}_dev.spacy"),
    }
    train(shipped("configs") / f"en_opeds_{component}.cfg", folder, overrides=paths | overrides)
