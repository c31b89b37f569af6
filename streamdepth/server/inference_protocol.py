"""The Open Inference Protocol, version 2: requests and answers of `/v2/models/NAME/infer`, as JSON and in binary.

A request has one BYTES input, `image`, with one element or more, each a picture file: in JSON as base64, or by Triton's
binary extension (its header `Inference-Header-Content-Length` says where the JSON ends) as bytes with their length
before each. The answer has `depth`, FP32 (N, H, W), and the size of each picture. The words are those of
github.com/kserve/open-inference-protocol and of Triton's "binary tensor data extension".
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.http.refusal import Refused
from streamdepth.server.pictures import Upload
from streamdepth.values import dataclass

INPUT, OUTPUT = "image", "depth"
VERSION = "1"
"""Of each model, the only one."""
HEADER = "Inference-Header-Content-Length"
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    uploads: tuple[Upload, ...]
    id: str = ""
    binary: bool = False
    """Whether the depth is answered in binary."""


def read_request(body: bytes, json_length: int | None, most: int) -> Asked:
    """The pictures of a request with at most `most`; raises `Refused` with 400 and 413."""
    head = body if json_length is None else body[:json_length]
    if json_length is not None and not 0 <= json_length <= len(body):
        raise Refused(400, f"{HEADER} is larger than the body")
    document = _object(head)
    tensor = _input(document)
    raw = tensor.get("parameters", {}).get("binary_data_size") if json_length is not None else None
    pictures = _base64(tensor.get("data")) if raw is None else _binary(body[len(head) :], raw)
    if len(pictures) > most:
        raise Refused(413, f"{len(pictures)} pictures are too many (send at most {most} at once)")
    shape = tensor.get("shape")
    if not isinstance(shape, list) or int(np.prod([n for n in shape if isinstance(n, int)])) != len(pictures):
        raise Refused(400, f"the shape {str(shape)[:80]} does not fit {len(pictures)} pictures")
    identity = document.get("id", "")
    return Asked(pictures, identity[:256] if isinstance(identity, str) else "", _wants_binary(document))


def write_answer(
    asked: Asked, maps: Sequence[NDArray[np.float32]], model: str
) -> tuple[bytes, dict[str, str]]:
    """Body and headers about the depth of all pictures, (h, w) each; raises `Refused` where they have several sizes."""
    if len({values.shape for values in maps}) > 1:
        raise Refused(422, "pictures of several shapes do not fit one tensor (send them one by one)")
    depth = np.stack(maps)
    output: dict[str, Any] = {"name": OUTPUT, "datatype": "FP32", "shape": list(depth.shape)}
    document: dict[str, Any] = {"model_name": model, "model_version": VERSION, "outputs": [output]}
    if asked.id:
        document["id"] = asked.id
    if not asked.binary:
        output["data"] = depth.ravel().tolist()
        return json.dumps(document).encode(), {"Content-Type": "application/json"}
    raw = depth.astype("<f4").tobytes()
    output["parameters"] = {"binary_data_size": len(raw)}
    head = json.dumps(document).encode()
    return head + raw, {"Content-Type": "application/octet-stream", HEADER: str(len(head))}


def metadata(model: str) -> dict[str, Any]:
    """What `/v2/models/NAME` says of a model."""
    return {
        "name": model,
        "versions": [VERSION],
        "platform": "streamdepth",
        "inputs": [{"name": INPUT, "datatype": "BYTES", "shape": [-1]}],
        "outputs": [{"name": OUTPUT, "datatype": "FP32", "shape": [-1, -1, -1]}],
    }


def _object(head: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the request is not JSON") from error
    if not isinstance(document, dict):
        raise Refused(400, "the request is not a JSON object")
    return document


def _input(document: Mapping[str, Any]) -> Mapping[str, Any]:
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise Refused(400, f"send one input, {INPUT}")
    tensor: Mapping[str, Any] = inputs[0]
    if tensor.get("name") != INPUT or tensor.get("datatype") != "BYTES":
        raise Refused(400, f"the input is {INPUT}, of BYTES: a picture file each")
    if not isinstance(tensor.get("parameters", {}), dict):
        raise Refused(400, "the parameters of the input are no object")
    return tensor


def _wants_binary(document: Mapping[str, Any]) -> bool:
    """Of the output, by its own parameter or else by that of the request."""
    outputs = document.get("outputs", [])
    first = outputs[0] if isinstance(outputs, list) and outputs and isinstance(outputs[0], dict) else {}
    if first and first.get("name") != OUTPUT:
        raise Refused(400, f"there is one output, {OUTPUT}")
    own, whole = (part.get("parameters") or {} for part in (first, document))
    if not isinstance(own, dict) or not isinstance(whole, dict):
        raise Refused(400, "parameters are no object")
    return bool(own.get("binary_data", whole.get("binary_data_output", False)))


def _binary(raw: bytes, size: object) -> tuple[Upload, ...]:
    if not isinstance(size, int) or size != len(raw):
        raise Refused(400, "binary_data_size is not the size of what follows the JSON")
    found, position = [], 0
    while position < len(raw):
        if position + _LENGTH.size > len(raw):
            raise Refused(400, "a picture breaks off")
        (length,) = _LENGTH.unpack_from(raw, position)
        begin, position = position + _LENGTH.size, position + _LENGTH.size + length
        if position > len(raw):
            raise Refused(400, "a picture breaks off")
        found.append(Upload(raw[begin:position]))
    if not found:
        raise Refused(400, "no picture follows the JSON (send one or more)")
    return tuple(found)


def _base64(data: object) -> tuple[Upload, ...]:
    texts = _flat(data)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Refused(400, "data is not a list of pictures in base64")
    try:
        return tuple(Upload(base64.b64decode(text, validate=True)) for text in texts)
    except (binascii.Error, ValueError) as error:
        cure = "without line breaks, and without data: before it"
        raise Refused(400, f"a picture is not in base64 ({cure})") from error


def _flat(data: object) -> list[Any]:
    """Tensors may be nested in the form that they have: `[["..."], ["..."]]` is of the shape [2, 1]."""
    if not isinstance(data, list):
        return []
    return [text for one in data for text in (one if isinstance(one, list) else [one])]
