"""The weights of an exported network: read by OpenVINO as they are, or taken out again for torch."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import OpclaimsError

TORCH_FILE = "model.safetensors"
XML = "openvino_model.xml"
BIN = "openvino_model.bin"
PART = 90_000_000
"""Bytes; larger weights are kept in parts, since hosts of repositories refuse files of 100 MB."""

# What torch calls `encoder.layer.0.output.dense` is, in the exported graph, an operation of this name.
_OPERATION = re.compile(
    r"^__module\.(?P<module>.+)/aten::(?P<kind>linear|embedding|layer_norm)/(?P<operation>\w+?)(?:_\d)?$"
)
_PARAMETER = {
    ("linear", "MatMul"): "weight",
    ("linear", "Add"): "bias",
    ("embedding", "Gather"): "weight",
    ("layer_norm", "Multiply"): "weight",
    ("layer_norm", "Add"): "bias",
}


def weight_files(folder: Path) -> list[Path]:
    """The files that hold a network, its graph first, then its weights in order; empty where there is none.

    Raises:
        OpclaimsError: a part is missing.
    """
    graph, whole = folder / XML, folder / BIN
    if not graph.is_file():
        return []
    if whole.is_file():
        return [graph, whole]
    found = {int(path.suffix[1:]): path for path in folder.glob(f"{BIN}.*") if path.suffix[1:].isdecimal()}
    if missing := set(range(len(found))) - set(found):
        raise OpclaimsError(f"{whole}.{min(missing)}: missing, a part of the weights. Get the folder anew.")
    return [graph, *(found[number] for number in sorted(found))] if found else []


def split(folder: Path) -> None:
    """Cuts weights that are too large for one file into parts, ``openvino_model.bin.0``, ``.1``, …"""
    whole = folder / BIN
    data = whole.read_bytes()
    if len(data) > PART:
        for number, start in enumerate(range(0, len(data), PART)):
            (folder / f"{BIN}.{number}").write_bytes(data[start : start + PART])
        whole.unlink()


def read_openvino(folder: Path) -> Any:
    """The ``openvino.Model`` of a folder."""
    import openvino

    graph, *parts = weight_files(folder)
    if len(parts) == 1:
        return openvino.Core().read_model(graph, parts[0])  # mapped into memory, not read
    return openvino.Core().read_model(graph.read_bytes(), b"".join(part.read_bytes() for part in parts))


def torch_weights(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The weights of an exported network under the names that they have in torch, dequantized to float32.

    Activations are no longer quantized then, so scores differ from OpenVINO's in the second decimal.

    Raises:
        OpclaimsError: the network was exported in a way that scales its weights (SmoothQuant).
    """
    found: dict[str, npt.NDArray[np.float32]] = {}
    for operation in read_openvino(folder).get_ops():
        name = operation.get_friendly_name()
        if "nncf_smooth_quant" in name:
            raise OpclaimsError(
                f"{folder}: torch cannot read these weights. Use --device cpu, or export the tagger anew."
            )
        match = _OPERATION.match(name)
        parameter = match and _PARAMETER.get((match["kind"], match["operation"]))
        if not match or not parameter:
            continue
        for value in operation.input_values():
            weights = _constant(value.get_node())
            if weights is not None and weights.size > 1:
                vector = parameter == "bias" or match["kind"] == "layer_norm"
                found[f"{match['module']}.{parameter}"] = weights.reshape(-1) if vector else weights
    return found


def _constant(node: Any) -> npt.NDArray[np.float32] | None:
    """The value of a node that depends on numbers only: a constant, or one that is converted and scaled."""
    kind = node.get_type_name()
    if kind == "Constant":
        data = node.get_data()
        return None if data.dtype.itemsize == 8 else np.asarray(data, dtype=np.float32)  # int64: indices and shapes
    if kind in ("Convert", "Reshape"):
        return _constant(node.input_value(0).get_node())
    if kind in ("Multiply", "Subtract"):
        left, right = (_constant(value.get_node()) for value in node.input_values())
        if left is not None and right is not None:
            return left * right if kind == "Multiply" else left - right
    return None
