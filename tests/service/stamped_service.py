"""A program for tests: a service with moving, stamped pictures of full detail, until its standard input ends.

    python tests/service/stamped_service.py [--height 480] [--host ADDRESS] [--token TOKEN] [--max-viewers 16]

Prints the address to open. The stamp is the number of the picture, thirty a second.
"""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction

import cv2
import numpy as np
from conftest import RATE, running_service, stamped

from streamdepth.sources.scene import DemoScene


def detailed(width, height):
    """The built-in scene beside its depth in colours, for two seconds: as hard to encode as what is really sent."""
    scene = DemoScene(width, height, Fraction(RATE), None)
    drawn = []
    for slot in range(2 * RATE):
        image = scene.draw(slot)
        depth = cv2.resize(scene.true_inverse_depth(slot), (width, height))
        grey = cv2.normalize(depth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        image[:, width // 2 :] = cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[:, width // 2 :]
        drawn.append(image)
    return drawn


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token")
    parser.add_argument("--max-viewers", type=int, default=16)
    wanted = parser.parse_args()
    width = wanted.height * 4 // 3
    images = detailed(width, wanted.height)

    def draw(number):
        image = images[number % len(images)].copy()
        image[:16, :256] = stamped(number)[:16, :256]
        return image

    with running_service(host=wanted.host, token=wanted.token, max_viewers=wanted.max_viewers) as service:
        service.feed.draw = draw
        sys.stdout.write(f"{service.sink.address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
