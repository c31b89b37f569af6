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
        help="Pictures of depth: an .mp4, .mkv, .mov or .webm; a .png or .jpg for an image, or with --frames 1; a "
        "folder for a folder of images or for several inputs.",
    ),
    "depth_output": one(
        OUTPUT,
        help="Depth as numbers: a folder of files; an .mkv, .npz or .npy for a whole clip; a .png, .tiff, "
        ".exr, .pfm, .npy or .npz for an image, each with an index (.json) that says what the values "
        "mean; a .ply (point cloud) or .jpg (the picture with its depth inside, GDepth) for one frame; an"
        " .mcap (ROS 2, pip install mcap) where depth is in metres.",
    ),
    "webrtc": one(
        OUTPUT,
        help="Show it in browsers: prints the address to open; see Web (implied by --input browser).",
    ),
    "virtual_camera": one(
        OUTPUT,
        help="Act as a camera for other programs on this machine: meetings, OBS (needs pip install "
        "pyvirtualcam; on Linux also v4l2loopback).",
    ),
    "virtual_device": one(
        OUTPUT,
        metavar="DEVICE",
        help="The virtual camera to use: /dev/video7, or its name (default: the first).",
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
        help="With --zones: report what comes near and what is new, to - (standard output), NAME.jsonl (JSON "
        "lines), https://[SECRET@]HOST/PATH (webhook) or mqtt(s)://[USER:PASSWORD@]HOST (Home Assistant);"
        " repeatable.",
        allow_leading_hyphen=True,
    ),
    "segment": one(
        OUTPUT,
        metavar="TIME",
        help="Begin a new file of a live recording at this interval (30m, 1h, 1d), named by its time.",
        converter=to_seconds,
        n_tokens=1,
    ),
    "keep": one(
        OUTPUT,
        metavar="TIME",
        help="With --segment: delete files of this recording that are older than this (7d).",
        converter=to_seconds,
        n_tokens=1,
    ),
    "resume": Parameter(
        group=OUTPUT,
        metavar="",
        show_choices=False,
        help="Continue a film or its depth that a killed run, a power cut or Ctrl-C left unfinished, as if it "
        "had never stopped; with any, also under other settings or releases. A film that is "
        "complete is reported and kept. --no-resume starts over; without either, a run that would lose more "
        "than a minute of work is refused.",
        show_default=False,
    ),
    "cluster": one(
        RUN,
        metavar="ADDRESS",
        help="Let Ray workers render a film, or several, in parallel: local (this machine), or HOST:6379 of a "
        "cluster that this machine belongs to and that sees the same folders (pip install ray).",
    ),
    "cluster_store": one(
        RUN,
        metavar="ADDRESS",
        help="With --cluster, for machines that share no folder: exchange files through a store, "
        "s3://BUCKET/FOLDER (pip install s3fs) or another fsspec address. Each machine looks for keys in "
        "AWS_ACCESS_KEY_ID and ~/.aws.",
    ),
    "report": one(RUN, help="Write the statistics of the run to this .json."),
    "metrics": one(
        RUN,
        metavar="HOST:PORT",
        help="Serve the run's statistics to Prometheus at http://HOST:PORT/metrics; the page of --webrtc has "
        "them anyway.",
    ),
    "manifest": one(
        RUN, help="Write NAME.manifest.json beside a movie: what it contains, for streamdepth verify."
    ),
}
DEPTHFILE_WORDS = {
    "depth_size": one(
        OUTPUT,
        help="Size of the depth maps: network (default: as the network outputs them), or source (the size of "
        "the picture).",
    ),
    "depth_range": one(
        OUTPUT,
        help="What the 16 bits span: clip (default for video: one scale for all) or frame (default for "
        "photos).",
    ),
    "depth_format": one(
        OUTPUT, help="Format of the files in a folder: png (default), tiff, exr, npz, npy or pfm."
    ),
    "depth_raw": one(
        OUTPUT, help="Write depth as the network outputs it (default: steadied like the picture)."
    ),
    "fov": one(
        OUTPUT,
        metavar="DEGREES",
        help="Horizontal field of view of the camera, for --depth-output: points in NAME.ply (default: 60), "
        "CameraInfo in NAME.mcap.",
    ),
}
ENCODING_WORDS = {
    "codec": one(
        OUTPUT,
        help="Codec of a movie: h264 (default), h265, av1, vp9 (default of .webm), prores (.mov, .mkv) or ffv1"
        " (.mkv).",
    ),
    "crf": one(
        OUTPUT,
        help="Quality of a movie: 1 is best; up to 51 for h264 and h265 (default 19, 22), up to 63 for av1 and"
        " vp9 (32).",
    ),
    "preset": one(
        OUTPUT,
        help="Encoding speed against file size: ultrafast to veryslow (h264: superfast; h265: ultrafast), 13 "
        "to 0 (av1: 10), 8 to 0 (vp9: 8); prores: proxy, lt, standard (default), hq.",
    ),
}
