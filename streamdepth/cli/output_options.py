"""The words of the command line for where depth goes, and how a movie and depth files are written."""

from __future__ import annotations

from cyclopts import Parameter

from streamdepth.cli.option_groups import OUTPUT, RUN, one
from streamdepth.cli.option_values import to_seconds

OUTPUT_WORDS = {
    "window": one(OUTPUT, help="Show it in a window; press h there for the keys."),
    "output": one(
        OUTPUT,
        "--output",
        "-o",
        help="An .mp4, .mkv, .mov or .webm; a .png or .jpg for an image; a folder for a folder of images, or for "
        "several inputs.",
    ),
    "depth_output": one(
        OUTPUT,
        help="Depth as numbers: a folder of files; an .mkv, .npz or .npy of a whole clip; of an image a .png, "
        ".tiff, .exr, .pfm, .npy or .npz, each with an index (.json) of what they mean; of one frame a .ply (points "
        "in space) or a .jpg (the picture with its depth in it, GDepth); in metres an .mcap (ROS 2, "
        "pip install 'streamdepth[ros]').",
    ),
    "webrtc": one(
        OUTPUT,
        help="Show it in browsers: prints the address to open; see Web (always with --input browser).",
    ),
    "virtual_camera": one(
        OUTPUT,
        help="Be a camera for other programs of this machine: meetings, OBS (needs streamdepth[virtual-camera]; on "
        "Linux v4l2loopback).",
    ),
    "virtual_device": one(
        OUTPUT,
        metavar="DEVICE",
        help="Which one: /dev/video7, or its name (default: the first).",
    ),
    "publish": one(
        OUTPUT,
        metavar="URL",
        help="Send it to a media server: rtsp://[USER:PASSWORD@]HOST/PATH or whip+http(s)://[TOKEN@]HOST/PATH; "
        "repeatable.",
    ),
    "events": one(
        OUTPUT,
        metavar="WHERE",
        help="With --zones: tell what comes near and what is new: to - (standard output) or NAME.jsonl (JSON lines), "
        "https://[SECRET@]HOST/PATH (webhook) or mqtt(s)://[USER:PASSWORD@]HOST (Home Assistant); repeatable.",
        allow_leading_hyphen=True,
    ),
    "segment": one(
        OUTPUT,
        metavar="TIME",
        help="Record a live input into a new movie every so often (30m, 1h, 1d), named by its time.",
        converter=to_seconds,
        n_tokens=1,
    ),
    "keep": one(
        OUTPUT,
        metavar="TIME",
        help="With --segment: delete files of this recording that are older (7d).",
        converter=to_seconds,
        n_tokens=1,
    ),
    "resume": Parameter(
        group=OUTPUT,
        metavar="",
        show_choices=False,
        help="Go on with a film or its depth that a killed run, a power cut or Ctrl-C left unfinished, as if it had "
        "never stopped; "
        "with any, under other settings or releases, too. --no-resume begins anew; without either, a run that would "
        "lose more than a minute of work is refused.",
        show_default=False,
    ),
    "cluster": one(
        RUN,
        metavar="ADDRESS",
        help="Let workers of Ray render a film side by side, or several films: local (this machine), or HOST:6379 of a "
        "cluster that this machine is part of and that sees the same folders (pip install 'streamdepth[cluster]').",
    ),
    "cluster_store": one(
        RUN,
        metavar="ADDRESS",
        help="With --cluster, for machines that share no folder: hand files on by a store, s3://BUCKET/FOLDER (pip "
        "install 'streamdepth[s3]') or another address of fsspec. Each machine looks for keys in AWS_ACCESS_KEY_ID and "
        "~/.aws.",
    ),
    "report": one(RUN, help="Write the figures of the run to this .json."),
    "metrics": one(
        RUN,
        metavar="HOST:PORT",
        help="Show the figures of the run to Prometheus, at http://HOST:PORT/metrics; the page of --webrtc has them.",
    ),
    "manifest": one(
        RUN, help="Write NAME.manifest.json beside a movie: what it holds, for streamdepth verify."
    ),
}
DEPTHFILE_WORDS = {
    "depth_size": one(OUTPUT, help="network (default: as the network gives it), or source: of the picture."),
    "depth_range": one(
        OUTPUT, help="What 16 bits span: clip (default for video: one scale) or frame (default for photos)."
    ),
    "depth_format": one(OUTPUT, help="Of the files in a folder: png (default), tiff, exr, npz, npy or pfm."),
    "depth_raw": one(OUTPUT, help="Write what the network gave (default: steadied like the picture)."),
    "fov": one(
        OUTPUT,
        metavar="DEGREES",
        help="How wide the camera sees, for --depth-output: points in NAME.ply (default: 60), CameraInfo in NAME.mcap.",
    ),
}
ENCODING_WORDS = {
    "codec": one(
        OUTPUT,
        help="Of a movie: h264 (default), h265, av1, vp9 (default of .webm), prores (.mov, .mkv) or ffv1 (.mkv).",
    ),
    "crf": one(
        OUTPUT,
        help="Quality of a movie: 1 is best; h264 and h265 to 51 (default 19, 22), av1 and vp9 to 63 (32).",
    ),
    "preset": one(
        OUTPUT,
        help="Time spent on a small movie: ultrafast to veryslow (h264: superfast; h265: ultrafast), 13 to 0 (av1: "
        "10), 8 to 0 (vp9: 8); prores: proxy, lt, standard (default), hq.",
    ),
}
