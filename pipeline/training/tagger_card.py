"""The model card beside a tagger: what it was trained on, how, its figures, its limits."""

from pathlib import Path

from pipeline.record import LABELS
from pipeline.tagger.settings import TaggerSettings, Training
from pipeline.tagger.weights import TORCH_FILE

FIGURES = (*LABELS, "macro_f1", "calibration_error", "entity_f1")

TEMPLATE = """\
# {name} {version}

Scores each sentence of an English opinion article for three kinds of claim: concern, motivation, recommendation. Three
independent probabilities; a sentence may carry several claims or none. On the same pass it finds named entities
({entity_types}).

## What it is

{encoder}, fine-tuned, with linear heads. It reads single sentences of up to {max_tokens} tokens. A sentence's logits come from the
mean of its token vectors; each token is also scored for being part of a claim, of its holder and of its addressee, and
for its entity tag (BIO). How a token is written (lower, Title, UPPER, mixed) is an embedding added {casing}.

| file | what |
|---|---|
| `openvino_model.xml`, `.bin` | int8 weights and activations (NNCF, quantized after training on sentences of training articles), run by OpenVINO on the CPU{from_same} |
{own_weights}| `tagger.json` | calibration, thresholds, the figures below |

## Trained on

{sources}

{notes}

## How

{how} Doubted claims have a soft target, and each annotation batch has an offset a label that is left out at run time.

## Figures

F1 on gold sentences; pairs that gold marks unsure are left out ("clear"). Calibration (Platt scaling) and thresholds
({thresholds}) were fitted on both dev sets together, so these are dev figures; the rows "fitted on the other set" show what
that is worth. `calibration error` is the expected calibration error, ten bins a label; `entity f1` that of typed, exact spans.

{figures}

![How often a score is right, on the set that the calibration was not fitted on](reliability.png)

## Limits

- Opinion articles in the language and of the kinds named above; nothing else was seen or measured.
- The figures are agreement with the corpus's annotation, on sentences that it gives.
"""


def write_card(settings: TaggerSettings, folder: Path) -> None:
    """Writes ``README.md`` beside the weights, with the figures that ``settings`` holds."""
    rows = [
        "| set, weights | " + " | ".join(column.replace("_", " ") for column in FIGURES) + " |",
        "|---|" + "---|" * len(FIGURES),
        *(
            f"| {name} | "
            + " | ".join(f"{values[column]:.3f}" if column in values else "–" for column in FIGURES)
            + " |"
            for name, values in settings.figures.items()
        ),
    ]
    own = (folder / TORCH_FILE).is_file()
    card = TEMPLATE.format(
        name=settings.name,
        version=settings.version,
        encoder=settings.encoder.removeprefix("package:"),
        max_tokens=settings.max_tokens,
        casing=f"to what goes into layer {settings.casing_layer + 1}" if settings.casing_layer else "to its word's",
        entity_types=", ".join(settings.entity_types) or "none",
        sources=_sources(settings.training),
        notes=(settings.training.notes.strip() if settings.training else "") or "The corpus is not described.",
        how=_how(settings.training),
        from_same="" if own else ", and by torch from the same files on a GPU (`--device cuda`)",
        own_weights=f"| `{TORCH_FILE}` | the weights in float16, for torch on a GPU (`--device cuda`) |\n"
        if own
        else "",
        thresholds=", ".join(f"{label} {value:.3f}" for label, value in settings.thresholds.items()),
        figures="\n".join(rows),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _sources(training: Training | None) -> str:
    rows = ["| source | articles | sentences | epochs |", "|---|---|---|---|"]
    rows += [
        f"| {source.name} | {source.articles:,} | {source.sentences:,} | {source.epochs} |"
        for source in (training.sources if training else ())
    ]
    return "\n".join(rows)


def _how(training: Training | None) -> str:
    if training is None:
        return "Not described."
    recipe = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in training.recipe.items())
    text = f"{training.steps:,} steps of AdamW with linear warm-up and decay: {recipe}."
    if training.teachers:
        text += (
            f" Taught by {', '.join(training.teachers)} besides (distillation), on these sentences and on "
            f"{training.unlabelled:,} unlabelled ones."
        )
    return text
