"""Fine-tuning an encoder to read sentences: one command, one configuration file, seeded, and able to go on where it stopped."""

import importlib.util
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import torch
from datasets import Dataset
from torch import nn
from transformers import AutoTokenizer, Trainer, TrainingArguments, set_seed

from pipeline.errors import OpclaimsError
from pipeline.identity import fingerprint, tagger_files
from pipeline.record import LABELS
from pipeline.tagger.folder import tagger_folder
from pipeline.tagger.network import ClaimNetwork, pretrained_encoder
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import TOKEN_LABELS, Source, TaggerSettings, Training, save_settings
from pipeline.training.frozen import FrozenStates
from pipeline.training.tagger_data import (
    NOT_ANNOTATED,
    GoldArticle,
    batches_of_like_length,
    collate,
    entity_types,
    read_gold,
    sentence_dataset,
)
from pipeline.training.teach import Lesson, TeacherSettings, lessons, unlabelled_sentences

RECIPE = (
    "batch_tokens", "learning_rate", "head_learning_rate", "frozen_layers", "layer_decay", "token_loss", "entity_loss", "unsure",
    "dropout", "seed",
)  # fmt: skip
"""The settings that the model card tells."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class EpochSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pass over the articles whose source contains one of ``sources``; all articles where it is empty."""

    sources: tuple[str, ...] = ()


class TrainingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training configuration (``configs/claim_tagger.toml``).

    Attributes:
        encoder: a Hugging Face name, a folder, or ``package:NAME/FOLDER`` for weights that an installed package carries.
        name: the tagger's, and its folder's under ``models/``.
        version: the tagger's.
        notes: for the model card: what the corpus is.
        max_tokens: a longer sentence is cut there.
        epochs: the passes over the articles, in order, under one learning-rate schedule.
        batch_tokens: tokens a step, padding included; a step has many short sentences or a few long ones.
        learning_rate: of the encoder's highest layer.
        frozen_layers: of the encoder, from the lowest; they and the embeddings stay as they are and are computed once.
        layer_decay: each layer's learning rate is that of the layer above times this.
        head_learning_rate: of the heads, the casing and the batch offsets, which are new.
        weight_decay: of matrices; biases and norms have none.
        warmup: share of the steps in which the learning rates rise; then they fall linearly to zero.
        token_loss: weight of the loss over claim, holder and addressee words beside the sentences' own.
        entity_loss: weight of the loss over entity tags.
        unsure: the target of a claim that the annotator doubted.
        dropout: every dropout rate of the encoder.
        teacher: larger taggers to learn from besides, if any; unlabelled sentences are part of every epoch then.
        seed: of everything.
        articles: only the first so many (0: all), for quick trials.
        threads: 0 uses every core.
        checkpoint_steps: steps from one checkpoint to the next.
        bf16: bfloat16 autocast, for CPUs and GPUs that have it.
    """

    encoder: str
    name: str = "claim_tagger"
    version: str = "0.1.0"
    notes: str = ""
    max_tokens: int = 128
    epochs: tuple[EpochSettings, ...] = (EpochSettings(), EpochSettings())
    batch_tokens: int = 2048
    learning_rate: float = 2e-4
    frozen_layers: Annotated[int, msgspec.Meta(ge=0)] = 0
    layer_decay: float = 1.0
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: Share = 0.06
    token_loss: float = 0.05
    entity_loss: float = 0.05
    unsure: Share = 0.5
    dropout: Share = 0.0
    teacher: TeacherSettings | None = None
    seed: int = 1
    articles: int = 0
    threads: int = 0
    checkpoint_steps: int = 200
    bf16: bool = False


class TrainedNetwork(nn.Module):
    """The network with its losses.

    Each annotation batch has an offset a label, added to the logits where they are held against the annotation, learnt here and
    left out afterwards: the annotator was stricter on some days than on others.
    """

    def __init__(self, network: ClaimNetwork, batches: int, settings: TrainingSettings) -> None:
        super().__init__()
        self.network = network
        self.batch_offsets = nn.Embedding(batches + 1, len(LABELS), padding_idx=batches)
        nn.init.zeros_(self.batch_offsets.weight)
        self.token_loss = settings.token_loss
        self.entity_loss = settings.entity_loss
        self.teacher_weight = settings.teacher.weight if settings.teacher else 0.0

    def forward(
        self,
        input_ids: torch.Tensor,
        casing: torch.Tensor,
        attention_mask: torch.Tensor,
        targets: torch.Tensor,
        taught: torch.Tensor,
        annotated: torch.Tensor,
        token_targets: torch.Tensor,
        tags: torch.Tensor,
        batch: torch.Tensor,
        states: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        """Loss over a batch of sentences.

        Args:
            input_ids: *(sentences, length)*.
            casing: *(sentences, length)*.
            attention_mask: *(sentences, length)*.
            targets: *(sentences, labels)* in [0, 1], the annotation.
            taught: *(sentences, labels)* in [0, 1], the teachers' probabilities.
            annotated: *(sentences,)*, 1 where there is an annotation, else 0.
            token_targets: *(sentences, length, token labels)* in [0, 1].
            tags: *(sentences, length)*, ``NOT_ANNOTATED`` where there is nothing to learn.
            batch: *(sentences,)*, the annotation batch of each.
            states: *(sentences, length, width)*, the output of the encoder's frozen layers, if there are any.
        """
        cross_entropy = nn.functional.binary_cross_entropy_with_logits
        sentences, tokens = (logits.float() for logits in self.network(input_ids, casing, attention_mask, states))
        on_annotation = cross_entropy(sentences + self.batch_offsets(batch), targets, reduction="none").mean(1)
        on_teachers = cross_entropy(sentences, taught, reduction="none").mean(1)
        share = annotated * (1 - self.teacher_weight)
        loss = (share * on_annotation + (1 - share) * on_teachers).mean()
        real = attention_mask.bool() & annotated.bool().unsqueeze(1)
        if self.token_loss and bool(real.any()):
            on_words = cross_entropy(tokens[..., : len(TOKEN_LABELS)][real], token_targets[real])
            loss = loss + self.token_loss * on_words
        if self.entity_loss and bool((tags != NOT_ANNOTATED).any()):
            loss = loss + self.entity_loss * nn.functional.cross_entropy(
                tokens[..., len(TOKEN_LABELS) :].flatten(0, 1), tags.flatten(), ignore_index=NOT_ANNOTATED
            )
        return {"loss": loss}


class PlannedBatches(torch.utils.data.Dataset[dict[str, Any]]):
    """All batches of all epochs in the order in which they are shown, so that a run can go on at any of them."""

    def __init__(
        self, sentences: Dataset, batches: Sequence[Sequence[int]], states: FrozenStates | None = None
    ) -> None:
        self.sentences = sentences
        self.batches = batches
        self.states = states

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, step: int) -> dict[str, Any]:
        """Columns of :func:`~pipeline.training.tagger_data.sentence_dataset`, and ``states`` where layers are frozen."""
        columns: dict[str, Any] = self.sentences[self.batches[step]]
        return columns if self.states is None else {**columns, "states": self.states[self.batches[step]]}


def _only(batches: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """The batch of a step; fails where several devices would each take one, which the plan doesn't foresee."""
    (columns,) = batches
    return collate(columns, pad)


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
    """Trains a tagger and writes it, uncalibrated and in fp32.

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
    articles = read_gold(corpus / "claims" / "train.jsonl")[: settings.articles or None]
    chosen = [_articles_of(epoch, articles) for epoch in settings.epochs]
    named = encoder or settings.encoder
    try:
        hf_tokenizer = AutoTokenizer.from_pretrained(encoder_path(named), use_fast=True)
        pretrained = pretrained_encoder(encoder_path(named), settings.dropout)
    except (OSError, ValueError) as error:
        raise OpclaimsError(f"the encoder {named} cannot be loaded: {error}") from error
    _check_positions(pretrained.config, settings)
    _same_run(work, settings, corpus, Path(encoder_path(named)))

    tokenizer = SentenceTokenizer(hf_tokenizer.backend_tokenizer, settings.max_tokens)
    taught = _lessons(settings, articles, corpus, work)
    types = entity_types(articles, taught)
    sentences = sentence_dataset(articles, tokenizer, types, settings.unsure, taught)
    unlabelled = len(sentences) - sum(len(article.sentences) for article in articles)
    del taught
    # unlabelled sentences, which are of article len(articles), are part of each epoch
    plan = _plan(sentences, [[*members, len(articles)] for members in chosen], settings)
    set_seed(settings.seed)  # here, since what comes before may have drawn numbers or not
    network = ClaimNetwork(pretrained, types, settings.frozen_layers)
    states = None
    if settings.frozen_layers:
        states = FrozenStates(work / "states.f16", network, sentences, [i for batch in plan for i in batch])
        network.detach_bottom()
    model = TrainedNetwork(network, len({article.batch for article in articles}), settings)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=1,
            per_device_train_batch_size=1,  # one of the planned batches
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
        train_dataset=PlannedBatches(sentences, plan, states),
        data_collator=lambda batches: _only(batches, hf_tokenizer.pad_token_id or 0),
        optimizers=(_optimizer(model, settings), None),
    )
    trainer.train(resume_from_checkpoint=_last_checkpoint(work))

    network.attach_bottom()
    output.mkdir(parents=True, exist_ok=True)
    network.save(output)
    hf_tokenizer.save_pretrained(output)
    save_settings(
        TaggerSettings(
            name=settings.name,
            version=settings.version,
            encoder=named,
            max_tokens=settings.max_tokens,
            casing_layer=settings.frozen_layers,
            entity_types=types,
            training=Training(
                sources=_sources(articles, chosen),
                teachers=settings.teacher.models if settings.teacher else (),
                unlabelled=unlabelled,
                steps=len(plan),
                recipe={
                    name: value for name, value in msgspec.structs.asdict(settings).items() if name in RECIPE and value
                },
                notes=settings.notes,
            ),
        ),
        output,
    )
    return output


def _check_positions(config: Any, settings: TrainingSettings) -> None:
    """Refuses sentences longer than the encoder can read."""
    positions = getattr(config, "max_position_embeddings", settings.max_tokens)
    if settings.max_tokens > positions:
        raise OpclaimsError(f"max_tokens = {settings.max_tokens}: the encoder reads {positions} tokens at most.")


def _same_run(work: Path, settings: TrainingSettings, corpus: Path, encoder: Path) -> None:
    """Refuses to go on where another run left its checkpoints, lessons and states; ``run.json`` says whose they are."""
    described = msgspec.to_builtins(settings)
    for without_effect in ("notes", "version", "name", "threads", "checkpoint_steps"):
        del described[without_effect]
    files = [corpus / "claims" / "train.jsonl"]
    files += sorted(path for path in encoder.glob("*") if path.suffix in (".json", ".safetensors", ".bin"))
    for model in settings.teacher.models if settings.teacher else ():
        files += tagger_files(tagger_folder(model))
    described |= {"files": {f"{path.parent.name}/{path.name}": fingerprint([path]) for path in files}}
    path, data = work / "run.json", msgspec.json.format(msgspec.json.encode(described))
    if not path.is_file():
        work.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    elif path.read_bytes() != data:
        raise OpclaimsError(
            f"{work}: another run's work ({path.name} says which). Name another --work folder, or delete it."
        )


def _last_checkpoint(work: Path) -> str | None:
    """The newest whole checkpoint; one that was cut off while it was written has no ``trainer_state.json``."""
    whole = [path.parent for path in work.glob("checkpoint-*/trainer_state.json")]
    return str(max(whole, key=lambda path: int(path.name.removeprefix("checkpoint-")))) if whole else None


def _lessons(settings: TrainingSettings, articles: Sequence[GoldArticle], corpus: Path, work: Path) -> list[Lesson]:
    """What the teachers make of all sentences, the unlabelled ones last; nothing where there are no teachers."""
    if settings.teacher is None:
        return []
    texts = [text for article in articles for text in article.sentence_texts()]
    if settings.teacher.unlabelled:
        texts += unlabelled_sentences(corpus, settings.teacher.unlabelled)
    return lessons(settings.teacher, texts, work / "lessons")


def _articles_of(epoch: EpochSettings, articles: Sequence[GoldArticle]) -> list[int]:
    """The indices of the articles that an epoch shows."""
    chosen = [
        i
        for i, article in enumerate(articles)
        if not epoch.sources or any(source in article.source for source in epoch.sources)
    ]
    if not chosen:
        raise OpclaimsError(f"no article of these sources: {', '.join(epoch.sources) or 'the corpus is empty'}.")
    return chosen


def _plan(sentences: Dataset, epochs: Sequence[Sequence[int]], settings: TrainingSettings) -> list[list[int]]:
    """The batches of all epochs."""
    shuffle = random.Random(settings.seed)
    lengths = sentences["length"][:]
    owners = sentences["article"][:]
    plan: list[list[int]] = []
    for articles in map(frozenset, epochs):
        members = [i for i, owner in enumerate(owners) if owner in articles]
        batches = batches_of_like_length([lengths[i] for i in members], settings.batch_tokens, shuffle)
        plan += [[members[i] for i in batch] for batch in batches]
    return plan


def _sources(articles: Sequence[GoldArticle], epochs: Sequence[Sequence[int]]) -> tuple[Source, ...]:
    """What was shown how often, for the model card; the largest source first."""
    shown = Counter(i for members in epochs for i in members)
    groups: dict[str, list[int]] = defaultdict(list)
    for i in shown:
        groups[articles[i].source or "no source given"].append(i)
    return tuple(
        Source(
            name=name,
            articles=len(members),
            sentences=sum(len(articles[i].sentences) for i in members),
            epochs=shown[members[0]],
        )
        for name, members in sorted(groups.items(), key=lambda group: -len(group[1]))
    )


def _optimizer(model: TrainedNetwork, settings: TrainingSettings) -> torch.optim.Optimizer:
    """AdamW, lower layers slower than higher ones, what is new fastest."""
    groups = [
        {"params": [weights], "lr": rate, "weight_decay": settings.weight_decay if weights.ndim > 1 else 0.0}
        for weights, rate in _learning_rates(model, settings)
        if weights.requires_grad
    ]
    return torch.optim.AdamW(groups, fused=True)


def _learning_rates(model: TrainedNetwork, settings: TrainingSettings) -> Iterator[tuple[nn.Parameter, float]]:
    """Every parameter with its learning rate."""
    encoder = model.network.encoder
    layers = model.network.layers
    depth_of = {id(weights): depth for depth, layer in enumerate(layers) for weights in layer.parameters()}
    of_encoder = {id(weights) for weights in encoder.parameters()}
    for weights in model.parameters():
        if id(weights) not in of_encoder:
            yield weights, settings.head_learning_rate
        else:  # embeddings lie below the lowest layer
            below_top = len(layers) - 1 - depth_of.get(id(weights), -1)
            yield weights, settings.learning_rate * settings.layer_decay**below_top
