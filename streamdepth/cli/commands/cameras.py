"""`streamdepth --list-cameras`."""

from __future__ import annotations


def print_cameras() -> int:
    """Print the cameras that are connected with their sizes and rates; none at all is no failure."""
    from streamdepth.cli.standard_output import say
    from streamdepth.sources.camera.listing import list_cameras, table

    cameras = list_cameras()
    for line in table(cameras) or ["no camera is connected to this machine"]:
        say(line)
    return 0
