"""From a trained encoder to the tagger that ships: exported, calibrated, measured, with its card."""

import shutil
from pathlib import Path

import msgspec

from pipeline.errors import OpclaimsError
from pipeline.tagger.engine import Engine, OpenVinoEngine, TorchEngine
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import TaggerSettings, load_settings, save_settings
from pipeline.tagger.tagger import Tagger
from pipeline.training.calibrate import Scored, calibration_error, fit, macro_f1, score_gold
from pipeline.training.plots import plot_reliability
from pipeline.training.tagger_card import FIGURES, write_card
from pipeline.training.tagger_data import GoldArticle, read_gold
from pipeline.training.tagger_export import export_tagger

DEV_SETS = ("dev", "dev_foreign")


def build_tagger(trained: Path, corpus: Path, output: Path) -> TaggerSettings:
    """Exports a trained tagger to int8, calibrates it on the dev sets, measures it beside its fp32 original, writes its card.

    Args:
        trained: a folder made by :func:`pipeline.training.tagger_model.train_tagger`.
        corpus: the folder with ``claims/train.jsonl``, ``claims/dev.jsonl`` and, where there is one, ``claims/dev_foreign.jsonl``.
        output: where the tagger goes.

    Raises:
        OpclaimsError: the corpus or the trained tagger cannot be read.
    """
    claims = corpus / "claims"
    gold = {name: read_gold(claims / f"{name}.jsonl") for name in DEV_SETS if (claims / f"{name}.jsonl").is_file()}
    if not gold:
        raise OpclaimsError(f"{claims}: no {DEV_SETS[0]}.jsonl there, which thresholds are fitted on.")
    building = output.with_name(f"{output.name}.part")  # so that nobody meets a tagger without thresholds
    shutil.rmtree(building, ignore_errors=True)
    settings = _build(trained, gold, export_tagger(trained, building, read_gold(claims / "train.jsonl")))
    shutil.rmtree(output, ignore_errors=True)
    building.rename(output)
    return settings


def _build(trained: Path, gold: dict[str, list[GoldArticle]], output: Path) -> TaggerSettings:
    """Calibrates and measures an exported tagger, and writes its settings, its plot and its card."""
    settings = load_settings(trained)
    tokenizer = SentenceTokenizer.from_folder(trained, settings.max_tokens)
    engines: dict[str, Engine] = {"int8": OpenVinoEngine(output), "fp32": TorchEngine(trained)}
    scored = {
        precision: {name: score_gold(Tagger(settings, tokenizer, engine), articles) for name, articles in gold.items()}
        for precision, engine in engines.items()
    }
    fitted = {precision: fit(settings, list(sets.values())) for precision, sets in scored.items()}

    figures = {
        f"{name}, {precision}": _figures(fitted[precision], scored[precision][name])
        for name in gold
        for precision in engines
    }
    crossed = {
        f"{name}, int8, fitted on the other set": (fit(settings, others), held_out)
        for name, held_out in scored["int8"].items()
        if (others := [one for other, one in scored["int8"].items() if other != name])
    }
    figures |= {name: _figures(*pair) for name, pair in crossed.items()}
    settings = msgspec.structs.replace(fitted["int8"], figures=figures)
    save_settings(settings, output)
    plot_reliability(crossed or {name: (settings, one) for name, one in scored["int8"].items()}, output)
    write_card(settings, output)
    return settings


def _figures(settings: TaggerSettings, scored: Scored) -> dict[str, float]:
    """F1 (clear) by label, macro F1, calibration error and the entities' F1, to four decimals."""
    figures = {
        **macro_f1(settings, scored),
        "calibration_error": calibration_error(settings, scored),
        "entity_f1": scored.entity_f1,
    }
    return {name: round(value, 4) for name in FIGURES if (value := figures[name]) is not None}
