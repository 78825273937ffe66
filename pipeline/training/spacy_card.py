"""The model card of ``en_opeds``."""

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

| what | texts | licence |
|---|---|---|
| `senter` | UD English EWT and GUM, 688 texts with gold sentence boundaries | CC BY-SA 4.0, CC BY 4.0 |
| | 300 of the opinion articles below, with the boundaries of a rule-based splitter | as below |
| `ner` | 1,079 opinion articles (792,000 words, 49,000 mentions), annotated by a large language model from written guidelines: SemEval-2019 hyperpartisan news (CC BY 4.0), editorials of the Webis editorials corpus, NatSciEdCC, Project Syndicate, New York Times Room for Debate, and opinion pages in Article-Bias-Prediction | texts: their publishers', for research; the model holds none of them |
| word vectors | the texts of all 3,028 training articles and of 4,000 without annotation, 6.9 million words | the same |

The vectors are floret's: a hashed table of subwords without a vocabulary. The string store holds what spaCy's English brings
along, and the labels: no word comes from the corpus. Nothing in the folder is a pickle.

## Figures

Measured on raw text through the whole pipeline. A boundary is right where a sentence starts; a sentence, where both its
ends are exact. Of entities, span and type must be exact. Choices were made on the dev sets; of the segmentation test set the figures were only read off.
How they were made: `docs/decisions/segmentation.md` and `docs/decisions/entities.md`.

{tables}

## Limits

- Entities were annotated by a machine and measured against the same annotator: agreement with it, not with people. WORK, PRODUCT
  and FAC are rare and the weakest (9 to 37 mentions of each in a dev set).
- Sentence boundaries after a colon, between the items of an address and between headings on one line are a matter of taste in the
  gold standard too; that is most of what is missing. Chats, reviews and mails (the "all genres" figures) are harder.
- Dates and money are rules: spans of time ("six months"), dates relative to something unsaid ("the day after"), a bare "March" or "May"
  without a preposition and money without a currency are not found.
- English only; British and American spelling.
"""


def write_card(folder: Path, figures: Figures) -> None:
    """Writes ``README.md`` beside a model."""
    (folder / "README.md").write_text(_CARD.format(tables=_tables(figures)), encoding="utf-8")


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
