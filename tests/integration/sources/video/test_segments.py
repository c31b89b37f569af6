"""A live playlist (HLS), whose pictures come seconds at a time, from a real server."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from films import greys, served, write_film

from streamdepth.sources.video import load
from streamdepth.sources.video.frame_reader import FrameReader
from streamdepth.sources.video.media import VideoOptions, open_media


def test_a_live_playlist_is_shown_at_its_own_pace_and_keeps_nobody_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "WINDOW", 0.2)
    write_film(tmp_path / "a.ts", greys(range(0, 240, 2)), g="12", bf="0", tune="zerolatency")
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:4.8,\na.ts\n"
    now, waits = [0.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    def waits_for(name: str, text: str) -> list[float]:
        (tmp_path / name).write_text(text)
        waits.clear()
        with closing(open_media(f"{address}/{name}", VideoOptions(), lambda: now[0])) as media:
            reader = FrameReader(media, lambda: now[0], wait)
            for _ in range(10):
                with reader.load:
                    assert reader.next(5.0) is not None
            assert reader.load.share == (0.0 if waits else None)
            reader.close()
        return waits.copy()

    with served(tmp_path) as address:
        assert waits_for("live.m3u8", playlist) == pytest.approx([1 / 25] * 9, abs=0.001)
        assert waits_for("recorded.m3u8", f"{playlist}#EXT-X-ENDLIST\n") == []
