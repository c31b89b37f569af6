"""What can be wrong with what is wanted of sessions, before anything is opened."""

from __future__ import annotations

from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec
from streamdepth.run.unfit_options import REPLAY, check_fit

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
    check_fit(spec, REPLAY)
