from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.training.scenes import ChunkName, ScenePool, Scenes, draw_chunk, next_seed, open_chunks


def drawn(seeds: Sequence[int], height: int, width: int) -> Scenes:
    """Scenes that show their seed in every pixel."""
    values = np.array(seeds)
    colour = np.broadcast_to(values[:, None, None, None], (len(seeds), 3, height, width)).astype(np.uint8)
    return colour, np.broadcast_to(values[:, None, None], (len(seeds), height, width)).astype(np.float16)


def test_a_chunk_holds_the_scenes_of_its_seeds_in_order(tmp_path: Path) -> None:
    draw_chunk(tmp_path, ChunkName(1, 4, 6, 10), 70, drawn)
    (chunk,) = open_chunks(tmp_path)
    assert chunk.colour.shape == (70, 3, 4, 6)
    np.testing.assert_array_equal(chunk.colour[:, 0, 0, 0], np.arange(10, 80))
    np.testing.assert_array_equal(chunk.inverse_depth[:, 3, 5], np.arange(10, 80))


def test_the_next_seed_comes_after_all_that_were_drawn(tmp_path: Path) -> None:
    assert next_seed(tmp_path) == 0
    draw_chunk(tmp_path, ChunkName(2, 4, 4, 0), 5, drawn)
    draw_chunk(tmp_path, ChunkName(1, 4, 6, 5), 3, drawn)
    assert next_seed(tmp_path) == 8


def test_a_drawing_that_fails_leaves_no_chunk(tmp_path: Path) -> None:
    def failing(seeds: Sequence[int], height: int, width: int) -> Scenes:
        if 40 in seeds:
            raise ValueError("seed 40")
        return drawn(seeds, height, width)

    with pytest.raises(ValueError, match="seed 40"):
        draw_chunk(tmp_path, ChunkName(1, 4, 4, 0), 64, failing)
    assert open_chunks(tmp_path) == []


def test_a_batch_has_one_size_and_matching_depth(tmp_path: Path) -> None:
    draw_chunk(tmp_path, ChunkName(1, 4, 4, 0), 6, drawn)
    draw_chunk(tmp_path, ChunkName(1, 4, 8, 6), 6, drawn)
    pool = ScenePool(open_chunks(tmp_path))
    shapes = set()
    for seed in range(20):
        colour, inverse_depth = pool.batch(5, np.random.default_rng(seed))
        np.testing.assert_array_equal(colour[:, 0], inverse_depth)
        shapes.add(colour.shape)
    assert shapes == {(5, 3, 4, 4), (5, 3, 4, 8)}
    assert pool.scenes == 12


def test_newer_versions_are_drawn_more_often(tmp_path: Path) -> None:
    draw_chunk(tmp_path, ChunkName(1, 4, 4, 0), 40, drawn)
    draw_chunk(tmp_path, ChunkName(4, 4, 4, 40), 20, drawn)

    def share_of_new(fade: float) -> float:
        colour, _ = ScenePool(open_chunks(tmp_path), fade=fade).batch(400, np.random.default_rng(0))
        return float((colour[:, 0, 0, 0] >= 40).mean())

    assert share_of_new(1.0) == pytest.approx(1 / 3, abs=0.08)
    assert share_of_new(0.5) == pytest.approx(1 / 2, abs=0.08)
    assert share_of_new(0.0) == 1


def test_a_pool_without_scenes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no drawn scenes"):
        ScenePool(open_chunks(tmp_path))
