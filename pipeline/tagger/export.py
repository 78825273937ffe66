"""From a trained tagger to the one that ships: OpenVINO int8, beside half-precision weights for a GPU."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForTokenClassification

from pipeline.tagger.data import GoldArticle
from pipeline.tagger.engine import OPENVINO_FILE
from pipeline.tagger.settings import load_settings, save_settings
from pipeline.tagger.windows import Windower


class _LogitsOnly(torch.nn.Module):
    """The classifier with two inputs and one output, the interface of :class:`~pipeline.tagger.engine.Engine`."""

    def __init__(self, classifier: torch.nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def export_tagger(source: Path, output: Path, calibration: Sequence[GoldArticle], *, windows: int = 400) -> Path:
    """Writes ``output``: OpenVINO int8 weights, float16 torch weights, tokenizer and settings.

    Weights and activations are quantized after training by NNCF, the activations' ranges being those that ``windows``
    windows of training articles show.

    Args:
        source: a folder made by :func:`pipeline.tagger.train.train_tagger`.
        output: where the tagger goes; existing weights there are replaced.
        calibration: articles to take the windows from; training ones, never dev.
        windows: how many windows.
    """
    import nncf
    import openvino

    classifier = AutoModelForTokenClassification.from_pretrained(
        source, attn_implementation="eager", local_files_only=True
    ).eval()
    example = torch.ones((2, 16), dtype=torch.int64)
    model = openvino.convert_model(
        _LogitsOnly(classifier), example_input={"input_ids": example, "attention_mask": example}
    )
    for port, name in zip(model.inputs, ("input_ids", "attention_mask"), strict=True):
        port.get_tensor().set_names({name})
    model.reshape({"input_ids": [-1, -1], "attention_mask": [-1, -1]})

    settings = load_settings(source)
    windower = Windower.from_folder(source, settings.windows)
    samples = list(_samples(windower, calibration[:windows], windows))
    quantized = nncf.quantize(
        model, nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(samples)
    )

    output.mkdir(parents=True, exist_ok=True)
    openvino.save_model(quantized, output / OPENVINO_FILE, compress_to_fp16=True)
    classifier.half().save_pretrained(output)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if source != output:
            shutil.copyfile(source / name, output / name)
    save_settings(settings, output)
    return output


def _samples(windower: Windower, articles: Sequence[GoldArticle], count: int) -> Iterator[dict[str, np.ndarray]]:
    """The first ``count`` windows, the first of each article, then the second of each: many articles have their say."""
    taken = 0
    per_article = [
        windower.windows([article.text[start:end] for start, end in article.sentences]) for article in articles
    ]
    for place in range(max(map(len, per_article), default=0)):
        for windows in per_article:
            if place < len(windows) and taken < count:
                ids = np.array([windows[place].ids], dtype=np.int64)
                yield {"input_ids": ids, "attention_mask": np.ones_like(ids)}
                taken += 1
