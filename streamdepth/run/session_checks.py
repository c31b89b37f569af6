"""What can be wrong with what is wanted of sessions, before anything is opened."""

from __future__ import annotations

from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec

SUFFIX = ".mkv"


def check_session(spec: RunSpec) -> None:
    """Raise `UsageError` for what does not go with --record, or with --replay."""
    record = spec.session.record
    if record is not None and record.suffix.lower() != SUFFIX:
        raise UsageError(f"--record writes Matroska, and {record} has another name", f"name it NAME{SUFFIX}")
    if not spec.session.replay:
        return
    if record is not None:
        raise UsageError("--replay plays a session that is recorded already", "leave --record out")
    if spec.input.camera is not None:
        raise UsageError("--replay is for a session that --record wrote", "name it: --input session.mkv")
    for option, (is_given, why) in _others(spec).items():
        if is_given:
            raise UsageError(f"{option} does not go with --replay: {why}", f"leave {option} out")


def _others(spec: RunSpec) -> dict[str, tuple[bool, str]]:
    return {
        "--max-fps": (spec.amount.max_fps is not None, "what was dropped then is dropped again"),
        "--target-latency": (spec.promise.target_latency is not None, "it works on what was worked on then"),
        "--target-fps": (spec.promise.target_fps is not None, "it works on what was worked on then"),
        "--interpolate": (spec.picture.interpolate, "it shows what was worked on then"),
        "--switch-to": (bool(spec.input.switch_to), "it plays one session"),
        "--cluster": (spec.output.cluster is not None, "a session is read from its begin"),
        "--resume": (bool(spec.output.resume), "a session is read from its begin"),
    }
