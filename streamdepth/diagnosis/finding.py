"""What a look at one matter found."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from streamdepth.values import dataclass, field


class Grade(Enum):
    """How much a finding matters."""

    FINE = "ok"
    NOTE = "note"
    """Something is not there that some need."""
    PROBLEM = "problem"
    """streamdepth cannot do its work, or not what it was asked to look at."""


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    topic: str
    text: str
    grade: Grade = Grade.FINE
    cure: str = ""
    """What to do; empty where nothing is to be done."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs, ready for JSON."""

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON-ready values."""
        named = {"topic": self.topic, "grade": self.grade.value, "text": self.text}
        return {**named, **({"cure": self.cure} if self.cure else {}), **dict(self.facts)}
