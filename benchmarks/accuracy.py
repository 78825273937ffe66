"""Accuracy of the claim tagger beside what people use for such a task, all trained on the same articles.

    python benchmarks/accuracy.py --corpus ../shared/corpus --articles 400

Macro F1 (clear) on gold sentences of both dev sets. Everybody's scores are calibrated and cut the same way: Platt scaling and
thresholds from the two dev sets together; the last column, from the other set only. Needs the extra ``compare``.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.record import LABELS
from pipeline.tagger.settings import TaggerSettings
from pipeline.training.calibrate import UNSURE, Scored, fit, macro_f1
from pipeline.training.tagger_data import GoldArticle, read_gold, targets
from pipeline.training.tagger_model import encoder_path, load_training_settings

CONFIG = Path(__file__).parent.parent / "configs" / "claim_tagger.toml"
ENCODER = load_training_settings(CONFIG).encoder
EPSILON = 1e-4

Scores = npt.NDArray[np.float64]
Scorer = Callable[[Sequence[str]], Scores]
"""Sentences to logits, *(sentences, labels)*."""


def main() -> None:
    """Trains and measures one system after the other, and prints a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--articles",
        type=int,
        nargs="+",
        default=[400],
        help="training articles; several for a learning curve (default: 400)",
    )
    parser.add_argument("--only", nargs="*", choices=list(SYSTEMS), help="some of the systems")
    options = parser.parse_args()
    claims = options.corpus / "claims"
    train = read_gold(claims / "train.jsonl")
    dev = {name: read_gold(claims / f"{name}.jsonl") for name in ("dev", "dev_foreign")}
    print("| system | articles | dev | dev_foreign | mean | mean, fitted on the other set | training, s | words/s |")
    print("|---|---|---|---|---|---|---|---|")
    for count in options.articles:
        for name in options.only or SYSTEMS:
            print(_row(name, train[:count], dev, options.corpus), flush=True)


def _row(name: str, train: Sequence[GoldArticle], dev: dict[str, list[GoldArticle]], corpus: Path) -> str:
    start = time.perf_counter()
    scorer = SYSTEMS[name](train, corpus)
    trained = time.perf_counter()
    sets, words = [], 0
    for articles in dev.values():
        texts, rows = sentences_of(articles, UNSURE)
        words += sum(len(text.split()) for text in texts)
        sets.append(Scored(scorer(texts), np.array(rows)))
    seconds = time.perf_counter() - trained
    settings = fit(TaggerSettings(), sets)
    ours = [macro_f1(settings, one)["macro_f1"] for one in sets]
    crossed = [
        macro_f1(fit(TaggerSettings(), [other]), one)["macro_f1"] for one, other in zip(sets, sets[::-1], strict=True)
    ]
    figures = " | ".join(f"{value:.3f}" for value in (*ours, np.mean(ours), np.mean(crossed)))
    return f"| {name} | {len(train):,} | {figures} | {trained - start:,.0f} | {words / seconds:,.0f} |"


def sentences_of(articles: Sequence[GoldArticle], unsure: float) -> tuple[list[str], list[list[float]]]:
    """All sentences and their targets."""
    texts = [text for article in articles for text in article.sentence_texts()]
    return texts, [targets(claims, unsure) for article in articles for claims in article.claims_by_sentence()]


def logit(probabilities: npt.ArrayLike) -> Scores:
    """Probabilities to logits, kept finite."""
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), EPSILON, 1 - EPSILON)
    return np.log(clipped / (1 - clipped))


RULES = {
    "concern": r"\b(?:fear|worr|concern|threat|danger|risk|alarm|crisis|warn|harm|undermin|jeopardi[sz]|disaster|catastroph)",
    "motivation": r"\b(?:want|seek|aim|hope|because|in order to|so that|intend|goal|interest|desire|motiv|purpose|bid to)",
    "recommendation": r"\b(?:should|must|need to|needs to|ought|let us|let's|have to|has to|urge|call for|it is time)",
}


def rules(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """A sentence has a label if it has one of the label's words."""
    patterns = [re.compile(RULES[label], re.IGNORECASE) for label in LABELS]
    return lambda texts: logit([[float(bool(pattern.search(text))) for pattern in patterns] for text in texts])


def tfidf(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """TF-IDF of words and word pairs, a logistic regression for each label."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    texts, rows = sentences_of(train, 1.0)
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000)),
    )
    model.fit(texts, np.array(rows))
    return lambda texts: logit(model.predict_proba(texts))


def textcat(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """spaCy's ``textcat_multilabel`` with its defaults, ten epochs, batches compounding to 1,000 words."""
    import spacy
    from spacy.training import Example
    from spacy.training.batchers import minibatch_by_words
    from spacy.util import compounding, fix_random_seed

    fix_random_seed(1)
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat_multilabel")
    texts, rows = sentences_of(train, 1.0)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": dict(zip(LABELS, row, strict=True))})
        for text, row in zip(texts, rows, strict=True)
    ]
    optimizer = nlp.initialize(lambda: examples)
    shuffle = np.random.default_rng(1)
    for _ in range(10):
        order = [examples[i] for i in shuffle.permutation(len(examples))]
        for batch in minibatch_by_words(order, size=compounding(100, 1000, 1.001)):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    return lambda texts: logit([[doc.cats[label] for label in LABELS] for doc in nlp.pipe(texts)])


def setfit(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """SetFit on the same encoder: 2,000 steps over 32 contrastive pairs, then a logistic regression for each label."""
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    texts, rows = sentences_of(train, 1.0)
    model = SetFitModel.from_pretrained(encoder_path(ENCODER), multi_target_strategy="one-vs-rest")
    arguments = TrainingArguments(batch_size=32, max_steps=2000, seed=1, report_to="none", save_strategy="no")
    data = Dataset.from_dict({"text": texts, "label": [[int(value) for value in row] for row in rows]})
    Trainer(model=model, args=arguments, train_dataset=data).train()
    return lambda texts: logit(np.asarray(model.predict_proba(list(texts), as_numpy=True)))


def fine_tune(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """The Hugging Face recipe on the same encoder: ``AutoModelForSequenceClassification``, 5e-5, batches of 16, three epochs."""
    import torch
    from datasets import Dataset
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    set_seed(1)
    source = encoder_path(ENCODER)
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, num_labels=len(LABELS), problem_type="multi_label_classification"
    )
    texts, rows = sentences_of(train, 1.0)
    encoded = tokenizer(texts, truncation=True, max_length=128)
    data = Dataset.from_dict({**encoded, "labels": rows})
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=3,
            per_device_train_batch_size=16,
            learning_rate=5e-5,
            train_sampling_strategy="group_by_length",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            dataloader_pin_memory=False,
        )
        collator = DataCollatorWithPadding(tokenizer)
        Trainer(model=model, args=arguments, train_dataset=data, data_collator=collator).train()
    model.eval()

    def score(texts: Sequence[str]) -> Scores:
        with torch.inference_mode():
            parts = [
                model(
                    **tokenizer(
                        list(texts[i : i + 32]), truncation=True, max_length=128, padding=True, return_tensors="pt"
                    )
                )
                for i in range(0, len(texts), 32)
            ]
        return np.concatenate([part.logits.numpy() for part in parts]).astype(np.float64)

    return score


def ours(train: Sequence[GoldArticle], corpus: Path) -> Scorer:
    """The shipped tagger's recipe on these articles, in int8."""
    from pipeline.tagger.tagger import Tagger
    from pipeline.training.tagger_export import export_tagger
    from pipeline.training.tagger_model import train_tagger

    settings = msgspec.structs.replace(load_training_settings(CONFIG), articles=len(train))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = train_tagger(settings, corpus, folder / "model", work=folder / "work")
        tagger = Tagger.load(export_tagger(trained, folder / "int8", train), device="cpu", threads=0)
    return lambda texts: np.array([reading.logits for reading in tagger.read(texts)])


SYSTEMS: dict[str, Callable[[Sequence[GoldArticle], Path], Scorer]] = {
    "keyword rules": rules,
    "TF-IDF, logistic regression": tfidf,
    "spaCy textcat_multilabel": textcat,
    "SetFit": setfit,
    "single-sentence fine-tune": fine_tune,
    "ours": ours,
}

if __name__ == "__main__":
    main()
