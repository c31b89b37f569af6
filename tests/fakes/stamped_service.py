"""A program for tests: a service with moving, stamped pictures of full detail, until its standard input ends.

    python tests/fakes/stamped_service.py [--height 480] [--host ADDRESS] [--token TOKEN] [--max-viewers 16]

Prints the address to open. The stamp is the number of the picture, thirty a second.
"""

from __future__ import annotations

import argparse
import sys

from services import running_service
from stamped_feed import detailed, stamp


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
        stamp(image, number)
        return image

    with running_service(host=wanted.host, token=wanted.token, max_viewers=wanted.max_viewers) as service:
        service.feed.draw = draw
        sys.stdout.write(f"{service.sink.address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
