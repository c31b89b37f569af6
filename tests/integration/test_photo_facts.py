"""Photos keep when and where they were taken, in pictures and in photos with depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from heif_files import Heif
from photo_facts import facts_of, photo_exif
from PIL import Image

from streamdepth.cli.app import _exit_status

NANO = ["--model", "nano", "--size", "32", "--engine", "onnxruntime", "--precision", "fp32"]
PICTURE = np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def photo(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".heic":
        path.write_bytes(Heif([PICTURE], exif=photo_exif()).data())
    else:
        Image.fromarray(PICTURE).save(path, exif=b"Exif\0\0" + photo_exif())
    return path


def exif_of(name: str) -> Image.Exif:
    with Image.open(name) as image:
        exif = image.getexif()
        facts_of(exif)  # which Pillow reads from the file as they are asked for
        return exif


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic"])
def test_a_photo_keeps_its_date_and_place(name: str) -> None:
    photo(name)
    whole = Image.Exif()
    whole.load(photo_exif())
    for output in ("out.jpg", "out.png", "out.webp", "out.tif"):
        assert _exit_status(["--input", name, "--output", output, *NANO]) == 0
        assert facts_of(exif_of(output)) == facts_of(whole)
        assert 274 not in exif_of(output)
    with Image.open("out.png") as image:
        assert image.size == ((64, 48) if name == "a.heic" else (48, 64))  # a .heic is laid by its boxes


def test_a_photo_with_depth_and_each_photo_of_a_folder_keep_their_own() -> None:
    Path("photos").mkdir()
    photo("photos/a.jpg")
    Image.fromarray(PICTURE).save("photos/b.jpg")
    assert _exit_status(["--input", "photos/", "--output", "heat/", *NANO]) == 0
    assert facts_of(exif_of("heat/a.png")) == facts_of(exif_of("photos/a.jpg"))
    assert not exif_of("heat/b.png")
    assert _exit_status(["--input", "photos/a.jpg", "--depth-output", "depth.jpg", *NANO]) == 0
    assert facts_of(exif_of("depth.jpg")) == facts_of(exif_of("photos/a.jpg"))
    data = Path("depth.jpg").read_bytes()
    assert data.index(b"Exif\0\0") < data.index(b"GDepth:Format") < data.index(b"GDepth:Data")
