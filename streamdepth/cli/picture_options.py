"""The words of the command line for how depth is shown."""

from __future__ import annotations

from streamdepth.cli.option_groups import PICTURE, one, switch
from streamdepth.cli.option_values import to_range

PICTURE_WORDS = {
    "layout": one(
        PICTURE,
        help="overlay (default), depth, side-by-side, rgbd (side by side, depth in grey), stereo (both eyes), "
        "anaglyph, or focus (the picture, blurred where it is not near).",
    ),
    "colormap": one(PICTURE, help="inferno (default), magma, viridis, turbo, gray and others."),
    "alpha": one(PICTURE, help="Share of depth in an overlay, 0 to 1 (default 0.6)."),
    "invert": one(PICTURE, help="Reverse the colours: near is dark."),
    "range": one(
        PICTURE,
        metavar="RANGE",
        help="What the colours span: auto (default: follows the scene), global (one range for the whole clip, "
        "which is read twice), or LO,HI in values of the depth map, which --hud shows.",
        show_choices=False,
        converter=to_range,
        n_tokens=1,
        allow_leading_hyphen=True,
    ),
    "look_ahead": one(
        PICTURE,
        metavar="SECONDS",
        help="In a file, look this far ahead of what is drawn, which makes depth and range steadier (default "
        "1; 0: off).",
    ),
    "scenes": one(
        PICTURE,
        metavar="FILE",
        help="Cuts of a film, one time per line: read from this file if it exists, else detected and written "
        "to it.",
    ),
    "stabilise": switch(
        PICTURE, "Hold depth still where nothing moves (default: on, except for folders of images)."
    ),
    "cut_beyond": one(
        PICTURE,
        metavar="SHARE",
        help="Blank what is farther than this share of the shown range: 0 nearest, 1 farthest.",
    ),
    "control_video": one(
        PICTURE,
        metavar="GRID",
        help="Write a control video for a video generator: grey, near is white, one range, a constant rate "
        "(--max-fps), sides that are multiples of GRID (default 16), as long as --frames says.",
    ),
    "divergence": one(
        PICTURE,
        metavar="PERCENT",
        help="stereo, anaglyph: strength of the depth: how far near and far are shifted apart between the "
        "eyes, in percent of the width (default 2).",
    ),
    "convergence": one(
        PICTURE,
        metavar="SHARE",
        help="stereo, anaglyph: what appears at the screen: 0 the nearest, 1 the farthest (default 0.5).",
    ),
    "focus": one(
        PICTURE,
        metavar="SHARE",
        help="focus: what is sharp: 0 the nearest (default), 1 the farthest.",
    ),
    "refine": one(PICTURE, help="Snap the edges of depth to the edges of the picture."),
    "skip_still": one(
        PICTURE, help="Skip inference for pictures that hardly differ from the last one inferred."
    ),
    "interpolate": one(
        PICTURE, help="Live: show every picture; between inferences, the last depth moves along with it."
    ),
    "legend": switch(PICTURE, "Draw a legend of the colours (default: when only a window is open)."),
    "hud": switch(
        PICTURE, "Draw rate, latency and drops on the picture (default: when only a window is open)."
    ),
}
