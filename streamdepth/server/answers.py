"""A depth map as the bytes of an answer, in each of its forms."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.frames import DepthMap
from streamdepth.imaging.palette_png import palette_png
from streamdepth.pixels import Picture
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.layouts.registry import layout_named
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.range import percentile_range
from streamdepth.server.negotiation import Form
from streamdepth.server.wanted import Wanted
from streamdepth.values import dataclass, field
from streamdepth.zones.figures import of_box, of_map

JPEG_QUALITY = 90
_PNG = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
)


@dataclass(frozen=True)
class Answer:
    """A body with what its headers say."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture with its depth."""

    size: tuple[int, int]
    """(W, H) of the picture, upright."""
    depth: DepthMap
    model: str
    picture: Picture | None = None
    """Where it is seen in the answer."""


def encode(scene: Scene, wanted: Wanted) -> Answer:
    """The answer that is wanted about a scene."""
    facts = {"Depth-Meaning": scene.depth.meaning.name.lower(), "Depth-Model": scene.model}
    body, more = _FORMS[wanted.form](scene, wanted)
    return Answer(body, wanted.form.media_type, {**facts, **more})


Encoded = tuple[bytes, Mapping[str, str]]


def _heat(scene: Scene, wanted: Wanted) -> Encoded:
    if scene.picture is None:
        return palette_png(_levels(scene, wanted), _table(wanted)), {}
    return _imencode(".png", _drawn(scene, wanted), *_PNG), {}


def _jpeg(scene: Scene, wanted: Wanted) -> Encoded:
    if scene.picture is None:
        image = np.asarray(cv2.applyColorMap(_levels(scene, wanted), _table(wanted)), np.uint8)
    else:
        image = _drawn(scene, wanted)
    return _imencode(".jpg", image, cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY), {}


def _deep(scene: Scene, wanted: Wanted) -> Encoded:
    values = _values(scene, wanted)
    scale = Scale.of(values)
    facts = {"Depth-Scale": repr(scale.scale), "Depth-Offset": repr(scale.offset)}
    return _imencode(".png", scale.pixels(values), *_PNG), facts


def _npy(scene: Scene, wanted: Wanted) -> Encoded:
    file = io.BytesIO()
    np.save(file, _values(scene, wanted))
    return file.getvalue(), {}


def _json(scene: Scene, wanted: Wanted) -> Encoded:
    values, (width, height) = scene.depth.values, scene.size
    document = {
        "width": width,
        "height": height,
        "model": scene.model,
        "meaning": scene.depth.meaning.name.lower(),
        "depth": of_map(values),
        "boxes": [of_box(values, box, scene.size) for box in wanted.boxes],
    }
    return json.dumps(document).encode(), {}


_FORMS = {Form.HEAT: _heat, Form.JPEG: _jpeg, Form.DEEP: _deep, Form.NPY: _npy, Form.JSON: _json}


def _size(scene: Scene, wanted: Wanted) -> tuple[int, int]:
    height, width = scene.depth.values.shape
    return scene.size if wanted.size == "source" else (width, height)


def _levels(scene: Scene, wanted: Wanted) -> NDArray[np.uint8]:
    values = scene.depth.values
    near = scene.depth.meaning.larger_is_nearer
    return normalise(values, percentile_range(values), _size(scene, wanted), larger_is_nearer=near)


def _values(scene: Scene, wanted: Wanted) -> NDArray[np.float32]:
    values, size = scene.depth.values, _size(scene, wanted)
    if size == values.shape[::-1]:
        return values
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _drawn(scene: Scene, wanted: Wanted) -> NDArray[np.uint8]:
    """The picture and its depth in a layout, in the picture's size or, smaller, in that of the map."""
    assert scene.picture is not None
    picture, size = scene.picture, _size(scene, wanted)
    if size != scene.size:
        small = cv2.resize(picture.bgr, size, interpolation=cv2.INTER_AREA)
        picture = Picture.of_bgr(np.asarray(small, np.uint8))
    look = wanted.look
    drawn = layout_named(look.layout).draw(picture, _levels(scene, wanted), _table(wanted), look.alpha)
    return Picture.of(drawn).bgr


def _table(wanted: Wanted) -> NDArray[np.uint8]:
    look = wanted.look
    return lookup_table(look.colormap, invert=look.invert, cut_beyond=look.cut_beyond)


def _imencode(suffix: str, image: NDArray[np.generic], *settings: int) -> bytes:
    _, data = cv2.imencode(suffix, np.asarray(image), settings)  # of any picture within the limits it can
    return data.tobytes()
