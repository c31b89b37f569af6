"""Views of two eyes: what is near moves, hides what is far, and leaves no crack."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.rendering.parallax import Parallax, both_eyes, seen_pixels, view

WIDTH, HEIGHT = 200, 40
BLUE, GREEN, RED = (255, 0, 0), (0, 255, 0), (0, 0, 255)
NEAR, MIDDLE, FAR = 255, 128, 0


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A far blue wall, in the middle a green box, and before its right half a red one, with their depth."""
    image = np.full((HEIGHT, WIDTH, 3), BLUE, np.uint8)
    grey = np.full((HEIGHT, WIDTH), FAR, np.uint8)
    for left, right, colour, level in ((60, 110, GREEN, MIDDLE), (90, 140, RED, NEAR)):
        image[:, left:right] = colour
        grey[:, left:right] = level
    return image, grey


def edges(image: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int]:
    """The first and the last column in the middle row that has a colour."""
    columns = np.nonzero((np.abs(image[HEIGHT // 2].astype(int) - colour) < 60).all(axis=1))[0]
    return int(columns[0]), int(columns[-1])


def test_what_is_near_is_farther_right_for_the_left_eye_and_hides_what_is_far() -> None:
    image, grey = scene()
    left, right = both_eyes(image, grey, Parallax(divergence=20, convergence=1.0))
    assert edges(left, RED) == (pytest.approx(110, abs=1), pytest.approx(159, abs=1))
    assert edges(right, RED) == (pytest.approx(70, abs=1), pytest.approx(119, abs=1))
    # The green box moves half as far: 20 columns more of it are seen by the left eye, 10 fewer by the right one.
    assert edges(left, GREEN) == (pytest.approx(70, abs=1), pytest.approx(109, abs=1))
    assert edges(right, GREEN) == (pytest.approx(50, abs=1), pytest.approx(69, abs=1))


def test_what_comes_out_from_behind_is_background_without_a_crack() -> None:
    image, grey = scene()
    for eye in both_eyes(image, grey, Parallax(divergence=20)):
        columns = eye[HEIGHT // 2].astype(int)
        known = [np.abs(columns - colour).sum(axis=1) for colour in (BLUE, GREEN, RED)]
        assert (np.min(known, axis=0) < 260).all()  # at an edge two of them are mixed, and nothing is black
        assert (columns.sum(axis=1) >= 250).all()
        assert edges(eye, BLUE) == (0, WIDTH - 1)


def test_what_lies_in_the_screen_stays() -> None:
    image, grey = scene()
    for convergence, colour in ((0.0, RED), (0.5, GREEN)):
        for eye in both_eyes(image, grey, Parallax(20, convergence)):
            first, last = edges(eye, colour)
            was = edges(image, colour)
            assert abs(first - was[0]) <= 1 or abs(last - was[1]) <= 1


def test_without_divergence_both_eyes_see_the_picture() -> None:
    image, grey = scene()
    for eye in both_eyes(image, grey, Parallax(divergence=0)):
        assert np.array_equal(eye, image)


def test_a_surface_that_is_stretched_is_bridged() -> None:
    ramp = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    image = cv2.merge([ramp, ramp, ramp])
    for eye in both_eyes(image, ramp, Parallax(divergence=20, convergence=0.5)):
        inside = eye[:, 20:-20, 0].astype(int)
        assert (np.diff(inside, axis=1) >= -1).all()
        assert np.diff(inside, axis=1).max() <= 3


def test_the_background_that_is_mirrored_is_not_the_thing_itself() -> None:
    """A gap between two near things that is narrower than what is uncovered must not show them twice."""
    image = np.full((HEIGHT, WIDTH, 3), BLUE, np.uint8)
    grey = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left in (40, 86):
        image[:, left : left + 40], grey[:, left : left + 40] = RED, NEAR
    left_eye, _ = both_eyes(image, grey, Parallax(20, 1.0))
    is_red = (np.abs(left_eye[HEIGHT // 2].astype(int) - RED) < 60).all(axis=1)
    assert np.count_nonzero(np.diff(is_red.astype(int)) == 1) == 2
    assert is_red.sum() <= 84


def test_the_nearer_of_two_that_meet_is_seen() -> None:
    grey = np.array([[255, 0, 0, 0, 0, 0, 0]], np.uint8)
    shifts = (np.arange(256) / 255 * 3).astype(np.float32)
    assert seen_pixels(grey, shifts).tolist() == [[-1, 1, 2, 0, 4, 5, 6]]
    assert seen_pixels(grey[:, ::-1], -shifts).tolist() == [[0, 1, 2, 6, 4, 5, -1]]


def test_a_flat_scene_moves_as_a_whole() -> None:
    image, _ = scene()
    grey = np.full((HEIGHT, WIDTH), 200, np.uint8)
    moved = view(image, grey, np.full(256, 5, np.float32))
    assert edges(moved, RED) == (95, 144)
