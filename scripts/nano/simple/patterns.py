"""Small pictures of what surfaces look like, drawn once: grain, weave, bricks, planks, print.

A pattern is (SIZE, SIZE, 3) float32 in 0..1 and repeats without a seam. Its channels are not red, green and blue but
how much of a material's three colours is seen, so one pattern serves many materials; they need not add up to 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SIZE = 128

Field = NDArray[np.float32]
Random = np.random.Generator

_ROWS, _COLUMNS = np.meshgrid(np.arange(SIZE) / SIZE, np.arange(SIZE) / SIZE, indexing="ij")


def noise(rng: Random, slope: float, stretch: float = 1.0) -> Field:
    """(SIZE, SIZE) in 0..1, equalised: random phases under a spectrum of 1/frequency**slope.

    `stretch` above 1 draws the grain out along the columns (up and down in the picture).
    """
    frequency = np.fft.fftfreq(SIZE, 1 / SIZE)
    radius = np.hypot(frequency[:, None] * stretch, frequency[None])
    radius[0, 0] = np.inf
    spectrum = np.fft.fft2(rng.standard_normal((SIZE, SIZE))) / radius**slope
    ranks = np.fft.ifft2(spectrum).real.ravel().argsort().argsort()
    return (ranks / (SIZE * SIZE - 1)).reshape(SIZE, SIZE).astype(np.float32)


def mixed(second: Field, third: Field | float = 0.0) -> Field:
    """A pattern with so much of the second and third colour over the first."""
    third = np.broadcast_to(np.float32(third), second.shape)
    first = (1 - second) * (1 - third)
    return np.stack([first, second * (1 - third), third], axis=-1).astype(np.float32)


def plain(_: Random) -> Field:
    """Nothing but the first colour."""
    return mixed(np.zeros((SIZE, SIZE), np.float32))


def cloud(rng: Random) -> Field:
    """Smooth patches."""
    return mixed(noise(rng, rng.uniform(1.2, 2.5)), 0.5 * noise(rng, 1.5))


def blotch(rng: Random) -> Field:
    """Patches with hard edges."""
    first = noise(rng, rng.uniform(1.5, 2.2)) > rng.uniform(0.4, 0.7)
    return mixed(first.astype(np.float32), (noise(rng, 1.8) > 0.8).astype(np.float32))


def grain(rng: Random) -> Field:
    """Fine noise: carpet, plaster, asphalt, grass."""
    return mixed(noise(rng, rng.uniform(0.0, 0.8)), 0.4 * noise(rng, 1.0))


def wood(rng: Random) -> Field:
    """Long grain with a few rings."""
    rings = np.sin(40 * noise(rng, 2.2, 0.15) + 3 * noise(rng, 1.5))
    return mixed((0.5 + 0.3 * rings + 0.4 * (noise(rng, 1.0, 0.05) - 0.5)).clip(0, 1).astype(np.float32))


def _cells(rng: Random, rows: int, columns: int, shift: float) -> tuple[Field, Field, Field]:
    """Running bond: (row, column) place within the brick in 0..1, and a random number for each brick."""
    y = _ROWS * rows
    row = np.floor(y).astype(int)
    x = _COLUMNS * columns + shift * (row % 2)
    shade = rng.random((rows, columns))[row, np.floor(x).astype(int) % columns]
    return (y % 1).astype(np.float32), (x % 1).astype(np.float32), shade.astype(np.float32)


def _joint(y: Field, x: Field, high: float, wide: float) -> Field:
    """1 in the gap between bricks; `high` and `wide` are its share of a brick."""
    gap = (y < high) | (y > 1 - high) | (x < wide) | (x > 1 - wide)
    return gap.astype(np.float32)


def bricks(rng: Random) -> Field:
    """Bricks in mortar, each with its own shade."""
    y, x, shade = _cells(rng, 2 * int(rng.integers(3, 8)), int(rng.integers(2, 5)), 0.5)
    return mixed((0.6 * shade + 0.4 * noise(rng, 1.0)).astype(np.float32), _joint(y, x, 0.07, 0.03))


def tiles(rng: Random) -> Field:
    """Square tiles, now and then in two colours."""
    count = 2 * int(rng.integers(1, 4))
    y, x, shade = _cells(rng, count, count, 0.0)
    if rng.random() < 0.5:
        board = (np.floor(_ROWS * count) + np.floor(_COLUMNS * count)) % 2
        shade = (0.8 * board + 0.2 * shade).astype(np.float32)
    return mixed(shade, _joint(y, x, 0.03, 0.03))


def planks(rng: Random) -> Field:
    """Boards side by side with grain along them."""
    y, x, shade = _cells(rng, 2, int(rng.integers(4, 9)), 0.0)
    lines = noise(rng, 1.2, 0.05)
    return mixed((0.5 * shade + 0.5 * lines).astype(np.float32), 0.8 * _joint(y, x, 0.01, 0.04))


def cobbles(rng: Random) -> Field:
    """Rounded stones: the nearest of some scattered points."""
    points = rng.random((int(rng.integers(20, 60)), 2))
    offset = np.stack([_ROWS, _COLUMNS], -1)[None] - points[:, None, None]
    away = np.linalg.norm(offset - np.round(offset), axis=-1)
    order = np.partition(away, 1, axis=0)
    shade = rng.random(len(points))[away.argmin(axis=0)]
    gap = ((order[1] - order[0]) * np.sqrt(len(points)) < 0.12).astype(np.float32)
    return mixed((0.7 * shade + 0.3 * noise(rng, 1.0)).astype(np.float32), gap)


def stripes(rng: Random) -> Field:
    """Upright stripes in two or three colours."""
    turns = int(rng.integers(2, 9))
    wave = np.sin(2 * np.pi * turns * _COLUMNS)
    third = np.sin(2 * np.pi * turns * _COLUMNS * 2) > rng.uniform(0.3, 1.5)
    hard = wave > 0 if rng.random() < 0.7 else 0.5 + 0.5 * wave
    return mixed(np.asarray(hard, np.float32), third.astype(np.float32))


def plaid(rng: Random) -> Field:
    """Crossing stripes, as of cloth."""
    a, b = (int(rng.integers(1, 6)) for _ in range(2))
    across, down = np.sin(2 * np.pi * a * _ROWS) > 0, np.sin(2 * np.pi * b * _COLUMNS) > 0
    thin = (np.sin(2 * np.pi * a * _ROWS + 1) > 0.93) | (np.sin(2 * np.pi * b * _COLUMNS + 1) > 0.93)
    return mixed(((across + down) / 2).astype(np.float32), thin.astype(np.float32))


def dots(rng: Random) -> Field:
    """Round spots or flowers, scattered."""
    points = rng.random((int(rng.integers(8, 40)), 2))
    offset = np.stack([_ROWS, _COLUMNS], -1)[None] - points[:, None, None]
    offset -= np.round(offset)
    petals = 1 + 0.4 * np.sin(5 * np.arctan2(offset[..., 0], offset[..., 1]) + points[:, :1, None] * 9)
    away = (np.linalg.norm(offset, axis=-1) * petals).min(axis=0)
    size = rng.uniform(0.03, 0.08)
    return mixed((away < size).astype(np.float32), (away < size / 3).astype(np.float32))


def letters(rng: Random) -> Field:
    """Lines of dark words on a page."""
    lines = int(rng.integers(6, 18))
    words = noise(rng, 0.6, 8.0)[
        (np.floor(_ROWS * lines) * (SIZE // lines)).astype(int), (_COLUMNS * SIZE).astype(int)
    ]
    ink = (words > 0.45) & ((_ROWS * lines) % 1 > 0.45) & (np.abs(_COLUMNS - 0.5) < 0.42)
    head = (np.abs(_ROWS - 0.1) < 0.05) & (np.abs(_COLUMNS - 0.4) < rng.uniform(0.1, 0.4))
    return mixed((ink * 0.8).astype(np.float32), head.astype(np.float32))


def facade(rng: Random) -> Field:
    """Rows of windows in a wall; panes differ in brightness."""
    y, x, shade = _cells(rng, int(rng.integers(2, 5)), int(rng.integers(2, 5)), 0.0)
    wide, high = rng.uniform(0.15, 0.3), rng.uniform(0.12, 0.3)
    pane = (np.abs(x - 0.5) < 0.5 - wide) & (np.abs(y - 0.5) < 0.5 - high)
    bar = (np.abs(x - 0.5) < 0.03) | (np.abs(y - 0.4) < 0.02)
    wall = 0.25 * noise(rng, 0.8)
    return mixed(
        np.where(pane & ~bar, 0.5 + 0.5 * shade, wall).astype(np.float32), (pane & bar).astype(np.float32)
    )


def leaves(rng: Random) -> Field:
    """Leaves in the light and gaps between them."""
    light = noise(rng, rng.uniform(0.7, 1.2))
    return mixed(light, (noise(rng, 1.0) > 0.75).astype(np.float32) * 0.8)


def drawers(rng: Random) -> Field:
    """The front of a cupboard: panels with a shadow line and a knob each."""
    y, x, shade = _cells(rng, int(rng.integers(1, 5)), int(rng.integers(1, 4)), 0.0)
    inner = (np.abs(np.maximum(np.abs(x - 0.5), np.abs(y - 0.5)) - rng.uniform(0.32, 0.42)) < 0.02) * 0.5
    knob = np.hypot(x - rng.choice([0.5, 0.85]), y - 0.5) < 0.05
    return mixed(
        np.maximum(inner, 0.15 * shade).astype(np.float32), np.maximum(_joint(y, x, 0.02, 0.02), knob)
    )


def shelf_of_books(rng: Random) -> Field:
    """Spines side by side, of different height and colour, dark above."""
    rows = int(rng.integers(1, 5))
    edges = np.sort(rng.random((rows, int(rng.integers(8, 25)))), axis=1)
    row = np.floor(_ROWS * rows).astype(int)
    book = (_COLUMNS[..., None] > edges[row]).sum(-1)
    tall = rng.uniform(0.55, 0.9, (rows, 32))[row, book]
    paint = rng.random((rows, 32))[row, book]
    spine = 1 - (_ROWS * rows) % 1 < tall
    label = (np.abs((_ROWS * rows) % 1 - 0.6) < 0.1) & (paint > 0.5)
    return mixed(
        np.where(spine, paint, 0).astype(np.float32), np.where(spine, label * 0.6, 0.95).astype(np.float32)
    )


def keys(rng: Random) -> Field:
    """A keyboard from above."""
    y, x, shade = _cells(rng, 5, 16, 0.3)
    return mixed((0.1 * shade + 0.2 * (y < 0.5)).astype(np.float32), _joint(y, x, 0.1, 0.12))


def desktop(rng: Random) -> Field:
    """What a screen shows: windows, bars and lines of text on a background."""
    second, third = 0.3 * noise(rng, 2.0), np.zeros((SIZE, SIZE), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        top, left = rng.uniform(0, 0.6, 2)
        inside = (top < _ROWS) & (top + rng.uniform(0.2, 0.6) > _ROWS)
        inside &= (left < _COLUMNS) & (left + rng.uniform(0.2, 0.7) > _COLUMNS)
        bar = inside & (top + 0.05 > _ROWS)
        text = inside & ((_ROWS * 40).astype(int) % 2 == 0) & (noise(rng, 0.7) > 0.5)
        second = np.where(inside, rng.random(), second)
        third = np.where(bar | text, 0.8, np.where(inside, 0, third)).astype(np.float32)
    return mixed(second.astype(np.float32), third)


def door(rng: Random) -> Field:
    """Panels of a door and its handle."""
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    y, x, _ = _cells(rng, rows, columns, 0.0)
    rim = np.abs(np.maximum(np.abs(x - 0.5) / 0.36, np.abs(y - 0.5) / 0.40) - 1) < 0.06
    handle = (np.abs(_ROWS - 0.53) < 0.02) & (np.abs(_COLUMNS - 0.9) < 0.05)
    return mixed((rim * 0.6).astype(np.float32), handle.astype(np.float32))


def face(rng: Random) -> Field:
    """A face seen from the front, fitted to the ball of a head: second colour dark hair, third the lips."""
    x, y = 2 * _COLUMNS - 1, 1 - 2 * _ROWS
    eyes = np.hypot((np.abs(x) - 0.32) / 0.12, (y - 0.02) / 0.06) < 1
    brows = (np.abs(np.abs(x) - 0.33) < 0.17) & (np.abs(y - 0.17 - 0.1 * (0.3 - np.abs(x))) < 0.035)
    socket = 0.25 * np.exp(-(((np.abs(x) - 0.32) / 0.2) ** 2) - ((y - 0.05) / 0.14) ** 2)
    nose = 0.4 * np.exp(-((x / 0.14) ** 2) - ((y + 0.3) / 0.05) ** 2)
    open_ = rng.uniform(0.035, 0.09)
    mouth = np.hypot(x / rng.uniform(0.2, 0.32), (y + 0.52) / open_) < 1
    hairline = y > rng.uniform(0.45, 0.8) - 0.3 * x * x
    beard = rng.choice([0.0, 0.0, 0.4, 0.9]) * ((y < -0.3 - 0.1 * np.abs(x)) & ~mouth)
    dark = np.maximum.reduce([eyes * 0.95, brows * 0.8, socket, nose * 0.5, hairline * 1.0, beard])
    if rng.random() < 0.3:
        rim = np.abs(np.hypot((np.abs(x) - 0.34) / 0.24, (y - 0.02) / 0.17) - 1) < 0.12
        dark = np.maximum(dark, rim * 0.9)
    return mixed(dark.astype(np.float32), (mouth * 0.9).astype(np.float32))


def picture(rng: Random) -> Field:
    """A place kept for a picture of a whole scene; until one is put in, an abstract painting."""
    return np.stack([noise(rng, rng.uniform(1.5, 2.5)) for _ in range(3)], axis=-1)


Recipe = Callable[[Random], Field]

RECIPES: dict[str, tuple[Recipe, int]] = {
    "plain": (plain, 1),
    "cloud": (cloud, 4),
    "blotch": (blotch, 4),
    "grain": (grain, 4),
    "wood": (wood, 4),
    "bricks": (bricks, 4),
    "tiles": (tiles, 4),
    "planks": (planks, 4),
    "cobbles": (cobbles, 3),
    "stripes": (stripes, 4),
    "plaid": (plaid, 3),
    "dots": (dots, 4),
    "letters": (letters, 4),
    "facade": (facade, 6),
    "leaves": (leaves, 4),
    "drawers": (drawers, 6),
    "books": (shelf_of_books, 3),
    "keys": (keys, 1),
    "desktop": (desktop, 5),
    "door": (door, 4),
    "face": (face, 12),
    "picture": (picture, 28),
}
"""What is drawn and how often: the order decides the layers of the atlas."""


def layers(name: str) -> range:
    """The layers of the atlas that hold the patterns of this name."""
    names = list(RECIPES)
    start = sum(RECIPES[other][1] for other in names[: names.index(name)])
    return range(start, start + RECIPES[name][1])


def draw_patterns() -> Field:
    """(L, SIZE, SIZE, 3) float32: every pattern, always the same."""
    drawn = [
        recipe(np.random.default_rng((layer, 7)))
        for name, (recipe, _) in RECIPES.items()
        for layer in layers(name)
    ]
    return np.stack(drawn)
