"""What the pictures of a film depend on: a later run goes on with it only under the same, or where it may differ."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

import streamdepth
from streamdepth.addresses import digest_of, redact_address
from streamdepth.engine.runtimes.registry import BACKENDS
from streamdepth.machine import processors, this_processor, thread_count

HEAD = 1 << 20
"""Bytes from the start of an input that distinguish it from another one of the same size and time."""
_NOT_OF_THE_PICTURE = frozenset({"input", "stream", "output", "network", "web"})
"""Parts of a spec that say where pictures come from and go to; what of them counts is named one by one."""


def of_input(name: str, files: Sequence[Path]) -> dict[str, str]:
    """Which input it is: `files` by their sizes, times and first bytes, or else its `name`."""
    if not files:
        return {"the input": redact_address(name), "the address of the input": digest_of(name)}
    share = max(4096, HEAD // len(files))
    facts = [file.stat() for file in files]
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            digest.update(opened.read(share))
    return {
        "the number of input files": str(len(files)),
        "the size of the input": f"{sum(one.st_size for one in facts)} bytes",
        "the time of change of the input": f"{max(one.st_mtime_ns for one in facts)} ns",
        "the beginning of the input": digest.hexdigest()[:16],
    }


def of_spec(spec: Any) -> dict[str, str]:
    """Every option that changes what is drawn or how it is encoded, as it is typed."""
    parts = [getattr(spec, one.name) for one in fields(spec) if one.name not in _NOT_OF_THE_PICTURE]
    named = [(one.name, getattr(part, one.name)) for part in parts for one in fields(part)]
    wanted, network = spec.input, spec.network
    named.append(("scenes", _content_of(spec.picture.scenes)))  # what stands there counts, and not its name
    named.append(("metres", _content_of(wanted.metres)))
    named += [(name, getattr(wanted, name)) for name in ("camera_size", "camera_fps", "input_fps")]
    named += [(name, getattr(network, name)) for name in ("normalisation", "depth_kind", "size")]
    depth = spec.output.depth_output
    named += [] if depth is None else [("depth_output", f"one of {depth.suffix or 'a folder'}")]
    return {f"--{name.replace('_', '-')}": str(value) for name, value in named}


def _content_of(named: Path | None) -> str | None:
    if named is None:
        return None
    return hashlib.sha256(named.read_bytes()).hexdigest()[:16] if named.is_file() else "found in the film"


def of_machine(runtime: str, threads: int | None, lanes: int) -> dict[str, str]:
    """Releases, instruction set and threads: results differ in their last bits where these do."""
    libraries = ", ".join(f"{name} {'.'.join(map(str, number))}" for name, number in _ffmpeg().items())
    processor = this_processor()
    return {
        "streamdepth": streamdepth.__version__,
        "PyAV": av.__version__,
        "FFmpeg": libraries,
        "NumPy": np.__version__,
        "OpenCV": cv2.__version__,
        runtime: _release(next((one.package for one in BACKENDS if one.name == runtime), runtime)),
        "the instruction set": " ".join((platform.machine(), *processor.features)),
        "the number of processors": str(processors()),
        "threads": str(thread_count(threads)),
        "pictures inferred at a time": str(lanes),
    }


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Each condition that is not what it was, in words: `--layout was overlay and is depth`."""
    for name in dict.fromkeys((*then, *now)):
        was, is_now = then.get(name, "not there"), now.get(name, "not there")
        if was != is_now:
            yield f"{name} was {was} and is {is_now}"


def _ffmpeg() -> dict[str, tuple[int, ...]]:
    return {name: av.library_versions[name] for name in ("libavcodec", "libavformat")}


def _release(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown release"
