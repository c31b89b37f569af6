"""Frozen dataclasses that are made in a tenth of the time: a live start has nearly two hundred of them.

The standard library compiles six methods of each class. Here all classes share five, and `__init__` is compiled when
the first instance is made, if one ever is.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import field as field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, **more):
        """As `dataclasses.dataclass`, which makes those that are not frozen, extend another or ask for more."""

        def made(cls):
            if not frozen or more or dataclasses.is_dataclass(cls):
                return dataclasses.dataclass(frozen=frozen, eq=eq, **more)(cls)
            return _frozen(cls, eq)

        return made if cls is None else made(cls)


def _frozen(cls: Any, eq: bool) -> Any:
    dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    cls.__dataclass_params__.frozen = True
    parts = dataclasses.fields(cls)
    if any(not part.init or part.hash is not None for part in parts):
        raise TypeError(f"{cls.__name__} has a field with init or hash (take dataclasses.dataclass)")
    _check_order(parts)
    methods = {"__init__": _Initialiser(cls), "__repr__": _shown}
    if eq:
        # With the class before the fields it is a tuple for one field, too, and there for none.
        key = attrgetter("__class__", *(part.name for part in parts if part.compare))
        methods["__eq__"] = lambda self, other: (
            key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented
        )
        methods["__hash__"] = lambda self: hash(key(self))
    for name, method in methods.items():
        if vars(cls).get(name) is None:  # as __hash__ is where a class has an __eq__ of its own
            setattr(cls, name, method)
    names = frozenset(part.name for part in parts)
    for method in ("__setattr__", "__delattr__"):
        setattr(cls, method, _refusing(cls, names, method))
    return cls


def _check_order(parts: tuple[dataclasses.Field[Any], ...]) -> None:
    has_default = False
    for part in parts:
        if part.kw_only:
            continue
        if part.default is not dataclasses.MISSING or part.default_factory is not dataclasses.MISSING:
            has_default = True
        elif has_default:
            raise TypeError(f"{part.name!r} has no default and follows one that has")


def _shown(self: Any) -> str:
    parts = (f"{part.name}={getattr(self, part.name)!r}" for part in dataclasses.fields(self) if part.repr)
    return f"{type(self).__qualname__}({', '.join(parts)})"


def _refusing(cls: Any, names: frozenset[str], method: str) -> Any:
    """`__setattr__` or `__delattr__`; a class that extends this one and is no dataclass may have more attributes."""

    def refuse(self: Any, name: str, *value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot change {name!r} of a {type(self).__name__}")
        getattr(super(cls, self), method)(name, *value)

    return refuse


class _Initialiser:
    """`__init__` of a class until somebody looks at it, who gets the compiled one."""

    def __init__(self, cls: Any) -> None:
        self._cls = cls

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        self._cls.__init__ = _compiled(self._cls)
        return self._cls.__init__.__get__(instance, owner)


def _compiled(cls: Any) -> Any:
    known: dict[str, Any] = {"_set": object.__setattr__, "_made": dataclasses.MISSING}
    in_order, by_name, lines = ["self"], list[str](), list[str]()
    for part in dataclasses.fields(cls):
        name = value = part.name
        said = name if part.default is dataclasses.MISSING else f"{name}=_default_{name}"
        known[f"_default_{name}"] = part.default
        if part.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = part.default_factory
            said, value = f"{name}=_made", f"_make_{name}() if {name} is _made else {name}"
        (by_name if part.kw_only else in_order).append(said)
        lines.append(f"  _set(self, {name!r}, {value})\n")
    if hasattr(cls, "__post_init__"):
        lines.append("  self.__post_init__()\n")
    words = ", ".join([*in_order, *(["*", *by_name] if by_name else [])])
    method = f" def __init__({words}):\n{''.join(lines) or '  pass'}"
    local: dict[str, Any] = {}
    where = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}  # of its annotations
    exec(f"def make({', '.join(known)}):\n{method}\n return __init__", where, local)
    made = local["make"](**known)
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = {part.name: part.type for part in dataclasses.fields(cls)} | {"return": None}
    return made
