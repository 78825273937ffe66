"""The model card beside a tagger: what it was trained on, how, its figures, its limits."""

from pathlib import Path

from pipeline.record import LABELS
from pipeline.tagger.engine import OPENVINO_FILE, TORCH_FILE
from pipeline.tagger.settings import TaggerSettings

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

Opinion articles annotated by a large language model working from written guidelines, every span checked against the text
(`claims/train.jsonl`, 3,028 articles, 106,676 sentences). No sentence of them is in this repository. Sources: editorials of
Al Jazeera, Fox News and the Guardian (Webis editorials corpus); Nature and Science editorials (NatSciEdCC); Project
Syndicate; New York Times Room for Debate (UKPLab); US political commentary of SemEval-2019 task 4 (CC BY 4.0);
BuzzFeed-Webis 2016 (CC BY 4.0); op-eds from Article-Bias-Prediction (Baly et al. 2020); UD English EWT (CC BY-SA 4.0) and GUM
(CC BY 4.0). The texts belong to their publishers and were used for research. The encoder all-MiniLM-L6-v2 is Apache-2.0; the
PyPI package that carries its weights declares MIT.

## How

{commands}

Claims that the annotator doubted have the target 0.5; each annotation batch has an offset a label, left out at run time.

## Figures

F1 on gold sentences; pairs that gold marks unsure are left out ("clear"). Calibration (Platt scaling) and thresholds
({thresholds}) were fitted on both dev sets together, so these are dev figures; the rows "fitted on the other set" show what
that is worth. `calibration error` is the expected calibration error, ten bins.

{figures}

## Limits

- English op-eds and editorials; news reports and other genres are not what it has seen.
- The gold is one annotator's (a language model): twice over the same text it agrees with itself at F1 0.92 (0.99 over clear
  pairs). No human agreement was measured.
- Motivations are the hardest kind; concerns that are told without a word of worry are missed most often.
- Scores depend slightly on the processor's int8 instructions; on one machine they are the same in every run.
"""


COMMANDS = """\
    opclaims train tagger --config configs/claim_tagger.toml --corpus ../shared/corpus
    opclaims train tagger --config configs/claim_tagger_focus.toml --corpus ../shared/corpus

The second stage is one more epoch on the 556 editorials, commentaries and op-eds on foreign affairs among the training articles; its
weights and those of the first stage are averaged, 7 to 3."""


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
        commands=COMMANDS,
        thresholds=", ".join(f"{label} {value:.3f}" for label, value in settings.thresholds.items()),
        figures="\n".join(rows),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
