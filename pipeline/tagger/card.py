"""The model card beside a tagger: what it was trained on, how, its figures, its limits."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.record import LABELS
from pipeline.tagger.engine import OPENVINO_FILE, TORCH_FILE
from pipeline.tagger.settings import Stage, TaggerSettings

TEMPLATE = """\
# {name} {version}

Scores each sentence of an English opinion article for three kinds of claim: concern, motivation, recommendation. Three
independent probabilities; a sentence may carry several claims or none.

## What it is

{encoder}, fine-tuned. It reads windows of up to {max_tokens} tokens; a sentence's logits are the mean of its tokens', so
the network is a standard token classifier (`AutoModelForTokenClassification`).

| file | what |
|---|---|
| `{openvino}` and `.bin` | int8 weights and activations (NNCF, quantized after training on windows of training articles); runs on the CPU |
| `{torch}` | the weights in float16, for torch (`--device cuda`) and other Hugging Face tools |
| `tagger.json` | windows, calibration, thresholds, the figures below |

## Trained on

{sources}

{notes}

## How

`opclaims train tagger`, once for each stage, seeded; doubted claims have a soft target, and each annotation batch has an offset a
label that is left out at run time.

{stages}

## Figures

F1 on gold sentences; pairs that gold marks unsure are left out ("clear"). Calibration (Platt scaling) and thresholds
({thresholds}) were fitted on both dev sets together, so these are dev figures; the rows "fitted on the other set" show what
that is worth. `calibration error` is the expected calibration error, ten bins.

{figures}

## Limits

- Opinion articles in the language and of the kinds named above; nothing else was seen or measured.
- The figures are agreement with the corpus's annotation, on sentences that it gives.
"""


def write_card(settings: TaggerSettings, folder: Path) -> None:
    """Writes ``README.md`` beside the weights, with the figures that ``settings`` holds."""
    columns = (*LABELS, "macro_f1", "calibration_error")
    rows = [
        "| set, weights | " + " | ".join(column.replace("_", " ") for column in columns) + " |",
        "|---|" + "---|" * len(columns),
        *(
            f"| {name} | " + " | ".join(f"{values[column]:.3f}" for column in columns) + " |"
            for name, values in settings.figures.items()
        ),
    ]
    card = TEMPLATE.format(
        name=settings.name,
        version=settings.version,
        encoder=settings.encoder.removeprefix("package:"),
        max_tokens=settings.windows.max_tokens,
        openvino=OPENVINO_FILE,
        torch=TORCH_FILE,
        sources=_sources(settings.stages),
        notes=settings.notes.strip() or "The corpus is not described.",
        stages=_stages(settings.stages),
        thresholds=", ".join(f"{label} {value:.3f}" for label, value in settings.thresholds.items()),
        figures="\n".join(rows),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _sources(stages: Sequence[Stage]) -> str:
    rows = ["| articles | source |", "|---|---|"]
    rows += [f"| {count:,} | {source} |" for source, count in (stages[0].sources if stages else {}).items()]
    return "\n".join(rows)


def _stages(stages: Sequence[Stage]) -> str:
    rows = [
        "| start | articles | sentences | epochs | learning rate | seed | share of the start that is kept |",
        "|---" * 7 + "|",
    ]
    rows += [
        f"| {s.start} | {s.articles:,} | {s.sentences:,} | {s.epochs} | {s.learning_rate:g} | {s.seed} | {s.keep:g} |"
        for s in stages
    ]
    return "\n".join(rows)
