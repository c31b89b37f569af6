"""No two runs meet."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from streamdepth.batch.apart import check_runs_apart, own_outputs
from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.planned_run import planned_runs
from streamdepth.errors import UsageError
from streamdepth.run.spec import OutputSpec, RunSpec


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a/x.mp4", "b/x.mp4", "b/x.mkv", "b/X.mov"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"")


def films(*names: str, root: str | None = None) -> list[Found]:
    return [
        Found(name, Kind.FILM, PurePath(name), PurePath(root) if root is not None else None) for name in names
    ]


def check(output: str, found: list[Found], pattern: str = "{folder}/{name}") -> None:
    spec = RunSpec(output=OutputSpec(output=Path(output)))
    check_runs_apart(planned_runs(spec, found, pattern), spec)


@pytest.mark.parametrize(
    ("output", "names", "says"),
    [
        ("out", ("a/x.mp4", "b/x.mp4"), "both be written to out/x.mp4.*'{parent}/{name}'"),
        ("out", ("b/x.mp4", "b/x.mkv"), "both be written to out/x.mp4.*'{folder}/{file}'"),
        ("out", ("b/x.mp4", "b/X.mov"), "both be written to out/X.mp4"),
        ("b", ("b/x.mp4",), r"the output of b/x.mp4 would be written over it \(.*'{folder}/{name}-depth'"),
        ("b", ("b/x.mkv", "b/x.mp4"), "the output of b/x.mkv would be written over the input b/x.mp4"),
        ("a/link", ("b/x.mp4",), "would be written over it"),
    ],
)
def test_two_that_meet_are_refused_with_a_pattern_that_tells_them_apart(
    output: str, names: tuple[str, ...], says: str
) -> None:
    Path("a/link").symlink_to(Path("b").resolve())
    with pytest.raises(UsageError, match=says) as caught:
        check(output, films(*names))
    pattern = str(caught.value).rpartition("--name '")[2].partition("'")[0]
    check(output, films(*names), pattern)


def test_what_another_run_writes_was_written_by_an_earlier_batch_unless_it_was_named() -> None:
    Path("b/x-depth.mp4").write_bytes(b"")
    spec = RunSpec(output=OutputSpec(output=Path("b")))
    found = films("b/x-depth.mp4", "b/x.mp4", root="b")
    first, _ = runs = planned_runs(spec, found, "{name}-depth")
    assert own_outputs(runs) == {first: "b/x.mp4"}
    named = planned_runs(spec, films("b/x-depth.mp4", "b/x.mp4"), "{name}-depth")
    assert own_outputs(named) == {}
    with pytest.raises(UsageError, match=r"written over the input b/x-depth.mp4"):
        check_runs_apart(named, spec)
