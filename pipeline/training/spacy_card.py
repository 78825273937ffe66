"""The model card of ``en_opeds``."""

from collections.abc import Mapping
from pathlib import Path

Figures = dict[str, dict[str, float]]

_CARD = """# en_opeds

A spaCy pipeline for English opinion articles: `layout` (paragraphs and zones), `senter` (sentences), `ner` (PERSON NORP ORG
GPE LOC FAC EVENT LAW WORK PRODUCT), `dates_and_money` (DATE and MONEY, by rule).

    import spacy
    nlp = spacy.load("models/en_opeds")     # with opclaims installed, whose factories it names

Made by one command, seeded, in about half an hour on one CPU core (it goes on where it was cut off):

    opclaims train spacy --corpus ../shared/corpus

## Trained on

{trained_on}

{notes}

The vectors are floret's: a hashed table of subwords without a vocabulary. The string store holds what spaCy's English brings
along, and the labels: no word comes from the corpus. Nothing in the folder is a pickle.

## Figures

Measured on raw text through the whole pipeline. A boundary is right where a sentence starts; a sentence, where both its
ends are exact. Of entities, span and type must be exact. Choices were made on the dev sets; of the segmentation test set the figures were only read off.
How they were made: `docs/decisions/segmentation.md` and `docs/decisions/entities.md`.

{tables}

## Limits

- Figures are agreement with the corpus's annotator, not with readers; rare types of entity are the weakest.
- Sentence boundaries after a colon, between the items of an address and between headings on one line are a matter of taste in the
  gold standard too; that is most of what is missing. Chats, reviews and mails (the "all genres" figures) are harder.
- Dates and money are rules: spans of time ("six months"), dates relative to something unsaid ("the day after"), a bare "March" or "May"
  without a preposition and money without a currency are not found.
- English only; British and American spelling.
"""


def write_card(folder: Path, figures: Figures, trained_on: Mapping[str, str], notes: str) -> None:
    """Writes ``README.md`` beside a model.

    Args:
        folder: the model's.
        figures: as :func:`pipeline.training.spacy_model.evaluate_spacy` gives them.
        trained_on: what each part was trained on, counted.
        notes: what the corpus is, and its licences.
    """
    rows = ["| what | trained on |", "|---|---|", *(f"| {part} | {texts} |" for part, texts in trained_on.items())]
    card = _CARD.format(tables=_tables(figures), trained_on="\n".join(rows), notes=notes.strip())
    (folder / "README.md").write_text(card, encoding="utf-8")


def _tables(figures: Figures) -> str:
    lines = ["| sentences | boundary F1 | sentence F1 |", "|---|---|---|"]
    for name, values in figures.items():
        if "sentences" in values:
            lines.append(f"| {name} | {values['boundaries']:.3f} | {values['sentences']:.3f} |")
    entities = {name: values for name, values in figures.items() if "all" in values}
    kinds = list(dict.fromkeys(kind for values in entities.values() for kind in values))
    lines += ["", "| entities, F1 | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name, values in entities.items():
        cells = (f"{values[kind]:.3f}" if kind in values else "" for kind in kinds)
        lines.append(f"| {name.removesuffix(', entities')} | " + " | ".join(cells) + " |")
    speed = figures["speed"]["words_per_second"]
    lines += ["", f"Speed: {speed:,} words a second of CPU time on one core (`nlp.pipe` over claims/dev_foreign)."]
    return "\n".join(lines)
