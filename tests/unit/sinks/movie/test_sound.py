"""What other sound becomes."""

from __future__ import annotations

import av
import pytest

from streamdepth.sinks.movie.sound import layout_for


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ("mono", "mono"),
        ("stereo", "stereo"),
        ("quad", "quad"),
        ("quad(side)", "quad"),
        ("5.1(side)", "5.1"),
        ("octagonal", "octagonal"),
        ("downmix", "stereo"),  # two channels that AAC has no name for
        ("5.1.2", "7.1"),  # eight of those
        ("7.1.4", "7.1"),  # more than AAC has
        ("hexadecagonal", "7.1"),
    ],
)
def test_a_layout_becomes_itself_or_the_usual_one_of_as_many_channels(given: str, encoded: str) -> None:
    layout = av.AudioLayout(given)
    assert layout_for("aac", layout) == encoded
    assert av.AudioLayout(encoded).nb_channels == min(layout.nb_channels, 8)


@pytest.mark.parametrize("encoder", ["libopus", "flac"])
@pytest.mark.parametrize(
    ("given", "encoded"), [("mono", "mono"), ("5.1(side)", "5.1"), ("2.1", "3.0"), ("7.1.4", "7.1")]
)
def test_opus_and_flac_have_one_layout_for_each_number_of_channels(
    encoder: str, given: str, encoded: str
) -> None:
    assert layout_for(encoder, av.AudioLayout(given)) == encoded
