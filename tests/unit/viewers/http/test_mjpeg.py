"""JPEGs of what is shown: they leave nothing of a picture in memory but themselves."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from weakref import ref

import cv2
import numpy as np
from estimates import estimate

from streamdepth.frames import Rendered
from streamdepth.pixels import Picture, bgr_to_i420
from streamdepth.threads.pool import Pool
from streamdepth.viewers.http.mjpeg import SMALL, Jpegs


def shown():
    planes = bgr_to_i420(np.full((48, 64, 3), (30, 200, 60), np.uint8))
    return Rendered(estimate(), Picture.of_i420(planes))


def test_the_colours_of_a_picture_are_kept_no_longer_than_its_jpeg_is_made_and_the_picture_for_nobody():
    encoder, pool = SimpleNamespace(newest=shown()), Pool("jpeg", 1)

    async def ask():
        jpegs = Jpegs(encoder, pool)
        data = await jpegs.newest()
        assert data is await jpegs.newest()
        assert np.abs(cv2.imdecode(np.frombuffer(data, np.uint8), 1)[24, 32] - (30.0, 200, 60)).max() < 8
        assert "bgr" not in vars(encoder.newest.picture)
        gone, encoder.newest = ref(encoder.newest), shown()
        await asyncio.get_running_loop().run_in_executor(pool, lambda: None)
        assert gone() is None
        assert data is not await jpegs.newest()

    asyncio.run(ask())
    pool.shutdown()


def test_a_small_one_is_made_beside_the_full_one_for_all_who_ask():
    planes = bgr_to_i420(np.full((1080, 1920, 3), (30, 200, 60), np.uint8))
    encoder, pool = SimpleNamespace(newest=Rendered(estimate(), Picture.of_i420(planes))), Pool("jpeg", 1)

    async def ask():
        jpegs = Jpegs(encoder, pool)
        small, full = await jpegs.newest(SMALL), await jpegs.newest()
        assert small is await jpegs.newest(SMALL)
        assert full is await jpegs.newest()
        return [cv2.imdecode(np.frombuffer(data, np.uint8), 1).shape[:2] for data in (small, full)]

    assert asyncio.run(ask()) == [(360, 640), (1080, 1920)]
    pool.shutdown()
