"""What of the network learns, and how fast (`scripts/nano/train.py`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from train import Run, shares_of

from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano

SMALL = NanoConfig(stem=8, stages=(StageConfig(8, 1, 3),) * 4, decoder=(8, 8, 4, 4), entry=6)
DRAWINGS = (Path("simple"), Path("traced"))


def test_a_decoder_at_the_whole_rate_is_named_by_no_share() -> None:
    network = build_nano(SMALL)
    assert shares_of(network, Run(DRAWINGS, encoder=0.2)) == {network.stem: 0.2, network.stages: 0.2}


@pytest.mark.parametrize("decoder", [0.0, 0.5])
def test_encoder_and_decoder_each_have_their_share(decoder: float) -> None:
    network = build_nano(SMALL)
    shares = shares_of(network, Run(DRAWINGS, encoder=0.2, decoder=decoder))
    named = {name: shares[part] for name, part in network.named_children()}
    assert named == dict.fromkeys(("stem", "stages"), 0.2) | dict.fromkeys(("gate", "rise", "head"), decoder)
