"""Fine-tuning an encoder to tag sentences: one command, one configuration file, seeded, and able to go on where it stopped."""

import importlib.util
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import nn
from transformers import AutoModelForTokenClassification, AutoTokenizer, Trainer, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS
from pipeline.tagger.data import GoldArticle, TaggedArticle, read_gold, tagged, window_dataset
from pipeline.tagger.settings import FILE as SETTINGS_FILE
from pipeline.tagger.settings import Stage, TaggerSettings, WindowSettings, load_settings, save_settings
from pipeline.tagger.windows import Windower


class TrainingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training configuration (``configs/claim_tagger.toml``).

    ``encoder`` is a Hugging Face name, a folder, or ``package:NAME/FOLDER`` for weights that an installed Python
    package carries. ``batch_size`` counts windows. ``unsure`` is the target of a claim that the annotator doubted.
    ``notes`` goes into the model's card: what the corpus is. ``sources`` keeps only the articles whose source contains one of these. ``articles`` takes only the first so many (0:
    all), for quick trials. ``keep`` is the share of the starting weights that is mixed in at the end (WiSE-FT, Wortsman et
    al. 2022), for a second stage that should not forget the first. ``threads`` 0 uses every core.
    """

    encoder: str
    name: str = "claim_tagger"
    version: str = "0.1.0"
    notes: str = ""
    windows: WindowSettings = WindowSettings()
    epochs: int = 2
    batch_size: int = 16
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    unsure: float = 0.5
    seed: int = 1
    sources: tuple[str, ...] = ()
    articles: int = 0
    keep: float = 0.0
    threads: int = 0
    checkpoint_steps: int = 200
    bf16: bool = False


class SentenceTagger(nn.Module):
    """A token classifier trained through its sentences.

    A sentence's logits are the mean of its tokens' logits, *(sentences, labels)*; the head is linear, so that is the
    same as a linear head on the mean token vector. Each annotation batch has an offset a label, learnt here and left
    out afterwards: the annotator was stricter on some days than on others.
    """

    def __init__(self, classifier: Any, batches: int) -> None:
        super().__init__()
        self.classifier = classifier
        self.batch_offsets = nn.Embedding(batches, len(LABELS))
        nn.init.zeros_(self.batch_offsets.weight)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        segments: torch.Tensor,
        targets: torch.Tensor,
        batch: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """Loss over a batch of windows.

        Args:
            input_ids: *(windows, length)*.
            attention_mask: *(windows, length)*.
            segments: *(windows, length)*, the index in ``targets`` of the sentence that a token belongs to, or -1.
            targets: *(sentences, labels)* in [0, 1].
            batch: *(sentences,)*, the annotation batch of each sentence.
        """
        logits = self.classifier(input_ids=input_ids, attention_mask=attention_mask).logits.float()
        scored = segments >= 0
        owner = segments[scored]
        sums = logits.new_zeros(targets.shape).index_add_(0, owner, logits[scored])
        lengths = torch.bincount(owner, minlength=len(targets)).clamp(min=1).unsqueeze(1)
        sentence_logits = sums / lengths + self.batch_offsets(batch)
        return {"loss": nn.functional.binary_cross_entropy_with_logits(sentence_logits, targets)}


def collate(rows: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Windows of a dataset to one padded batch, the arguments of :meth:`SentenceTagger.forward`."""
    length = max(len(row["input_ids"]) for row in rows)
    input_ids = torch.full((len(rows), length), pad)
    attention_mask = torch.zeros((len(rows), length), dtype=torch.long)
    segments = torch.full((len(rows), length), -1)
    targets: list[list[float]] = []
    batch: list[int] = []
    for i, row in enumerate(rows):
        input_ids[i, : len(row["input_ids"])] = torch.tensor(row["input_ids"])
        attention_mask[i, : len(row["input_ids"])] = 1
        for start, end in row["spans"]:
            segments[i, start:end] = len(batch)
            batch.append(row["batch"])
        targets += row["targets"]
    return {
        "input_ids": input_ids,
        "attention_mask": attention_mask,
        "segments": segments,
        "targets": torch.tensor(targets),
        "batch": torch.tensor(batch),
    }


def load_training_settings(path: Path) -> TrainingSettings:
    """Reads a training configuration.

    Raises:
        OpclaimsError: the file cannot be read, is not TOML, or has a key or value that is not a setting.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), TrainingSettings)
    except OSError as error:
        raise OpclaimsError(f"{path}: cannot read the training configuration: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise OpclaimsError(f"{path}: {error}. configs/claim_tagger.toml shows the settings.") from error


def encoder_path(encoder: str) -> str:
    """The folder or Hugging Face name behind ``TrainingSettings.encoder``.

    Raises:
        OpclaimsError: a ``package:`` that is not installed.
    """
    if not encoder.startswith("package:"):
        return encoder
    package, _, folder = encoder.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise OpclaimsError(
            f"the encoder {encoder} is in a package that is not installed: pip install 'opclaims[train]'"
        )
    return str(Path(spec.origin).parent / folder)


def train_tagger(settings: TrainingSettings, corpus: Path, output: Path, *, work: Path, encoder: str = "") -> Path:
    """Trains a tagger and writes it, uncalibrated and in fp32, as a Hugging Face model folder.

    Goes on from the last checkpoint in ``work`` where there is one.

    Args:
        settings: what to train and how.
        corpus: the folder with ``claims/train.jsonl``.
        output: where the model goes.
        work: checkpoints and logs; may be deleted afterwards.
        encoder: replaces ``settings.encoder``.

    Raises:
        OpclaimsError: the corpus or the encoder cannot be read.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    set_seed(settings.seed)
    named = encoder or settings.encoder
    source = encoder_path(named)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True)
        classifier = AutoModelForTokenClassification.from_pretrained(
            source,
            attn_implementation="eager",
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
        )
    except (OSError, ValueError) as error:
        raise OpclaimsError(f"the encoder {named} cannot be loaded: {error}") from error
    windower = Windower(tokenizer.backend_tokenizer, settings.windows)
    start = {name: weights.clone() for name, weights in classifier.state_dict().items()} if settings.keep else {}

    gold = read_gold(corpus / "claims" / "train.jsonl")[: settings.articles or None]
    if settings.sources:
        gold = [article for article in gold if any(source in article.source for source in settings.sources)]
    if not gold:
        raise OpclaimsError(f"{corpus}: no article of these sources: {', '.join(settings.sources)}.")
    articles: list[TaggedArticle] = [tagged(article, settings.unsure) for article in gold]
    dataset = window_dataset(
        articles, windower, epochs=settings.epochs, batch_size=settings.batch_size, seed=settings.seed
    )
    model = SentenceTagger(classifier, len({article.batch for article in articles}))

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=1,
            per_device_train_batch_size=settings.batch_size,
            train_sampling_strategy="sequential",
            warmup_steps=settings.warmup,
            lr_scheduler_type="linear",
            max_grad_norm=1.0,
            bf16=settings.bf16,
            seed=settings.seed,
            save_steps=settings.checkpoint_steps,
            save_total_limit=1,
            logging_steps=50,
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
            label_names=["targets"],
            use_cpu=not torch.cuda.is_available(),
            dataloader_pin_memory=False,
        ),
        train_dataset=dataset,
        data_collator=lambda rows: collate(rows, pad=tokenizer.pad_token_id or 0),
        optimizers=(_optimizer(model, settings), None),
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(work)) if work.is_dir() else None)

    if settings.keep:
        trained = classifier.state_dict()
        classifier.load_state_dict({name: torch.lerp(trained[name], start[name], settings.keep) for name in trained})
    before = load_settings(Path(source)) if (Path(source) / SETTINGS_FILE).is_file() else None  # a first stage's
    output.mkdir(parents=True, exist_ok=True)
    classifier.save_pretrained(output)
    tokenizer.save_pretrained(output)
    save_settings(
        TaggerSettings(
            name=settings.name,
            version=settings.version,
            encoder=before.encoder if before else named,
            windows=settings.windows,
            stages=(*(before.stages if before else ()), _stage(settings, named, gold)),
            notes=settings.notes,
        ),
        output,
    )
    return output


def _stage(settings: TrainingSettings, start: str, gold: Sequence[GoldArticle]) -> Stage:
    """What the model card says of this training run."""
    return Stage(
        start=start,
        articles=len(gold),
        sentences=sum(len(article.sentences) for article in gold),
        sources=dict(Counter(article.source or "no source given" for article in gold).most_common()),
        epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        keep=settings.keep,
        seed=settings.seed,
    )


def _optimizer(model: SentenceTagger, settings: TrainingSettings) -> torch.optim.Optimizer:
    """AdamW, with a learning rate of their own for the new parameters: the head and the batch offsets."""
    head = {id(p) for name, p in model.named_parameters() if "classifier.classifier" in name or "batch_offsets" in name}
    groups = [
        {"params": [p for p in model.parameters() if id(p) not in head], "lr": settings.learning_rate},
        {"params": [p for p in model.parameters() if id(p) in head], "lr": settings.head_learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay, fused=True)
