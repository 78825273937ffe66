"""The network: one encoder, and linear heads on its token vectors. Needs torch; what ships runs without it."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoConfig, AutoModel, PretrainedConfig

from pipeline.record import LABELS
from pipeline.tagger.sentences import Casing
from pipeline.tagger.settings import TOKEN_LABELS, entity_tags

WEIGHTS = "model.safetensors"


class ClaimNetwork(nn.Module):
    """A Hugging Face encoder that reads single sentences, and its heads.

    A sentence is scored from the mean of its token vectors; each token for being part of a claim, of its holder, of its
    addressee, and for its entity tag (BIO). The casing of a token is an embedding added to its word's, which starts at zero, so
    that an uncased encoder learns from where it is.

    Args:
        encoder: any encoder with ``last_hidden_state`` and input embeddings.
        entity_types: what the entity head tells apart.
    """

    def __init__(self, encoder: Any, entity_types: tuple[str, ...]) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.casing = nn.Embedding(len(Casing), width)
        self.sentence_head = nn.Linear(width, len(LABELS))
        self.token_head = nn.Linear(width, len(TOKEN_LABELS) + len(entity_tags(entity_types)))
        nn.init.zeros_(self.casing.weight)
        for head in (self.sentence_head, self.token_head):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(
        self, input_ids: torch.Tensor, casing: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of sentences, *(sentences, labels)*, and of tokens, *(sentences, length, token labels + entity tags)*.

        All three arguments are *(sentences, length)*.
        """
        words = self.encoder.get_input_embeddings()(input_ids) + self.casing(casing)
        vectors = self.encoder(inputs_embeds=words, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(vectors.dtype)
        mean = (vectors * mask).sum(1) / mask.sum(1)
        return self.sentence_head(mean), self.token_head(vectors)

    @classmethod
    def load(cls, folder: Path, entity_types: tuple[str, ...]) -> "ClaimNetwork":
        """Reads what :meth:`save` wrote, in fp32."""
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        network = cls(_without_pooler(AutoModel.from_config(config, attn_implementation="eager")), entity_types)
        network.load_state_dict(load_file(folder / WEIGHTS))
        return network

    def save(self, folder: Path) -> None:
        """Writes ``config.json``, the encoder's, and all weights in one safetensors file."""
        self.encoder.config.save_pretrained(folder)
        save_file({name: weights.contiguous() for name, weights in self.state_dict().items()}, folder / WEIGHTS)


def pretrained_encoder(source: str, dropout: float = 0.0) -> Any:
    """An encoder with its pretrained weights, from a folder or by its Hugging Face name; raises OSError or ValueError."""
    config = AutoConfig.from_pretrained(source)
    _set_dropout(config, dropout)
    return _without_pooler(AutoModel.from_pretrained(source, config=config, attn_implementation="eager"))


def _set_dropout(config: PretrainedConfig, rate: float) -> None:
    """Sets every dropout rate that an encoder has, whatever its architecture calls them."""
    for name, value in vars(config).items():
        if "dropout" in name and isinstance(value, float):
            setattr(config, name, rate)


def _without_pooler(encoder: Any) -> Any:
    """The encoder without the layer over its first token, which we don't use."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder
