"""The words of the command line for the network, and for what is promised of live pictures."""

from __future__ import annotations

from cyclopts import Parameter

from streamdepth.cli.option_groups import NETWORK, one
from streamdepth.cli.option_values import to_latency, to_rate

NETWORK_WORDS = {
    "model": one(NETWORK, help="auto (default), midas-small, nano, or a file: weights, .onnx, or an export."),
    "engine": one(NETWORK, help="auto (default), torch, torchscript, onnxruntime or openvino."),
    "precision": one(NETWORK, help="auto (default: the fastest that agrees with fp32), fp32, bf16 or int8."),
    "normalisation": one(
        NETWORK,
        metavar="NAME",
        help="For a network file that is not streamdepth's own: imagenet (default), half, none, or six "
        "numbers: means, deviations.",
    ),
    "depth_kind": one(
        NETWORK,
        help="What a network file that is not streamdepth's own outputs: relative (default: larger is nearer),"
        " inverse (1 / metres), distance (larger is farther) or metres.",
    ),
    "size": one(NETWORK, help="Longer side of the network's input (default 256)."),
    "threads": one(NETWORK, help="Threads that the network computes with (default: one per core)."),
    "side_by_side": Parameter(parse=False),  # set by the code that loads the network
}
PROMISE_WORDS = {
    "target_latency": one(
        NETWORK,
        metavar="TIME",
        help="Live: choose network, size (up to --size) and interval so that 95 of 100 pictures are shown "
        "within this time, as in 50ms or 0.2s.",
        converter=to_latency,
        n_tokens=1,
    ),
    "target_fps": one(
        NETWORK,
        metavar="RATE",
        help="Live: choose them so that this many pictures per second are shown, with the best depth that "
        "allows it.",
        converter=to_rate,
        n_tokens=1,
    ),
}
