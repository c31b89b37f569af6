"""Models on a stage: which there are for a purpose, and how their surfaces are painted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from traced.catalogue import Entry, entries
from traced.models import Model, model
from traced.stage import Mesh, Paint, Pose, Stage, plain
from traced.textures import patterns
from traced.wavefront import Finish

Array = NDArray[np.float64]
Random = np.random.Generator
HEAVY = 60_000
"""Triangles above which a model is not used."""


@cache
def known(purpose: str) -> tuple[str, ...]:
    """Names of the models that serve a purpose of `PURPOSES`."""
    return tuple(sorted(entry.name for entry in entries().values() if PURPOSES[purpose](entry)))


def choose(purpose: str, rng: Random) -> Entry:
    """One of the models for this purpose that is not too heavy."""
    names = known(purpose)
    heavy = HEAVY if purpose != "tree" else 3 * HEAVY
    while True:
        entry = entries()[names[rng.integers(len(names))]]
        if len(model(entry.name).surface.faces) <= heavy:
            return entry


def put(stage: Stage, entry: Entry, pose: Pose, rng: Random, glow: Array | None = None) -> int:
    """Place a model, its plain surfaces painted anew now and then; `glow` is what a lamp's shade radiates."""
    made = model(entry.name)
    surface = made.surface
    mesh = Mesh(surface.positions, surface.faces, surface.uv, surface.normals, surface.finish)
    paints = _paints(made, entry, rng)
    if glow is not None and entry.light is not None:
        paints, mesh = _lit(paints, mesh, entry, glow)
    return stage.add(entry.name, mesh, paints, pose)


def _paints(made: Model, entry: Entry, rng: Random) -> list[Paint]:
    title = entry.title.lower()
    alive = entry.category == "Characters" or any(word in title for word in ALIVE)
    vehicle = entry.category == "Vehicles"
    repaint = made.textured_area < 0.3 and rng.random() < 0.65 and not alive
    tint = np.exp(rng.normal(0, 0.15, 3)) if made.textured_area >= 0.3 else np.ones(3)
    shares = _shares(made)
    paints = []
    for index, finish in enumerate(made.surface.finishes):
        layer = int(made.layer[index])
        texture = made.textures[layer] if layer >= 0 else None
        if texture is None and repaint and shares[index] > 0.15 and finish.alpha > 0.9:
            paints.append(lacquer(rng) if vehicle else stuff(finish, entry, rng))
        else:
            paints.append(_as_given(finish, texture, tint))
    return paints


def _as_given(finish: Finish, texture: NDArray[np.uint8] | None, tint: Array) -> Paint:
    colour = np.array(finish.diffuse) ** 2.2
    if texture is not None:
        colour = np.ones(3) if colour.max() < 0.05 else np.maximum(colour, 0.3)
        colour = colour * tint
    shiny = min(finish.specular, 1.0) if finish.shininess > 5 else 0.0
    return Paint(
        np.diag(colour.clip(0.01, 0.9)),
        texture,
        gloss=0.04 * shiny + (0.5 * shiny if finish.alpha < 0.9 else 0) * 0.1,
        rough=float(np.clip(0.6 - np.log10(max(finish.shininess, 1)) * 0.2, 0.05, 0.6)),
        alpha=finish.alpha if finish.alpha < 0.95 else 1.0,
    )


_CLOTH = ("plain", "grain", "plaid", "stripes", "dots", "cloud", "blotch", "grain")
_HARD = ("wood", "wood", "wood", "plain", "grain", "planks")


def stuff(finish: Finish, entry: Entry, rng: Random) -> Paint:
    """Cloth for what is soft, wood or paint for the rest, of about the brightness that the model has."""
    soft = any(word in entry.title.lower() for word in SOFT)
    names = _CLOTH if soft else _HARD
    name = names[rng.integers(len(names))]
    chosen = patterns()[name]
    base = wood_colour(rng) if name in ("wood", "planks") else colour(rng)
    keep = np.array(finish.diffuse) ** 2.2
    if rng.random() < 0.4:
        base = keep.clip(0.03, 0.8)
    spread = rng.uniform(0.1, 0.5)
    colours = np.stack([base, base * (1 - spread), base * (1 + spread * rng.normal(0, 1, 3))]).clip(
        0.01, 0.85
    )
    return Paint(
        colours,
        chosen[rng.integers(len(chosen))],
        tile=float(rng.uniform(0.15, 0.6) if soft else rng.uniform(0.5, 1.2)),
        gloss=0.0 if soft else float(rng.choice([0.0, 0.03, 0.05])),
        rough=float(rng.uniform(0.1, 0.6)),
    )


def lacquer(rng: Random) -> Paint:
    """The paint of cars."""
    base = np.full(3, rng.choice([0.02, 0.1, 0.3, 0.65])) if rng.random() < 0.6 else colour(rng)
    return plain(base.clip(0.01, 0.8), gloss=0.05, rough=0.05)


ALIVE = (
    *(
        "plant",
        "tree",
        "ficus",
        "bamboo",
        "cactus",
        "orchid",
        "flower",
        "tulip",
        "lily",
        "yucca",
        "hedge",
        "bush",
    ),
    *("palm", "pine", "maple", "poplar", "cypress", "acacia", "beech", "blossom", "spathiphyllum", "bonsai"),
    *("fruits", "salad", "apples"),
)
"""What keeps its own colours."""
SOFT = (
    "sofa",
    "armchair",
    "couch",
    "bed",
    "puff",
    "futon",
    "cushion",
    "curtain",
    "towel",
    "rug",
    "carpet",
    "ottoman",
)


def colour(rng: Random) -> Array:
    """(3,) linear: of any hue, mostly pale or dull."""
    hue = rng.random(3)
    value = rng.choice([rng.uniform(0.02, 0.15), rng.uniform(0.15, 0.5), rng.uniform(0.5, 0.8)])
    saturation = rng.choice([0.05, 0.25, 0.6, 0.9], p=[0.35, 0.35, 0.2, 0.1])
    return np.asarray(value * (1 - saturation + saturation * hue / hue.max()))


def wood_colour(rng: Random) -> Array:
    """(3,) linear: from bleached to nearly black."""
    value = rng.uniform(0.04, 0.55)
    warm = rng.uniform(0.3, 0.9)
    return np.array([value, value * (0.8 - 0.25 * warm), value * (0.6 - 0.4 * warm)])


def _lit(paints: list[Paint], mesh: Mesh, entry: Entry, glow: Array) -> tuple[list[Paint], Mesh]:
    """The triangles around the light shine."""
    assert entry.light is not None
    middle = mesh.positions[mesh.faces].mean(1)
    reach = 0.6 * max(0.12, min(entry.size[0], entry.size[2]))
    near = np.linalg.norm(middle - np.array(entry.light, np.float32), axis=1) < reach
    lit = plain((0.6, 0.6, 0.55), emission=tuple(glow.tolist()))
    paint = np.where(near, len(paints), mesh.paint).astype(np.int32)
    return [*paints, lit], Mesh(mesh.positions, mesh.faces, mesh.uv, mesh.normals, paint)


def _shares(made: Model) -> NDArray[np.float64]:
    surface = made.surface
    area = _finish_areas(surface.positions, surface.faces, surface.finish, len(surface.finishes))
    return np.asarray(area / max(area.sum(), 1e-9))


def _finish_areas(
    positions: NDArray[np.float32], faces: NDArray[np.int32], finish: NDArray[np.int32], count: int
) -> NDArray[np.float64]:
    a, b, c = (positions[faces[:, corner]] for corner in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return np.bincount(finish, area, count).astype(float)


def _titled(
    category: str, *words: str, without: tuple[str, ...] = (), tall: float = 99.0
) -> Callable[[Entry], bool]:
    def fits(entry: Entry) -> bool:
        title = entry.title.lower()
        given = not category or entry.category == category
        given &= entry.size[1] < tall and max(entry.size[0], entry.size[2]) < 6
        return given and any(word in title for word in words) and not any(word in title for word in without)

    return fits


def _small(entry: Entry) -> bool:
    width, height, depth = entry.size
    inside = entry.category in ("Kitchen", "Bathroom", "Bedroom", "Living room", "Office", "Miscellaneous")
    flat = any(
        word in entry.title.lower() for word in ("plug", "socket", "switch", "hanger", "bill ", "railing")
    )
    return inside and not flat and entry.elevation == 0 and max(width, depth) < 0.5 and 0.01 < height < 0.5


def _person(entry: Entry) -> bool:
    words = ("male", "female", "boy", "girl")
    title = entry.title.lower()
    return entry.category == "Characters" and any(word in title for word in words)


def _clutter(entry: Entry) -> bool:
    width, height, depth = entry.size
    title = entry.title.lower()
    words = ("box", "basket", "suitcase", "backpack", "bin", "trash", "shoes", "sneakers", "slippers", "crate", "toy",
             "guitar", "speaker", "ball", "bike", "ladder", "fan", "radiator", "wood logs", "puff", "stool", "barrel",
             "clothes", "vacuum", "broom", "umbrella", "teddy", "rocking horse", "stroller", "tricycle",
             "doll", "logs", "wheelchair", "trolley", "scooter", "skateboard", "chest", "potty")  # fmt: skip
    outside = "mail" in title or "letters" in title or "letter" in title
    return (
        any(w in title for w in words)
        and not outside
        and entry.elevation < 0.02
        and max(width, depth) < 1.3
        and height < 1.9
    )


PURPOSES: dict[str, Callable[[Entry], bool]] = {
    "sofa": _titled("Living room", "sofa", "couch"),
    "armchair": _titled("", "armchair", "ottoman", "puff", "class seat", "rattan armchair", without=("baby",)),
    "chair": _titled("", "chair", without=("arm", "deck", "wheel", "child", "baby", "beach", "ottoman", "relax")),
    "low table": _titled("", "coffee table", "little table", "rattan table"),
    "table": lambda e: e.category in ("Living room", "Office") and "table" in e.title.lower() and 0.7 < e.size[1] < 0.8,
    "desk": lambda e: "desk" in e.title.lower() and "lamp" not in e.title.lower() and e.size[1] < 1.2,
    "bookcase": _titled("", "bookcase", "shelves", "shelving", without=("upper",)),
    "cupboard": _titled("", "wardrobe", "cupboard", "cabinet", "dresser", "chest", "drawers", "dressing table",
                        without=("upper", "kitchen", "freezer", "lower", "glass door", "sink", "high cabinet")),
    "tv stand": _titled("", "tv stand", "television cabinet", "dresser"),
    "tv": lambda e: e.title in ("TV", "TV 16:9"),
    "bed": _titled("Bedroom", "bed", without=("side", "baby", "sleeping")),
    "bedside": _titled("Bedroom", "bedside"),
    "rug": _titled("", "rug", "round-carpet", "carpet", "tatami"),
    "plant": _titled("", "plant", "yucca", "ficus", "bamboo", "cactus", "orchid", "flowers", "tulip", "lily", "bonsai",
                     "spathiphyllum", "christmas tree", without=("box", "ficustree")),
    "table lamp": lambda e: e.category == "Lights" and e.elevation == 0 and e.size[1] < 0.85,
    "floor lamp": lambda e: e.title == "Lamp" and e.size[1] > 1,
    "hanging lamp": lambda e: e.category == "Lights" and e.elevation > 1 and any(
        w in e.title.lower() for w in ("hanging", "pendant", "chandelier", "ceiling", "fluorescent", "track")),
    "small": _small,
    "clutter": _clutter,
    "person": _person,
    "seated": lambda e: _person(e) and 1.2 < e.size[1] < 1.5,
    "on the ground": lambda e: _person(e) and e.size[1] < 1.0,
    "car": lambda e: e.category == "Vehicles" and 2.3 < e.size[2] < 5 and e.size[1] < 2.2,
    "vehicle": lambda e: e.category == "Vehicles" and 2.3 < e.size[2] < 16,
    "tree": lambda e: e.category == "Exterior" and e.size[1] > 4.5 and max(e.size[0], e.size[2]) < 11,
    "bush": lambda e: e.title in ("Bush", "Plant box", "Flower box", "Rock", "Hedge", "Yucca", "Indoor plant"),
    "hedge": _titled("Exterior", "hedge"),
    "street lamp": lambda e: e.category == "Lights" and e.size[1] > 2.2,
    "street thing": _titled("", "bench", "trashcan", "mailbox", "fire hydrant", "bicycle", "bike", "scooter",
                            "plant box", "flower box", "cone", "recycling", "wood bank", "stroller", "motorbike",
                            "pedestrian railing", "yamaha", "cardboard", "dog", "barrel", "crate", "pallet", tall=1.6,
                            without=("indoor", "piano", "abdominal", "work", "dog-house", "pine")),
    "garden seat": _titled("Exterior", "chair", "bench", "bank", "lounge", "hammock", "rattan sofa", "rattan armchair"),
    "garden table": _titled("", "cafe table", "rattan table", "folding table", "round table"),
    "garden thing": _titled("", "swing", "pool", "sandpit", "trampoline", "wheelbarrow", "mower", "umbrella", "tent",
                            "barbecue", "hut", "house", "fountain", "lantern", "snowman", "hose", "goal", "jacuzzi",
                            "tricycle", "bicycle", "bike", "ball", "seesaw", "children game", "clothes horse", "ladder",
                            without=("folded", "table", "christmas", "swimming-pool", "doll", "ford"), tall=3.2),
    "standing": lambda e: _person(e) and e.size[1] > 1.5 and e.size[2] < 0.7,
    "animal": lambda e: e.category == "Characters" and not _person(e) and "horse" not in e.title.lower(),
    "computer": _titled("", "laptop", "imac", "ibook", "tv 16:9"),
    "kitchen base": lambda e: e.category == "Kitchen" and 0.8 < e.size[1] < 1.25 and e.elevation < 0.1 and any(
        w in e.title.lower() for w in ("lower", "sink", "drawers", "stove", "oven", "washing", "dryer")),
    "kitchen upper": lambda e: e.category == "Kitchen" and e.elevation > 1 and "cabinet" in e.title.lower()
    and "corner" not in e.title.lower(),
    "kitchen tall": _titled("Kitchen", "fridge", "refrigerator", "high cabinet", "double oven"),
    "bath": _titled("Bathroom", "bath", "shower stall", without=("bathmat", "bathroom")),
    "toilet": _titled("Bathroom", "toilets unit", "bidet"),
    "washbasin": _titled("Bathroom", "washbasin", "vanity"),
    "bath small": _titled("Bathroom", "basket", "bathmat", "potty", "basin", "brush", without=("wash", "tooth")),
    "window": lambda e: e.category == "Doors and windows" and "window" in e.title.lower() and e.size[0] > 0.5,
    "door": lambda e: e.category == "Doors and windows" and e.title in ("Door", "Glass door", "Exterior door"),
    "radiator": _titled("", "radiator", without=("bath",)),
    "curtain": _titled("Miscellaneous", "curtain"),
}  # fmt: skip
"""What models are good for."""
