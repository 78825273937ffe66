"""``opclaims evaluate``: scores the pipeline, or a file of its records, against gold annotation."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate_cli(
    gold: Annotated[Path, typer.Argument(help="Annotated articles, one JSON object a line.")],
    predicted: Annotated[
        Path | None, typer.Argument(help="Records to score; without it the pipeline runs over the gold texts.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file (TOML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
) -> None:
    """Score claims, entities and calibration against gold annotation."""
    from pipeline.evaluate import Gold, Predicted, evaluate
    from pipeline.json_lines import read_json_lines

    articles = read_json_lines(gold, Gold)
    records = read_json_lines(predicted, Predicted) if predicted else _predict(articles, config)
    figures = evaluate(articles, records)
    if as_json:
        typer.echo(json.dumps(figures))
        return
    if figures["missing"]:
        typer.echo(f"no prediction for {len(figures['missing'])} of {figures['articles']} articles", err=True)
    _print(figures)


def _predict(articles: list[Any], config_path: Path | None) -> list[Any]:
    """Runs the pipeline over the gold articles' texts."""
    import msgspec

    from pipeline.config import load_config
    from pipeline.errors import ArticleError
    from pipeline.evaluate import Predicted
    from pipeline.nlp.processor import Processor
    from pipeline.reading import article_from_text

    config = load_config(config_path)
    processor = Processor(config)
    predicted = []
    for start in range(0, len(articles), config.run.batch_size):
        batch = [article_from_text(a.text, id=a.id) for a in articles[start : start + config.run.batch_size]]
        for outcome in processor.process(batch):
            if isinstance(outcome, ArticleError):
                typer.echo(str(outcome), err=True)
            else:
                predicted.append(msgspec.convert(msgspec.to_builtins(outcome), Predicted))
    return predicted


def _print(figures: dict[str, Any]) -> None:
    def row(name: str, value: dict[str, float]) -> None:
        typer.echo(
            f"{name:18} P {value['precision']:.3f}  R {value['recall']:.3f}  F1 {value['f1']:.3f}  ({value['gold']} gold)"
        )

    for name, value in figures["labels"].items():
        row(name, value) if isinstance(value, dict) else typer.echo(f"{name:18} {value:.3f}")
    for name in ("spans", "entities", "entity_types"):
        if name in figures:
            row(name, figures[name])
    for name in ("holder", "holder_actor", "addressee", "thesis", "key", "calibration_error"):
        if figures.get(name) is not None:
            typer.echo(f"{name:18} {figures[name]:.3f}")
