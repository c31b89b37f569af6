"""What the page of a browser draws of a stream that carries depth, and what the server says that it is."""

from __future__ import annotations

import base64

import cv2
import numpy as np

from streamdepth.frames import DepthMap
from streamdepth.rendering.normalise import normalise

SIZE = (320, 240)
MOST_ERROR = 1.5
"""Levels of 255, in the mean of a picture."""
DRAWN = """(() => {
  const drawn = document.getElementById("drawn");
  const isNew = drawn.width === 300 && drawn.height === 150; // as HTML makes a canvas: nothing has been drawn yet
  if (!drawn.width || drawn.hidden || isNew) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [drawn.width, drawn.height];
  canvas.getContext("2d").drawImage(drawn, 0, 0);
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at], data[at + 1], data[at + 2]);
  return { size: [canvas.height, canvas.width], pixels: btoa(text) };
})()"""


class TrueDepth:
    """The true inverse depth of the held moment, in the size of a network."""

    def __init__(self, scene):
        self.values = cv2.resize(scene.true_inverse_depth(0), (128, 96), interpolation=cv2.INTER_AREA)

    def estimate(self, image):
        return DepthMap(self.values)


def drawn_by(evaluate):
    """(H, W, 3) uint8 RGB of what the page draws, or None; `evaluate` gives the value of an expression in it."""
    told = evaluate(DRAWN)
    if told is None:
        return None
    return np.frombuffer(base64.b64decode(told["pixels"]), np.uint8).reshape(*told["size"], 3)


def map_of(service):
    """(H, W) uint8: depth of the server's newest picture, as it is to be seen."""
    scaled = service.encoder.newest.scaled
    return normalise(scaled.depth.values, scaled.span, SIZE)


def error_of(evaluate, service):
    """Levels, in the mean, by which a page that shows grey depth misses it."""
    seen = drawn_by(evaluate)
    if seen is None or seen.shape[:2] != SIZE[::-1]:
        return np.inf
    return float(np.abs(seen.astype(float).mean(axis=2) - map_of(service)).mean())
