"""What is said of tracks that have no place in a movie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition
from heif_files import animated_avif

from streamdepth.sinks.movie.left_out import left_out_warnings

BEGINNING = "MP4 has no place for all tracks; left out: "


@pytest.fixture
def movie(tmp_path: Path) -> Iterator[Any]:
    """A file with no tracks yet; Matroska takes any."""
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        yield container


def test_where_nothing_is_left_out_nothing_is_said() -> None:
    assert left_out_warnings("MP4", iter(())) == []


def test_a_track_by_itself_gets_the_article_of_its_first_letter(movie: Any) -> None:
    subtitles = movie.add_stream("dvdsub")
    attachment = movie.add_attachment("font.ttf", "application/x-truetype-font", b"font")
    assert left_out_warnings("MP4", [subtitles]) == [
        BEGINNING + "a subtitle track in pictures (dvd_subtitle)"
    ]
    assert left_out_warnings("MP4", [attachment]) == [BEGINNING + "an attachment"]


def test_tracks_of_one_kind_are_counted_and_those_of_others_named_beside_them(movie: Any) -> None:
    subtitles = [movie.add_stream(codec) for codec in ("dvdsub", "dvbsub", "dvdsub")]
    videos = [movie.add_stream("mpeg4", rate=25) for _ in range(3)]
    attachments = [movie.add_attachment(name, "text/plain", b"a") for name in ("a.txt", "b.txt")]
    assert left_out_warnings("MP4", [*subtitles, *videos, *attachments]) == [
        BEGINNING
        + "2 subtitle tracks in pictures (dvd_subtitle), a subtitle track in pictures (dvb_subtitle), "
        "3 further videos (mpeg4), 2 attachments"
    ]


def test_a_cover_is_told_from_a_second_film(movie: Any) -> None:
    cover, film = movie.add_stream("mjpeg", rate=1), movie.add_stream("mjpeg", rate=25)
    cover.disposition = Disposition.attached_pic | Disposition.default
    assert left_out_warnings("MP4", [cover]) == [BEGINNING + "a cover picture"]
    assert left_out_warnings("MP4", [cover, cover, film]) == [
        BEGINNING + "2 cover pictures, a further video (mjpeg)"
    ]


def test_a_still_beside_an_animation_is_not_called_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(animated_avif([0, 200]))
    with av.open(str(path)) as container:
        assert left_out_warnings("MP4", container.streams.video[:1]) == [BEGINNING + "a still picture (av1)"]


def test_sound_that_nothing_reads_and_data_are_named_by_what_they_are(movie: Any, tmp_path: Path) -> None:
    sound = movie.add_mux_stream("pcm_s16le", rate=8000, layout="mono")
    assert left_out_warnings("MP4", [sound, sound]) == [BEGINNING + "2 sound tracks in an unknown format"]
    with av.open(str(tmp_path / "film.ts"), "w") as container:
        data = container.add_data_stream("klv")
        assert left_out_warnings("MP4", [data]) == [BEGINNING + "a data track"]
        assert left_out_warnings("MP4", [data, data]) == [BEGINNING + "2 data tracks"]
