"""The codecs of live video by all their names."""

import av
import pytest

from streamdepth.ffmpeg.codecs import VideoCodec


@pytest.mark.parametrize("codec", VideoCodec)
def test_ffmpeg_knows_its_encoder_and_its_decoder(codec):
    encoder, decoder = av.Codec(codec.encoder, "w"), av.Codec(codec.decoder, "r")
    assert encoder.canonical_name == decoder.canonical_name == codec.value.lower()
