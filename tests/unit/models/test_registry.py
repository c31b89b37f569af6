import re

import pytest

from streamdepth.errors import UsageError
from streamdepth.models.registry import find_card, model_names


def test_the_models_are_named():
    assert model_names() == ("midas-small", "nano")
    for name in model_names():
        assert find_card(name).name == name


def test_midas_small_comes_from_its_release_and_has_the_hash_of_its_file_name():
    card = find_card("midas-small")
    assert all(
        url.startswith("https://github.com/isl-org/MiDaS/releases/download/v2_1/") for url in card.urls
    )
    assert re.search(r"-([0-9a-f]{8})\.pt$", card.urls[0])[1] == card.sha256_prefix == "70d6b9c8"
    assert "MIT" in card.licence
    assert not card.bundled


def test_nano_is_part_of_the_package():
    assert find_card("nano").bundled
    assert find_card("nano").licence.startswith("MIT; its encoder began as EfficientNet-Lite0 (Apache-2.0")


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UsageError, match=r"no model 'midas'.*auto, midas-small, nano"):
        find_card("midas")
