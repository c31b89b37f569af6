"""What has to be known of OpenCV itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from printing of its own about damaged files: what is wrong is said once, by us."""
    from cv2.utils import logging

    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        logging.setLogLevel(level)
