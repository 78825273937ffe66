"""The network: one encoder, and linear heads on its token vectors. Needs torch; what ships runs without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoConfig, AutoModel, PretrainedConfig

from pipeline.errors import OpclaimsError
from pipeline.record import LABELS
from pipeline.tagger.sentences import Casing
from pipeline.tagger.settings import TOKEN_LABELS, entity_tags, load_settings
from pipeline.tagger.weights import TORCH_FILE, torch_weights


class ClaimNetwork(nn.Module):
    """A Hugging Face encoder that reads single sentences, and its heads.

    A sentence is scored from the mean of its token vectors; each token for being part of a claim, of its holder, of its
    addressee, and for its entity tag (BIO). The casing of a token is an embedding, zero at first so that an uncased encoder
    learns from where it is. It is added to the word's embedding, or to what goes into a higher layer, so that the layers below
    can be left as they are and computed once in training: see :meth:`detach_bottom`.

    Args:
        encoder: one built as BERT is: layers in a list, one after the other, nothing behind the last.
        entity_types: what the entity head tells apart.
        casing_layer: the layer that casing goes into, 0 for the embeddings.

    Raises:
        OpclaimsError: the encoder has no such layer.
    """

    layers: nn.ModuleList

    def __init__(self, encoder: Any, entity_types: tuple[str, ...], casing_layer: int = 0) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        object.__setattr__(self, "layers", layers_of(encoder))  # not a submodule of its own: it is one of the encoder's
        if not 0 <= casing_layer < len(self.layers):
            raise OpclaimsError(
                f"the encoder has {len(self.layers)} layers: casing or frozen layers up to {casing_layer} cannot be."
            )
        self.casing_layer = casing_layer
        self.casing = nn.Embedding(len(Casing), width)
        self.sentence_head = nn.Linear(width, len(LABELS))
        self.token_head = nn.Linear(width, len(TOKEN_LABELS) + len(entity_tags(entity_types)))
        nn.init.zeros_(self.casing.weight)
        for head in (self.sentence_head, self.token_head):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self._bottom: list[nn.Module] = []  # detached layers; a plain list hides them from torch

    def forward(
        self,
        input_ids: torch.Tensor,
        casing: torch.Tensor,
        attention_mask: torch.Tensor,
        states: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of sentences, *(sentences, labels)*, and of tokens, *(sentences, length, token labels + entity tags)*.

        Args:
            input_ids: *(sentences, length)*.
            casing: *(sentences, length)*, as :class:`~pipeline.tagger.sentences.Casing` has it.
            attention_mask: *(sentences, length)*.
            states: *(sentences, length, width)*, from :meth:`bottom_states`, while the bottom is detached.
        """
        shift = self.casing(casing)
        if self.casing_layer == 0:
            words = self.encoder.get_input_embeddings()(input_ids) + shift
            vectors = self.encoder(inputs_embeds=words, attention_mask=attention_mask).last_hidden_state
        else:
            assert (states is not None) == bool(self._bottom)

            def add_casing(layer: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
                return ((args[0] if states is None else states) + shift, *args[1:])

            with _hook(self.layers[self.casing_layer - len(self._bottom)], add_casing):
                vectors = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(vectors.dtype)
        mean = (vectors * mask).sum(1) / mask.sum(1)
        return self.sentence_head(mean), self.token_head(vectors)

    @torch.no_grad()
    def bottom_states(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """What goes into ``casing_layer``, *(sentences, length, width)*; the layers above are not computed."""
        reached: list[torch.Tensor] = []

        def stop(layer: nn.Module, args: tuple[Any, ...]) -> None:
            reached.append(args[0])
            raise _EarlyExitError

        with _hook(self.layers[self.casing_layer], stop), suppress(_EarlyExitError):
            self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        return reached[0]

    def detach_bottom(self) -> None:
        """Takes the layers below ``casing_layer`` out and freezes embeddings: :meth:`forward` then needs ``states``."""
        self._bottom = list(self.layers[: self.casing_layer])
        del self.layers[: self.casing_layer]
        top = {id(weights) for weights in self.layers.parameters()}
        for weights in self.encoder.parameters():
            weights.requires_grad = id(weights) in top

    def attach_bottom(self) -> None:
        """Puts the detached layers back."""
        for layer in reversed(self._bottom):
            self.layers.insert(0, layer)
        self._bottom = []

    @classmethod
    def load(cls, folder: Path) -> "ClaimNetwork":
        """Reads a tagger's folder, in fp32; from the exported weights where there are no others."""
        settings = load_settings(folder)
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        encoder = _without_pooler(AutoModel.from_config(config, attn_implementation="eager"))
        network = cls(encoder, settings.entity_types, settings.casing_layer)
        if (folder / TORCH_FILE).is_file():
            network.load_state_dict(load_file(folder / TORCH_FILE))
            return network
        weights = {name: torch.tensor(array) for name, array in torch_weights(folder).items()}
        for name, own in network.state_dict().items():
            # the export leaves out a bias of zeros and a norm's factor of ones
            if name not in weights and own.ndim == 1:
                weights[name] = torch.zeros_like(own) if name.endswith("bias") else torch.ones_like(own)
        network.load_state_dict(weights)
        return network

    def save(self, folder: Path) -> None:
        """Writes ``config.json``, the encoder's, and all weights in one safetensors file."""
        self.encoder.config.save_pretrained(folder)
        save_file({name: weights.contiguous() for name, weights in self.state_dict().items()}, folder / TORCH_FILE)


class _EarlyExitError(Exception):
    """Ends a pass through the encoder below its top."""


@contextmanager
def _hook(layer: nn.Module, hook: Callable[..., Any]) -> Iterator[None]:
    handle = layer.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def layers_of(encoder: nn.Module) -> nn.ModuleList:
    """An encoder's layers, lowest first: its longest list of modules, whatever its architecture calls it.

    Raises:
        OpclaimsError: there is no list of as many as the encoder's configuration says.
    """
    layers = max((m for m in encoder.modules() if isinstance(m, nn.ModuleList)), key=len, default=nn.ModuleList())
    if len(layers) != encoder.config.num_hidden_layers:
        raise OpclaimsError(
            f"{type(encoder).__name__}: an encoder of this architecture cannot be trained: it has no list of layers."
        )
    return layers


def pretrained_encoder(source: str, dropout: float = 0.0) -> Any:
    """An encoder with its pretrained weights, from a folder or by its Hugging Face name; raises OSError or ValueError."""
    config = AutoConfig.from_pretrained(source)
    _set_dropout(config, dropout)
    return _without_pooler(AutoModel.from_pretrained(source, config=config, attn_implementation="eager"))


def _set_dropout(config: PretrainedConfig, rate: float) -> None:
    """Sets every dropout rate that an encoder has, whatever its architecture calls them."""
    for name, value in vars(config).items():
        if "dropout" in name and isinstance(value, int | float) and not isinstance(value, bool):
            setattr(config, name, rate)


def _without_pooler(encoder: Any) -> Any:
    """The encoder without the layer over its first token, which we don't use."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder
