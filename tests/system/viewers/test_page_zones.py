"""A viewer draws a zone on the page, in a real browser."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from services import running_service

from streamdepth.zones.kept import KeptZones
from streamdepth.zones.sight import Sight
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.zone import Kind, Unit, Zones

CORNERS = [(0.2, 0.25), (0.7, 0.25), (0.7, 0.8)]


@pytest.fixture
def watch():
    return ZoneWatch(Zones())


@pytest.fixture
def page(viewed, watch):
    with running_service(zones=KeptZones(watch)) as service:
        yield viewed.open(service)


def click(page, x, y):
    """At a point of the picture, in shares of its size."""
    box = page.tab.evaluate("""() => {
      const box = document.getElementById("stage").getBoundingClientRect();
      const scale = Math.min(box.width / 320, box.height / 240);
      const [width, height] = [320 * scale, 240 * scale];
      return [box.left + (box.width - width) / 2, box.top + (box.height - height) / 2, width, height];
    }""")
    page.tab.mouse.click(box[0] + x * box[2], box[1] + y * box[3])


def draw(page, name):
    page.tab.click("#zones_draw")
    for x, y in [*CORNERS, CORNERS[0]]:
        click(page, x, y)
    page.until(lambda: page.tab.is_visible("#zones_form"))
    page.tab.fill("#zones_form [name=name]", name)
    page.tab.fill("#zones_form [name=distance]", "0.4")
    page.tab.click("#zones_form .first")
    page.until(lambda: not page.tab.is_visible("#zones_form"))


def test_what_is_drawn_is_watched_shown_and_removed(page, watch):
    page.tab.click("#zones_begin")
    draw(page, "cd door")  # letters that are keys of the page
    (zone,) = watch.zones.zones
    assert zone.name == "cd door"
    assert np.allclose(zone.polygon, CORNERS, atol=0.02)
    (rule,) = zone.rules
    assert (rule.kind, rule.unit, rule.distance, rule.trigger.seconds) == (Kind.NEAR, Unit.RELATIVE, 0.4, 1.0)
    assert page.tab.input_value("#colormap") == "inferno"  # no key turned it
    page.tab.focus("#zones_list button")
    half = np.full((24, 32), 0.2, np.float32)
    for second in range(3):
        watch(Sight(Fraction(second), half, relative=half))
    page.until(lambda: "something there" in page.tab.inner_text("#zones_list"))
    assert page.tab.get_attribute("#zones_shapes polygon", "data-state") == "there"
    page.tab.keyboard.press("Enter")  # a list that is looked at each second leaves the focus where it is
    page.until(lambda: not watch.zones.zones)
    page.until(lambda: page.tab.query_selector("#zones_shapes polygon") is None)
    assert page.complaints == []


def test_what_is_no_zone_is_said_and_can_be_mended(page, watch):
    page.tab.click("#zones_begin")
    draw(page, "door")
    page.tab.click("#zones_draw")
    for x, y in [*CORNERS, CORNERS[0]]:
        click(page, x, y)
    page.until(lambda: page.tab.is_visible("#zones_form"))
    page.tab.fill("#zones_form [name=name]", "door")
    page.tab.click("#zones_form .first")
    page.until(lambda: "Two zones are called" in page.tab.inner_text("#zones_word"))
    page.tab.fill("#zones_form [name=name]", "gate")
    page.tab.click("#zones_form .first")
    page.until(lambda: len(watch.zones.zones) == 2)
    page.tab.click("#zones_begin")
    assert not page.tab.is_visible("#zones_shapes polygon >> nth=0")
