"""Numbers as they are stored in a file."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Values = NDArray[Any]
"""(H, W) of any numeric type."""
DAMAGED = "check that it opens elsewhere, or copy it again"
"""The cure of a file that is damaged."""
