"""Values against the standard library's dataclasses, which they are to be like in everything but the time they take."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import get_type_hints

import pytest

from streamdepth.values import dataclass, field


def written(make):
    """One class, made by the one or the other."""

    @make(frozen=True)
    class Camera:
        """A camera."""

        name: str
        size: tuple[int, int] = (640, 480)
        password: str = field(default="secret", repr=False)
        seen: int = field(default=0, compare=False)
        tags: list[str] = field(default_factory=list)
        rate: float = field(default=25.0, kw_only=True)

        def __post_init__(self):
            if not self.name:
                raise ValueError("no name")

    return Camera


OURS, STANDARD = written(dataclass), written(dataclasses.dataclass)
both = pytest.mark.parametrize("camera", [OURS, STANDARD], ids=["ours", "standard"])


@dataclass(frozen=True)
class Place:
    """At the top of a module, where pickle finds it."""

    x: int
    y: int = 0


@dataclass(frozen=True)
class Nothing:
    """Without a field."""


@dataclass(frozen=True)
class One:
    """With one field."""

    values: float


@both
def test_a_value_has_what_it_is_given_and_defaults_for_the_rest(camera):
    front = camera("front", rate=30.0)
    assert (front.name, front.size, front.password, front.rate) == ("front", (640, 480), "secret", 30.0)
    assert front.tags == []
    assert front.tags is not camera("front").tags


@both
@pytest.mark.parametrize(
    ("given", "named", "why"),
    [
        ((), {}, "missing 1 required positional argument: 'name'"),
        (("front",), {"nmae": "back"}, "unexpected keyword argument 'nmae'"),
        (("front",), {"name": "back"}, "multiple values for argument 'name'"),
        (("front", (1, 1), "", 0, [], 25.0), {}, "takes from 2 to 6 positional arguments but 7 were given"),
    ],
)
def test_wrong_arguments_are_named(camera, given, named, why):
    with pytest.raises(TypeError, match=rf"Camera\.__init__\(\) .*{why}"):
        camera(*given, **named)


@both
def test_what_is_checked_after_it_is_made_is_checked(camera):
    with pytest.raises(ValueError, match="no name"):
        camera("")


@both
def test_nothing_of_a_value_changes(camera):
    front = camera("front")
    for change in (
        lambda: setattr(front, "name", "back"),
        lambda: setattr(front, "other", 1),
        lambda: delattr(front, "name"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert front == camera("front")


@both
def test_values_are_equal_by_the_fields_that_count(camera):
    assert camera("front") == camera("front", seen=5)
    assert camera("front") != camera("front", password="other")
    assert camera("front") != ("front", (640, 480), "secret", [], 25.0)


def test_values_of_two_classes_are_never_equal():
    assert OURS("front") != STANDARD("front")
    assert Nothing() == Nothing()
    assert Nothing() != One(0.0)


def test_equal_values_find_each_other_in_a_set():
    assert Place(1) in {Place(1, 0)}
    assert Place(2) not in {Place(1, 0)}
    assert len({Nothing(), Nothing(), One(1.0), One(1.0)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS("front"))  # as its list is


def test_a_value_is_itself_where_its_number_is_none():
    number = float("nan")
    assert One(number) == One(number)
    assert One(number) != One(float("nan"))


def test_values_that_are_not_compared_are_equal_to_themselves_alone():
    @dataclass(frozen=True, eq=False)
    class Picture:
        """A picture."""

        values: list[int]

    picture = Picture([1])
    assert picture != Picture([1])
    assert len({picture, picture}) == 1


def test_methods_that_a_class_has_are_kept():
    @dataclass(frozen=True)
    class Word:
        """A word, whatever its case."""

        text: str

        def __eq__(self, other):
            return self.text.lower() == other.text.lower()

        def __repr__(self):
            return self.text

    assert Word("Depth") == Word("depth")
    assert repr(Word("Depth")) == "Depth"
    assert isinstance(hash(Word("Depth")), int)


def test_it_is_shown_as_the_standard_library_does_without_what_is_hidden():
    assert repr(OURS("front")) == repr(STANDARD("front"))
    assert "secret" not in repr(OURS("front"))
    assert repr(Nothing()) == "Nothing()"


def test_its_arguments_are_told_before_any_is_made():
    ours, standard = (inspect.signature(written(make)) for make in (dataclass, dataclasses.dataclass))
    assert list(ours.parameters) == list(standard.parameters)
    for name in set(ours.parameters) - {"tags"}:  # whose default is made
        assert ours.parameters[name] == standard.parameters[name]
    assert ours.return_annotation is standard.return_annotation
    assert get_type_hints(OURS.__init__) == get_type_hints(STANDARD.__init__)


def test_the_tools_of_the_standard_library_take_it():
    front = OURS("front", rate=30.0)
    assert dataclasses.replace(front, name="back") == OURS("back", rate=30.0)
    assert dataclasses.asdict(front) == dataclasses.asdict(STANDARD("front", rate=30.0))
    assert dataclasses.astuple(front) == dataclasses.astuple(STANDARD("front", rate=30.0))
    names, expected = ([one.name for one in dataclasses.fields(of)] for of in (OURS, STANDARD))
    assert names == expected
    assert OURS.__match_args__ == STANDARD.__match_args__


def test_a_value_survives_being_copied_and_sent_to_another_process():
    for again in (copy.copy(Place(1)), copy.deepcopy(Place(1)), pickle.loads(pickle.dumps(Place(1)))):
        assert again == Place(1)


@pytest.mark.parametrize("make", [dataclass, dataclasses.dataclass], ids=["ours", "standard"])
def test_a_value_can_be_extended(make):
    @make(frozen=True)
    class Solid(Place):
        """A place in space."""

        z: int = 0

    assert repr(Solid(1, z=3)).endswith("Solid(x=1, y=0, z=3)")
    assert Solid(1) != Place(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Solid(1).z = 2


def test_what_is_not_frozen_or_is_ordered_is_the_standard_librarys():
    @dataclass
    class Count:
        """A count."""

        number: int = 0

    @dataclass(frozen=True, order=True)
    class Version:
        """A version."""

        number: int

    count = Count()
    count.number += 1
    assert count == Count(1)
    assert Version(1) < Version(2)


@pytest.mark.parametrize("unusual", [{"init": False, "default": 1}, {"hash": False}])
def test_a_field_that_would_be_taken_otherwise_is_refused(unusual):
    with pytest.raises(TypeError, match=r"take dataclasses\.dataclass"):

        @dataclass(frozen=True)
        class Odd:
            """Odd."""

            number: int = field(**unusual)


def test_a_field_without_a_default_behind_one_with_is_refused_as_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="'there' has no default"):

        @dataclass(frozen=True)
        class Wrong:
            here: int = 1
            there: int  # type: ignore[misc]


def test_a_class_that_extends_one_may_have_attributes_of_its_own() -> None:
    @dataclass(frozen=True)
    class Point:
        x: int

    class Named(Point):
        name: str

    point = Named(1)
    point.name = "here"
    assert (point.x, point.name) == (1, "here")
    del point.name
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
