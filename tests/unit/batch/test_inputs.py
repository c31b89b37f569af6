"""From what was typed to what is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
from closed_paths import close
from films import greys, write_film
from pictures import encoded, picture

from streamdepth.batch.inputs import Found, Kind, find_inputs
from streamdepth.errors import UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with films and pictures, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips/day").mkdir(parents=True)
    write_film(tmp_path / "clips/a.mp4", greys([1]))
    write_film(tmp_path / "clips/day/b.mkv", greys([1]))
    (tmp_path / "p.jpg").write_bytes(encoded(".jpg", picture()))
    (tmp_path / "film.dat").write_bytes((tmp_path / "clips/a.mp4").read_bytes())
    return tmp_path


def kinds(found: list[Found]) -> list[tuple[str, Kind]]:
    return [(one.text, one.kind) for one in found]


def test_what_is_named_is_known_by_its_content(here: Path) -> None:
    inputs = find_inputs(["p.jpg", "film.dat", "demo", "clips"], recursive=True)
    assert kinds(inputs.found) == [
        ("p.jpg", Kind.PICTURE),
        ("film.dat", Kind.FILM),
        ("demo", Kind.FILM),
        ("clips/a.mp4", Kind.FILM),
        ("clips/day/b.mkv", Kind.FILM),
    ]
    assert [one.named(1).words["folder"] for one in inputs.found] == [".", ".", ".", ".", "day"]
    assert inputs.left_out == []


def test_a_pattern_is_its_films_below_where_it_begins_and_its_pictures_together(here: Path) -> None:
    (here / "clips/p.jpg").write_bytes(b"")
    inputs = find_inputs(["clips/**/*"], recursive=False)
    assert kinds(inputs.found) == [
        ("clips/a.mp4", Kind.FILM),
        ("clips/day/b.mkv", Kind.FILM),
        ("clips/**/*", Kind.PICTURES),
    ]
    assert inputs.found[1].named(2).words["folder"] == "day"


def test_a_list_names_one_a_line_and_is_read_as_if_it_was_typed(here: Path) -> None:
    Path("list.txt").write_text("\ufeff# films\n\n clips/a.mp4 \nclips/day\n", encoding="utf-8")
    assert kinds(find_inputs(["@list.txt"], recursive=False).found) == [
        ("clips/a.mp4", Kind.FILM),
        ("clips/day/b.mkv", Kind.FILM),
    ]


def test_a_name_in_a_list_may_be_in_quotes(here: Path) -> None:
    Path("clips/#1.mp4").write_bytes(b"")
    Path("list.txt").write_text('"clips/a.mp4"\r\n\'clips/#1.mp4\'\n"@x"\n', encoding="utf-8")
    inputs = find_inputs(["@list.txt"], recursive=False)
    assert [one.text for one in inputs.found] == ["clips/a.mp4", "clips/#1.mp4"]
    assert [left.name for left in inputs.left_out] == ["@x"]


def test_names_in_a_list_start_at_the_current_folder(here: Path) -> None:
    Path("clips/list.txt").write_text("clips/a.mp4\n", encoding="utf-8")
    assert [one.text for one in find_inputs(["@clips/list.txt"], recursive=False).found] == ["clips/a.mp4"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe\x00", "it is not text in UTF-8"),
        (b"# nothing\n", "names no input"),
        (b"@more.txt\n", "names a list, @more.txt"),
    ],
)
def test_a_list_that_says_nothing_is_refused(here: Path, text: bytes | None, says: str) -> None:
    if text is not None:
        Path("list.txt").write_bytes(text)
    with pytest.raises(UsageError, match=says):
        find_inputs(["@list.txt"], recursive=False)


def test_what_is_not_there_is_a_failure_with_its_reason(here: Path) -> None:
    (here / "empty").mkdir()
    inputs = find_inputs(["clips/a.mp5", "empty", "clips/*.mov"], recursive=False)
    assert inputs.found == []
    assert [(left.name, left.is_failure) for left in inputs.left_out] == [
        ("clips/a.mp5", True),
        ("empty", True),
        ("clips/*.mov", True),
    ]
    assert "did you mean clips/a.mp4?" in inputs.left_out[0].reason


def test_what_may_not_be_looked_at_is_a_failure_and_ends_no_other(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(Path("closed/a.mp4"), monkeypatch)
    inputs = find_inputs(["closed/a.mp4", "clips/a.mp4"], recursive=False)
    assert kinds(inputs.found) == [("clips/a.mp4", Kind.FILM)]
    (left,) = inputs.left_out
    assert left.is_failure
    assert left.reason.startswith("closed/a.mp4 cannot be read: permission denied")


def test_an_address_is_a_film_where_it_may_end_and_shows_no_login() -> None:
    inputs = find_inputs(["https://me:pw@host/x/street%20a.mp4?t=1", "rtsp://me:pw@cam/1"], recursive=False)
    film, live = inputs.found
    assert (film.kind, str(film.path), film.name) == (
        Kind.FILM,
        "street a.mp4",
        "https://***@host/x/street%20a.mp4?t=1",
    )
    assert (live.kind, live.name) == (Kind.LIVE, "rtsp://***@cam/1")
    (shared,) = find_inputs(["https://host/8yS4aFqzXq.mp4"], recursive=False).found
    assert (str(shared.path), shared.name) == ("film", "https://host/***")
