"""What runs the network: OpenVINO on a CPU, torch on a GPU or for weights that have not been exported. Same interface."""

import shutil
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import OpclaimsError

OPENVINO_FILE = "openvino_model.xml"
TORCH_FILE = "model.safetensors"
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

        core = openvino.Core()
        self._model = core.compile_model(
            core.read_model(folder / OPENVINO_FILE),
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
    """The network on torch, in fp32; needs the extra ``gpu`` or ``train``."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        try:
            import torch

            from pipeline.tagger.network import ClaimNetwork
        except ImportError as error:
            raise OpclaimsError("this needs torch, which is not installed: pip install 'opclaims[gpu]'") from error
        if device == "cuda" and not torch.cuda.is_available():
            raise OpclaimsError("--device cuda: torch finds no CUDA device here. Use --device cpu.")
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


def engine_file(folder: Path, device: str) -> str:
    """The weights that :func:`load_engine` takes: OpenVINO's where there are any, torch's for a GPU.

    ``auto`` means the GPU where an NVIDIA driver is installed and the folder has weights for it.

    Raises:
        OpclaimsError: an unknown device, or a folder without the weights.
    """
    if device not in DEVICES:
        raise OpclaimsError(f"unknown device {device!r}: choose one of {', '.join(DEVICES)}")
    has_torch, has_openvino = (folder / TORCH_FILE).is_file(), (folder / OPENVINO_FILE).is_file()
    if device == "cuda" and not has_torch:
        raise OpclaimsError(f"{folder}: no {TORCH_FILE} there, which --device cuda needs")
    if not has_torch and not has_openvino:
        raise OpclaimsError(f"{folder}: no weights there, neither {OPENVINO_FILE} nor {TORCH_FILE}")
    gpu = device == "cuda" or (device == "auto" and has_torch and _gpu_usable())
    return TORCH_FILE if gpu or not has_openvino else OPENVINO_FILE


def load_engine(folder: Path, device: str = "auto", threads: int = 1) -> Engine:
    """The engine for a tagger's folder on a device (``auto``, ``cpu`` or ``cuda``).

    Raises:
        OpclaimsError: the device or the weights are not there.
    """
    if engine_file(folder, device) == OPENVINO_FILE:
        return OpenVinoEngine(folder, threads)
    return TorchEngine(folder, "cuda" if device != "cpu" and (device == "cuda" or _gpu_usable()) else "cpu")


def _gpu_usable() -> bool:
    """Whether torch can use a GPU; torch, slow to import, is asked only where a driver is installed."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())
