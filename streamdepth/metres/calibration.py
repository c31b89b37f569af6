"""What is kept of a fixed camera whose distances are known: a line to metres, and the picture that it was found in."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import SourceError
from streamdepth.files import read_bytes, write_whole
from streamdepth.metres.fit import Fit, Line
from streamdepth.values import dataclass

VERSION = 1
_CURE = "make it again with streamdepth metres"


@dataclass(frozen=True, eq=False)
class Calibration:
    """Metres of one camera that does not move, for one network."""

    fit: Fit
    reference: NDArray[np.float32]
    """(h, w) the map that the line was fitted to, in the size of the network."""
    luma: NDArray[np.uint8]
    """The small luma picture that goes with it."""
    model: str
    """Name of the network."""
    sha256: str
    """Of its weights, in hexadecimal: another network has another scale."""

    def save(self, path: Path) -> None:
        """Write a NumPy archive, whole; raises `SinkError`."""
        write_whole(path, self.archive())

    def archive(self) -> bytes:
        """What `save` writes."""
        facts = {
            "version": VERSION,
            "scale": self.fit.line.scale,
            "shift": self.fit.line.shift,
            "points": self.fit.points,
            "error": self.fit.error,
            "model": self.model,
            "sha256": self.sha256,
        }
        archive = BytesIO()
        np.savez_compressed(
            archive, facts=np.array(json.dumps(facts)), reference=self.reference, luma=self.luma
        )
        return archive.getvalue()


def load_calibration(path: str | PathLike[str]) -> Calibration:
    """What `Calibration.save` wrote; raises `SourceMissing`, or `SourceError` where the file is none or is damaged."""
    data = read_bytes(Path(path))
    try:
        with np.load(BytesIO(data), allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            reference, luma = archive["reference"], archive["luma"]
        if facts["version"] != VERSION:
            raise SourceError(f"{path} was written by another version of streamdepth", _CURE)
        line = Line(float(facts["scale"]), float(facts["shift"]))
        error = None if facts["error"] is None else float(facts["error"])
        fit = Fit(line, int(facts["points"]), error)
        whole = reference.dtype == np.float32 and luma.dtype == np.uint8 and reference.ndim == luma.ndim == 2
        if not (whole and line.scale > 0 and np.isfinite(reference).all()):
            raise ValueError("it holds other numbers")
        return Calibration(fit, reference, luma, str(facts["model"]), str(facts["sha256"]))
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path} holds no distances of a camera, or it is damaged", _CURE) from error
