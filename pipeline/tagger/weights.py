"""The weights of an exported network: read by OpenVINO as they are, or taken out again for torch."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
    """The files that hold a network, its graph first; empty where there is none."""
    parts = sorted(folder.glob(f"{BIN}*"))
    return [folder / XML, *parts] if (folder / XML).is_file() and parts else []


def split(folder: Path) -> None:
    """Cuts weights that are too large for one file into parts, ``openvino_model.bin.0``, ``.1``, …"""
    whole = folder / BIN
    for old in folder.glob(f"{BIN}.*"):
        old.unlink()
    data = whole.read_bytes()
    if len(data) > PART:
        for number, start in enumerate(range(0, len(data), PART)):
            whole.with_suffix(f".bin.{number}").write_bytes(data[start : start + PART])
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
    """
    found: dict[str, npt.NDArray[np.float32]] = {}
    for operation in read_openvino(folder).get_ops():
        match = _OPERATION.match(operation.get_friendly_name())
        parameter = match and _PARAMETER.get((match["kind"], match["operation"]))
        if not match or not parameter:
            continue
        for value in operation.input_values():
            weights = _constant(value.get_node())
            if weights is not None and weights.size > 1:
                found[f"{match['module']}.{parameter}"] = (
                    weights if parameter == "weight" and match["kind"] != "layer_norm" else weights.reshape(-1)
                )
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
