"""Where things are: the checkout, and what may lie beside it."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
FAKES = Path(__file__).parent
