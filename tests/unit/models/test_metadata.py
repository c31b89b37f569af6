import json
from dataclasses import replace
from pathlib import Path

import pytest

from streamdepth.errors import WeightsError
from streamdepth.models.metadata import Metadata, card_of, read_metadata
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD, MIDAS_SMALL, Resampling

ORIGIN = Path("folder/net.onnx")
CARD = replace(MIDAS_SMALL, mean=(0.1, 0.2, 0.3), urls=(), sha256_prefix="")


def test_a_label_is_read_as_it_was_written():
    metadata = Metadata(CARD, "ab" * 32, "1.2.3")
    assert read_metadata(metadata.to_json(), ORIGIN) == metadata


def test_the_card_of_a_labelled_file_is_that_of_its_label():
    text = Metadata(CARD, "ab" * 32, "1.2.3").to_json()
    assert card_of(text, ORIGIN, None) == CARD
    assert card_of(text, ORIGIN, (256, 128)) == replace(CARD, fixed_size=(256, 128))


def test_a_file_without_a_label_is_taken_for_a_network_on_imagenets_scale():
    card = card_of("", ORIGIN, (518, 518))
    assert (card.name, card.fixed_size) == ("net", (518, 518))
    assert (card.mean, card.std) == (IMAGENET_MEAN, IMAGENET_STD)
    assert card.resampling is Resampling.AREA


@pytest.mark.parametrize(
    "change",
    [{"mean": [1, 2]}, {"std": None}, {"stride": "wide"}, {"meaning": "miles"}, {"resampling": "magic"}],
)
def test_a_label_that_makes_no_sense_is_refused(change):
    told = json.loads(Metadata(CARD, "ab" * 32, "1.2.3").to_json()) | change
    with pytest.raises(WeightsError, match=r"net\.onnx.*damaged or of a newer streamdepth \(export it again"):
        read_metadata(json.dumps(told), ORIGIN)


@pytest.mark.parametrize("text", ["{", "[]", "{}", "null"])
def test_what_is_no_label_is_refused(text):
    with pytest.raises(WeightsError, match="export it again"):
        read_metadata(text, ORIGIN)
