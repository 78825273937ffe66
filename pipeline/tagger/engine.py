"""What runs the network: OpenVINO on a CPU, torch on a GPU or for weights that have not been exported. Same interface."""

import shutil
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import OpclaimsError
from pipeline.tagger.weights import TORCH_FILE, XML, read_openvino, weight_files

DEVICES = ("auto", "cpu", "cuda")
INPUTS = ("input_ids", "casing", "attention_mask")

Ids = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]


class Engine(Protocol):
    """Runs the network over a batch of sentences of one length."""

    name: str

    def __call__(self, input_ids: Ids, casing: Ids, attention_mask: Ids) -> tuple[Logits, Logits]:
        """*(sentences, length)* each to the logits of :meth:`pipeline.tagger.network.ClaimNetwork.forward`."""


class OpenVinoEngine:
    """OpenVINO on the CPU. One thread by default, since a run uses one process for each core."""

    name = "openvino"

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import openvino

        self._model = openvino.Core().compile_model(
            read_openvino(folder),
            "CPU",
            {
                # bf16, which OpenVINO takes by itself where the CPU has it, would change scores from machine to machine
                "INFERENCE_PRECISION_HINT": "f32",
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                # every process would pin itself to the same core
                "ENABLE_CPU_PINNING": False,
            },
        )
        self._request = self._model.create_infer_request()

    def __call__(self, input_ids: Ids, casing: Ids, attention_mask: Ids) -> tuple[Logits, Logits]:
        """See :class:`Engine`."""
        inputs = dict(zip(INPUTS, (input_ids, casing, attention_mask), strict=True))
        result = self._request.infer(inputs, share_inputs=True)
        return result[0], result[1]


class TorchEngine:
    """The network on torch, in fp32, from its own weights or from the exported ones; needs the extra ``gpu`` or ``train``."""

    def __init__(self, folder: Path, device: str = "cpu", threads: int = 0) -> None:
        try:
            import torch

            from pipeline.tagger.network import ClaimNetwork
        except ImportError as error:
            raise OpclaimsError("this needs torch, which is not installed: pip install 'opclaims[gpu]'") from error
        if device == "cuda" and not torch.cuda.is_available():
            raise OpclaimsError("--device cuda: torch finds no CUDA device here. Use --device cpu.")
        if threads:
            torch.set_num_threads(threads)
        self.name = f"torch-{device}"
        self._torch = torch
        self._device = device
        self._network = ClaimNetwork.load(folder).to(device).eval()

    def __call__(self, input_ids: Ids, casing: Ids, attention_mask: Ids) -> tuple[Logits, Logits]:
        """See :class:`Engine`."""
        torch = self._torch
        with torch.inference_mode():
            arrays = (torch.from_numpy(array).to(self._device) for array in (input_ids, casing, attention_mask))
            sentences, tokens = self._network(*arrays)
        return sentences.cpu().numpy(), tokens.cpu().numpy()


def engine_kind(folder: Path, device: str) -> Literal["openvino", "torch-cpu", "torch-cuda"]:
    """What :func:`load_engine` takes: OpenVINO where the network was exported, torch for a GPU.

    ``auto`` means the GPU where an NVIDIA driver and torch are installed.

    Raises:
        OpclaimsError: an unknown device, or a folder without weights.
    """
    if device not in DEVICES:
        raise OpclaimsError(f"unknown device {device!r}: choose one of {', '.join(DEVICES)}")
    exported = bool(weight_files(folder))
    if not exported and not (folder / TORCH_FILE).is_file():
        raise OpclaimsError(f"{folder}: no weights there, neither {XML} with its .bin nor {TORCH_FILE}")
    if device == "cuda" or (device == "auto" and _gpu_usable()):
        return "torch-cuda"
    return "openvino" if exported else "torch-cpu"


def load_engine(folder: Path, device: str = "auto", threads: int = 1) -> Engine:
    """The engine for a tagger's folder on a device (``auto``, ``cpu`` or ``cuda``).

    Raises:
        OpclaimsError: the device or the weights are not there.
    """
    kind = engine_kind(folder, device)
    return (
        OpenVinoEngine(folder, threads)
        if kind == "openvino"
        else TorchEngine(folder, kind.removeprefix("torch-"), threads)
    )


def _gpu_usable() -> bool:
    """Whether torch can use a GPU; torch, slow to import, is asked only where a driver is installed."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())
