import cv2
import numpy as np
import pytest

from streamdepth.cli.commands.calibration import read_calibration
from streamdepth.errors import SourceError


def test_frames_of_a_folder_are_spread_over_all_of_it(tmp_path):
    for index in range(100):
        cv2.imwrite(str(tmp_path / f"{index:03}.png"), np.full((32, 32, 3), 2 * index, np.uint8))
    own = read_calibration(tmp_path)
    shades = [int(picture[0, 0, 0]) for picture in own.pictures]
    assert len(shades) == 34  # every third
    assert shades == sorted(set(shades))
    assert shades[-1] == 198
    assert own.identity.startswith(f"{tmp_path.name}:")


def test_what_is_not_there_is_a_source_error(tmp_path):
    with pytest.raises(SourceError):
        read_calibration(tmp_path / "gone.mp4")
