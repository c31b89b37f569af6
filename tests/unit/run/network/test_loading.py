"""Networks of live runs: begun before they are needed, and behind those who watch."""

from __future__ import annotations

import time

import numpy as np
import pytest

from streamdepth.errors import ModelError, SourceError
from streamdepth.frames import DepthMap, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.run.network import loading as loading_module
from streamdepth.run.network.loading import Loading, behind_viewers
from streamdepth.threads.aside import run_aside
from streamdepth.threads.worker import Flag

PICTURE = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))


class Network:
    def __init__(self):
        self.asked = 0
        self.warmed = []

    def warm_up(self, width, height):
        self.warmed.append((width, height))

    @property
    def lanes(self):
        self.asked += 1
        return [Network(), Network()]

    def estimate_picture(self, picture):
        return DepthMap(np.full((2, 3), picture.height, np.float32))


def test_a_live_run_infers_without_lanes_which_are_the_network_once_more_in_memory():
    network = Network()
    engine = behind_viewers(network)
    depth = run_aside(
        "test", lambda: engine.estimate_picture(PICTURE)
    )  # in a thread of its own, which gives way
    assert depth.values.tolist() == [[4.0] * 3] * 2
    assert network.asked == 0
    assert len(engine.lanes) == 2
    assert network.asked == 1


INFO = SourceInfo(64, 48, None, True, 1.0)


def test_a_network_for_viewers_is_loaded_once_and_before_it_is_asked_for_where_that_is_begun():
    loads, has_loaded = [], Flag()

    def load():
        loads.append(Network())
        has_loaded.set()
        return loads[-1]

    loading = Loading(load, is_aside=True)
    loading.begin()
    assert has_loaded.wait(10)
    loading.begin()
    engine = loading.ready_for(INFO)
    assert [engine] == loads
    assert engine.warmed == [(64, 48)]


def test_nothing_is_begun_where_nobody_watches():
    loads = []
    loading = Loading(lambda: loads.append(Network()) or loads[-1], is_aside=False)
    loading.begin()
    assert loads == []
    assert loading.ready_for(INFO).warmed == [(64, 48)]


@pytest.mark.parametrize("is_aside", [True, False])
def test_what_loading_took_for_a_moment_is_given_back_once_the_network_is_warm(is_aside, monkeypatch):
    network, warmed_before = Network(), []
    monkeypatch.setattr(loading_module, "give_back", lambda: warmed_before.extend(network.warmed))
    Loading(lambda: network, is_aside=is_aside).ready_for(INFO)
    assert warmed_before == [(64, 48)]


@pytest.mark.parametrize("is_aside", [True, False])
def test_what_loading_raises_is_raised_where_the_engine_is_asked_for(is_aside):
    loading = Loading(lambda: 1 // 0, is_aside=is_aside)
    loading.begin()
    with pytest.raises(ZeroDivisionError):
        loading.ready_for(INFO)


@pytest.mark.parametrize(("is_aside", "raised"), [(True, ModelError), (False, SourceError)])
def test_what_loading_raises_is_told_in_the_place_of_an_input_that_is_given_up(is_aside, raised):
    def load():
        raise ModelError("there is no such network")

    loading = Loading(load, is_aside=is_aside)
    loading.begin()
    give_up_at = time.monotonic() + 10
    while is_aside and not loading.has_failed:
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    with pytest.raises(raised), loading.loading_error_first():
        raise SourceError("nothing listens there")


def test_while_the_network_loads_it_is_told_why_there_is_no_input():
    may_end = Flag()
    loading = Loading(lambda: may_end.wait(10) and Network(), is_aside=True)
    loading.begin()
    with pytest.raises(SourceError), loading.loading_error_first():
        raise SourceError("nothing listens there")
    may_end.set()
