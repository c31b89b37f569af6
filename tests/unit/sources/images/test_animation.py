"""What is damaged ends an animation, with a warning: no picture comes that the file does not hold."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from streamdepth.errors import SourceError
from streamdepth.frames import Frame
from streamdepth.protocols import Seekable, Source, warnings_of
from streamdepth.sources import open_source
from streamdepth.sources.images.image_head import gif_blocks, png_chunks, webp_chunks
from streamdepth.sources.images.whole_pictures import whole_pictures

COUNT, HEIGHT, WIDTH = 8, 40, 56
KINDS = ["gif", "png", "webp"]
NOISE = np.random.default_rng(0).integers(0, 256, (COUNT, HEIGHT, WIDTH, 3), np.uint8)


def animation(kind: str) -> bytes:
    """Of noise, each picture all over."""
    film = cv2.Animation()
    film.frames = [np.dstack([image, np.full((HEIGHT, WIDTH), 255, np.uint8)]) for image in NOISE]
    film.durations = np.full(COUNT, 100)
    done, data = cv2.imencodeanimation(f".{kind}", film, (cv2.IMWRITE_WEBP_QUALITY, 101))
    assert done
    return bytes(data)


def opened(folder: Path, data: bytes) -> Source:
    path = folder / "a"
    path.write_bytes(data)
    return open_source(str(path))


def read(folder: Path, data: bytes) -> tuple[list[Frame], list[str]]:
    source = opened(folder, data)
    frames = list(iter(source.read, None))
    assert source.read() is None
    source.close()
    return frames, list(warnings_of(source))


def ends(kind: str, data: bytes) -> list[int]:
    """The last byte that says that the first picture is whole, the second, and so on."""
    if kind == "gif":
        return [end - 1 for begin, end in gif_blocks(data) if data[begin] == ord(",")]
    if kind == "webp":
        pieces = [bytes(content) for name, content in webp_chunks(data) if name == b"ANMF"]
        return [data.index(piece) + len(piece) - 1 for piece in pieces]
    follow = [begin - 1 for name, begin, _end in png_chunks(data) if name in (b"fcTL", b"IEND")]
    return follow[1:]  # that another begins: there could be more of this one


def assert_ends_after(
    count: int,
    folder: Path,
    data: bytes,
    whole: list[Frame],
    says: str = "is damaged after {} pictures; the rest was left out",
) -> None:
    frames, said = read(folder, data)
    assert said == [f"{folder / 'a'} {says.format(count)}"]
    assert [frame.pts for frame in frames] == [frame.pts for frame in whole[:count]]
    for frame, right in zip(frames, whole, strict=False):
        np.testing.assert_array_equal(frame.bgr, right.bgr)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_sign_in_a_name_makes_it_no_pattern_of_photos(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"cat%20dance.{kind}"
    path.write_bytes(animation(kind))
    source = open_source(path)
    assert len(list(iter(source.read, None))) == COUNT
    source.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_one_has_all_pictures_and_nothing_is_said(kind: str, tmp_path: Path) -> None:
    frames, said = read(tmp_path, animation(kind))
    assert (len(frames), said) == (COUNT, [])


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_cut_short_has_the_pictures_before_the_cut(kind: str, tmp_path: Path) -> None:
    data, chance = animation(kind), random.Random(1)
    whole, _ = read(tmp_path, data)
    places = ends(kind, data)
    for place in [chance.randrange(places[1] + 1, places[-1]) for _ in range(20)]:
        count = sum(end < place for end in places)
        assert_ends_after(count, tmp_path, data[:place], whole)


NO_END = "marks no end: its {} pictures are whole, and whether others followed is not known"
SHORTER = "is shorter than it says: its {} pictures are whole, and whether others followed is not known"


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_ends_between_two_pictures_is_told(kind: str, tmp_path: Path) -> None:
    """Only a PNG says beforehand how many there are."""
    data = animation(kind)
    whole, _ = read(tmp_path, data)
    says = {"gif": [NO_END], "webp": [SHORTER]}.get(kind, [])
    assert_ends_after(5, tmp_path, data[: ends(kind, data)[4] + 1], whole, *says)


def test_a_gif_without_its_last_byte_has_all_its_pictures(tmp_path: Path) -> None:
    data = animation("gif")
    whole, _ = read(tmp_path, data)
    assert_ends_after(COUNT, tmp_path, data[:-1], whole, NO_END)
    assert_ends_after(COUNT, tmp_path, data[:-1] + b"\0", whole)
    control = data[: ends("gif", data)[4] + 1] + b"!\xf9\x04\0\x0a\0\0\0"  # of a picture that is not there
    assert_ends_after(5, tmp_path, control, whole)


def with_length(data: bytes, more: int) -> bytes:
    return data[:4] + (len(data) - 8 + more).to_bytes(4, "little") + data[8:]


def test_a_webp_of_a_wrong_length_has_all_its_pictures(tmp_path: Path) -> None:
    data = animation("webp")
    whole, _ = read(tmp_path, data)
    assert_ends_after(COUNT, tmp_path, with_length(data, 500), whole, SHORTER)
    longer = "is longer than it says; all of its {} pictures were read"
    assert_ends_after(COUNT, tmp_path, with_length(data, -500), whole, longer)
    assert_ends_after(COUNT, tmp_path, with_length(data, -len(data) + 8), whole, longer)
    assert_ends_after(COUNT, tmp_path, with_length(data, -500) + bytes(12), whole)


def test_a_png_without_its_last_chunk_has_all_that_it_says(tmp_path: Path) -> None:
    data = animation("png")
    frames, said = read(tmp_path, data[:-12])
    assert (len(frames), said) == (COUNT, [])
    whole, _ = read(tmp_path, data)
    begin, end = [place[1:] for place in png_chunks(data) if place[0] == b"fdAT"][-1]
    # The same chunk with half of its bytes, and a check sum of these: more of this picture is missing.
    half = data[begin - 4 : (begin + end) // 2]
    cut = data[: begin - 8] + (len(half) - 4).to_bytes(4) + half + zlib.crc32(half).to_bytes(4)
    assert_ends_after(COUNT - 1, tmp_path, cut, whole)


@pytest.mark.parametrize("kind", KINDS)
def test_zeroed_bytes_end_it_before_their_picture(kind: str, tmp_path: Path) -> None:
    data = animation(kind)
    whole, _ = read(tmp_path, data)
    places = ends(kind, data)
    for count in (2, COUNT - 1):
        begin = places[count - 1] + 1
        # Nothing guards the pixels of a WebP, so there it is the head of the next picture.
        place = begin if kind == "webp" else (begin + places[count]) // 2
        assert_ends_after(count, tmp_path, data[:place] + bytes(64) + data[place + 64 :], whole)


def without(data: bytes, begin: int, end: int) -> bytes:
    return data[: begin - 8] + data[end + 4 :]


def with_a_wrong_sum(data: bytes, _begin: int, end: int) -> bytes:
    return data[:end] + bytes([data[end] ^ 1]) + data[end + 1 :]


@pytest.mark.parametrize("harm", [without, with_a_wrong_sum])
@pytest.mark.parametrize("name", [b"fcTL", b"fdAT"])
def test_a_png_ends_where_a_chunk_is_missing_or_has_a_wrong_check_sum(
    name: bytes, harm: Callable[[bytes, int, int], bytes], tmp_path: Path
) -> None:
    data = animation("png")
    whole, _ = read(tmp_path, data)
    begin, end = [(begin, end) for kind, begin, end in png_chunks(data) if kind == name][3]
    fourth_is_whole = name == b"fdAT"  # the first picture has IDAT
    # Without the head of the fourth its pixels would be more of the third.
    count = 4 if fourth_is_whole else 2 if harm is without else 3
    assert_ends_after(count, tmp_path, harm(data, begin, end), whole)


def test_text_before_the_pictures_of_a_png_may_be_damaged(tmp_path: Path) -> None:
    data = animation("png")
    text = b"tEXt" + b"Title\0depth"
    chunk = (len(text) - 4).to_bytes(4) + text + (zlib.crc32(text) ^ 1).to_bytes(4)
    frames, said = read(tmp_path, data[:33] + chunk + data[33:])
    assert (len(frames), said) == (COUNT, [])


def test_pictures_of_a_png_that_belong_to_no_animation_are_left_out(tmp_path: Path) -> None:
    images = [Image.fromarray(image) for image in NOISE]
    file = io.BytesIO()
    images[0].save(file, "PNG", save_all=True, append_images=images[1:], default_image=True)
    frames, said = read(tmp_path, file.getvalue())
    assert (len(frames), said) == (COUNT - 1, [])


def written_by_ffmpeg(path: Path, form: str, *, moves: bool) -> Path:
    """Two dots before what does not change, which its encoder writes as clear; or all of another level each time."""
    with av.open(str(path), "w", format="apng") as out:
        stream = out.add_stream("apng", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, form
        for number in range(COUNT):
            image = NOISE[number if moves else 0].copy()
            image[2:4, number] = image[30:32, 50 - number] = 255 - number
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=form)
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("form", "moves"), [("rgb48be", False), ("rgba", False), ("rgba64be", True), ("gray16be", False)]
)
def test_a_deep_png_that_ffmpeg_decodes_has_all_pictures(form: str, moves: bool, tmp_path: Path) -> None:
    source = open_source(str(written_by_ffmpeg(tmp_path / "a.png", form, moves=moves)))
    assert (len(list(iter(source.read, None))), warnings_of(source)) == (COUNT, [])
    source.close()


@pytest.mark.parametrize("form", ["rgba64be", "ya16be"])
def test_one_that_it_does_not_decode_is_refused_and_not_called_damaged(form: str, tmp_path: Path) -> None:
    path = written_by_ffmpeg(tmp_path / "a.png", form, moves=False)
    with pytest.raises(SourceError, match=r"16 bits over each other, which FFmpeg does not decode \(make"):
        open_source(str(path))


@pytest.mark.parametrize("colours", [2, 3, 16, 200])
@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_whole_gifs_of_few_colours_and_of_clear_pixels_are_not_called_damaged(
    colours: int, disposal: int, tmp_path: Path
) -> None:
    images = [Image.fromarray(image).quantize(colours) for image in NOISE]
    for image in images:  # so that pieces are small, or clear where nothing changed
        image.paste(images[0].crop((0, 0, 30, HEIGHT)), (0, 0))
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], disposal=disposal)
    frames, said = read(tmp_path, file.getvalue())
    assert (len(frames), said) == (COUNT, [])


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_one_whose_first_picture_is_damaged_is_refused(kind: str, tmp_path: Path) -> None:
    data = animation(kind)
    middle = ends(kind, data)[0] // 2
    with pytest.raises(SourceError, match=r"is damaged|cannot be decoded"):
        opened(tmp_path, data[:middle] + bytes(64) + data[middle + 64 :])


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_who_moves_back_from_the_damage_sees_the_pictures_before_it_again(kind: str, tmp_path: Path) -> None:
    data = animation(kind)
    source = opened(tmp_path, data[: ends(kind, data)[4] + 1])
    assert isinstance(source, Seekable)
    first = list(iter(source.read, None))
    source.seek(Fraction(0))
    again = list(iter(source.read, None))
    source.close()
    assert [frame.pts for frame in again] == [frame.pts for frame in first]
    assert len(first) == 5
    assert len(warnings_of(source)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_of_a_file_is_looked_at_as_its_path_is(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a b.x").write_bytes(animation(kind)[:-400])
    by_path, by_address = (
        open_source(str(one)) for one in (tmp_path / "a b.x", (tmp_path / "a b.x").as_uri())
    )
    frames = [len(list(iter(source.read, None))) for source in (by_path, by_address)]
    by_path.close()
    by_address.close()
    assert frames == [COUNT - 1, COUNT - 1]
    assert warnings_of(by_address) == warnings_of(by_path)
    assert "is damaged after 7 pictures" in warnings_of(by_address)[0]


def test_a_png_that_ends_with_fewer_pictures_than_it_says_is_told(tmp_path: Path) -> None:
    data = animation("png")
    whole, _ = read(tmp_path, data)
    heads = [begin - 8 for name, begin, _end in png_chunks(data) if name == b"fcTL"]
    assert_ends_after(5, tmp_path, data[: heads[5]] + data[-12:], whole)


def test_a_webp_whose_piece_holds_the_next_one_ends_before_it(tmp_path: Path) -> None:
    data = animation("webp")
    whole, _ = read(tmp_path, data)
    starts = [data.index(bytes(content)) - 8 for name, content in webp_chunks(data) if name == b"ANMF"]
    length = starts[5] - starts[3] - 8
    assert_ends_after(
        3, tmp_path, data[: starts[3] + 4] + length.to_bytes(4, "little") + data[starts[3] + 8 :], whole
    )


def test_a_webp_ends_at_bytes_that_are_no_chunk_and_never_finds_in_again(tmp_path: Path) -> None:
    data = animation("webp")
    whole, _ = read(tmp_path, data)
    starts = [data.index(bytes(content)) - 8 for name, content in webp_chunks(data) if name == b"ANMF"]
    # Of six starts, which are even, two at least lie as far apart as some empty chunks are long.
    first, after = next(
        (i, j) for i in range(2, 8) for j in range(i + 1, 8) if (starts[j] - starts[i]) % 8 == 0
    )
    zeros = bytes(starts[after] - starts[first])
    assert_ends_after(first, tmp_path, data[: starts[first]] + zeros + data[starts[after] :], whole)


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_who_moves_beyond_known_damage_sees_nothing(kind: str, tmp_path: Path) -> None:
    data = animation(kind)
    middle = (ends(kind, data)[4] + ends(kind, data)[5]) // 2
    source = opened(tmp_path, data[:middle])
    assert isinstance(source, Seekable)
    assert len(list(iter(source.read, None))) == 5
    source.seek(Fraction(7, 10))
    assert source.read() is None
    source.close()


def hand_made(pixels: list[int], clear: int, size: tuple[int, int] = (2, 2)) -> bytes:
    """A GIF of two colours with a code table of four, twice the same picture."""
    codes = [code for pixel in pixels for code in (4, pixel)] + [
        5
    ]  # 4 begins the table anew, so that codes keep 3 bits
    packed = sum(code << 3 * place for place, code in enumerate(codes)).to_bytes(
        -(-3 * len(codes) // 8), "little"
    )
    sides = b"".join(side.to_bytes(2, "little") for side in size)
    picture = b"!\xf9\x04\x01\x0a\0" + bytes([clear]) + b"\0" + b",\0\0\0\0" + sides + b"\0\x02"
    picture += bytes([len(packed)]) + packed + b"\0"
    return b"GIF89a\2\0\2\0\x80\0\0" + b"\0\0\0\xff\xff\xff" + 2 * picture + b";"


def test_what_is_clear_in_a_gif_needs_no_colour(tmp_path: Path) -> None:
    frames, said = read(tmp_path, hand_made([0, 1, 3, 1], clear=3))
    assert (len(frames), said) == (2, [])


def test_a_piece_of_a_gif_beyond_its_canvas_is_not_decoded_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be of any size, and the canvas alone was compared with what is allowed."""
    decoded: list[int] = []
    monkeypatch.setattr(cv2, "imdecode", lambda data, _flags: decoded.append(len(data)))
    whole = list(whole_pictures(hand_made([0, 1, 1, 0], clear=3, size=(2, 9999))))
    assert (len(whole), decoded) == (2, [])
