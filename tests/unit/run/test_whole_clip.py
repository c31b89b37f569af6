"""`--range global`: each picture is inferred once, drawn in one range, and nothing is left beside the output."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import av
import numpy as np
import pytest
from films import write_film

from streamdepth.api import open_depth
from streamdepth.cli.progress_lines import ProgressLines
from streamdepth.depthfiles.entry import Entry
from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.imaging.quantiles import quantiles
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, OutputSpec, PictureSpec, RunSpec, StreamSpec
from streamdepth.run.whole_clip import WithDepth
from streamdepth.sources import open_source

COUNT = 12


class Brightness:
    """A network that takes bright for near, and counts the pictures that it sees."""

    name, sha256, runtime_name, precision = "brightness", "ab", "none", "fp32"

    def __init__(self):
        self.seen = 0

    @property
    def lanes(self):
        return (self,)

    def input_size(self, width, height):
        return width, height

    def warm_up(self, width, height):
        pass

    def estimate_picture(self, picture):
        self.seen += 1
        return DepthMap(picture.bgr[::2, ::2, 1].astype(np.float32))

    def estimate(self, image):
        raise AssertionError("planes are taken")


@pytest.fixture
def film(tmp_path):
    """A ramp that gets brighter from picture to picture."""
    ramp = np.tile(np.linspace(0, 100, 64), (48, 1))
    pictures = [np.repeat((ramp + 10 * n)[..., None], 3, axis=2).astype(np.uint8) for n in range(COUNT)]
    return write_film(tmp_path / "film.mp4", pictures)


def run(film, tmp_path, network, range="global", observe=lambda _event: None, **more):
    picture = PictureSpec(layout="depth", colormap="gray", range=range, stabilise=False, look_ahead=0.0)
    outputs = OutputSpec(output=tmp_path / "heat.mp4", depth_output=tmp_path / "depth.npy")
    spec = RunSpec(InputSpec(input=str(film)), output=outputs, picture=picture, **more)
    return Run(spec, observe=observe, engines=lambda *_: network).execute()


def levels(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]


def test_every_picture_is_inferred_once_and_all_have_one_range(film, tmp_path):
    network = Brightness()
    assert run(film, tmp_path, network).written == COUNT
    assert network.seen == COUNT
    depths = [depth.values for depth in open_depth(tmp_path / "depth.npy")]
    low, high = quantiles(np.stack(depths), 0.02, 0.98)
    expected = [np.clip((one - low) / (high - low) * 255, 0, 255).mean() for one in depths]
    shown = levels(tmp_path / "heat.mp4")
    assert np.abs(np.array(shown) - expected).max() < 4
    assert sorted(path.name for path in tmp_path.iterdir() if "spool" in path.name) == []


def test_progress_never_goes_back_and_ends_at_the_whole(film, tmp_path):
    told = []
    lines = ProgressLines(told.append, clock=itertools.count().__next__)
    run(film, tmp_path, Brightness(), observe=lines)
    frames = [json.loads(line) for line in told]
    assert [line["done"] for line in frames] == list(range(1, 2 * COUNT + 1))
    assert {line["total"] for line in frames} == {2 * COUNT}
    assert frames[-1]["all_done"] == 1.0


def test_a_range_that_follows_the_scene_begins_in_another(film, tmp_path):
    run(film, tmp_path, Brightness(), range=None)
    followed = levels(tmp_path / "heat.mp4")[0]
    run(film, tmp_path, Brightness())
    assert followed - levels(tmp_path / "heat.mp4")[0] > 30


def test_what_cannot_be_looked_through_first_is_refused(film, tmp_path):
    with pytest.raises(UsageError, match="it is for files that nobody watches"):
        run(film, tmp_path, Brightness(), stream=StreamSpec(live=True))


def test_a_run_that_is_ended_in_the_first_pass_leaves_nothing(film, tmp_path):
    class Stops(Brightness):
        def estimate_picture(self, picture):
            made.stop()
            return super().estimate_picture(picture)

    outputs = OutputSpec(output=tmp_path / "heat.mp4")
    spec = RunSpec(InputSpec(input=str(film)), output=outputs, picture=PictureSpec(range="global"))
    made = Run(spec, engines=lambda *_: Stops())
    assert made.execute().written == 0
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_an_input_that_changed_meanwhile_is_told(film):
    entry = Entry(np.zeros((2, 2), np.float32), 0, Fraction(7), (64, 48))
    source = WithDepth(open_source(film), iter([entry]), DepthMeaning.METRES)
    with pytest.raises(SourceError, match="changed while it was read"):
        source.read()
    source.close()
