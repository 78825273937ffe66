"""From a trained tagger to the one that ships: OpenVINO int8, which torch can read too."""

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from pipeline.errors import OpclaimsError
from pipeline.tagger.engine import INPUTS
from pipeline.tagger.network import ClaimNetwork
from pipeline.tagger.sentences import SentenceTokenizer
from pipeline.tagger.settings import load_settings, save_settings
from pipeline.tagger.weights import TORCH_FILE, XML, split
from pipeline.training.tagger_data import GoldArticle


def export_tagger(source: Path, output: Path, calibration: Sequence[GoldArticle], *, samples: int = 1000) -> Path:
    """Writes ``output``: OpenVINO int8 weights, tokenizer, settings and the encoder's configuration.

    Weights and activations are quantized after training by NNCF, the activations' ranges being those that sentences of
    training articles show. SmoothQuant and bias correction are off: with them the weights could not be read back by torch
    (:func:`pipeline.tagger.weights.torch_weights`), docs/decisions/tagger.md says what that costs.

    Args:
        source: a folder made by :func:`pipeline.training.tagger_model.train_tagger`.
        output: where the tagger goes, a new folder.
        calibration: articles to take the sentences from; training ones, never dev.
        samples: how many sentences.

    Raises:
        OpclaimsError: ``source`` holds no trained weights, or is ``output``.
    """
    import nncf
    import openvino

    if not (source / TORCH_FILE).is_file():
        raise OpclaimsError(
            f"{source}: no trained tagger ({TORCH_FILE}) there. It is the folder model/ in the --work folder."
        )
    if source.resolve() == output.resolve():
        raise OpclaimsError(f"{output}: is the trained tagger itself. Name another folder for the exported one.")
    settings = load_settings(source)
    network = ClaimNetwork.load(source).eval()
    example = torch.ones((2, 16), dtype=torch.int64)
    model = openvino.convert_model(network, example_input=dict.fromkeys(INPUTS, example))
    for port, name in zip(model.inputs, INPUTS, strict=True):
        port.get_tensor().set_names({name})
    model.reshape({name: [-1, -1] for name in INPUTS})

    tokenizer = SentenceTokenizer.from_folder(source, settings.max_tokens)
    inputs = list(_inputs(tokenizer, calibration, samples))
    quantized = nncf.quantize(
        model,
        nncf.Dataset(inputs),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(inputs),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            disable_bias_correction=True,
            smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(convolution=-1, matmul=-1),
        ),
    )

    output.mkdir(parents=True, exist_ok=True)
    openvino.save_model(quantized, output / XML, compress_to_fp16=True)
    split(output)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(source / name, output / name)
    save_settings(settings, output)
    return output


def _inputs(
    tokenizer: SentenceTokenizer, articles: Sequence[GoldArticle], count: int
) -> Iterator[dict[str, np.ndarray]]:
    """The network's inputs for ``count`` sentences drawn from all articles, the same ones each time."""
    texts = [text for article in articles for text in article.sentence_texts()]
    for sentence in tokenizer(random.Random(0).sample(texts, min(count, len(texts)))):
        ids, casing = (np.array([values], dtype=np.int64) for values in (sentence.ids, sentence.casing))
        yield dict(zip(INPUTS, (ids, casing, np.ones_like(ids)), strict=True))
