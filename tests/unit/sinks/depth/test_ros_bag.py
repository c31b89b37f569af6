"""A file for ROS 2, read back by the readers of others."""

from __future__ import annotations

import errno
import io
import json
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import pytest
from depths import RATE, info, maps, rendered
from mcap.exceptions import EndOfFile
from mcap.reader import NonSeekingReader, make_reader
from mcap_ros2.decoder import DecoderFactory

from streamdepth.depthfiles.mcap_file import McapFile
from streamdepth.errors import DiskFull, SinkError, UsageError
from streamdepth.files import OutputFile
from streamdepth.frames import DepthMap, DepthMeaning, Measured
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.depth.ros_bag import Names, RosBag

NAMES = Names.of("camera")
VALUES = [np.abs(one) / 100 + 1 for one in maps(3)]
WITHHELD = Measured(None, 0.1, "the camera was moved")


def measured(values, index=0, **more):
    depth = DepthMap(np.asarray(values, np.float32), DepthMeaning.METRES)
    known = Measured(depth, 0.9, points=5, error=0.07)
    return replace(rendered(1 / np.asarray(values), index, **more), measured=known)


def read(path):
    """{topic: [(message, decoded)]}."""
    found = {}
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, message, decoded in reader.iter_decoded_messages():
            found.setdefault(channel.topic, []).append((message, decoded))
    return found


def metres_in(image):
    return np.frombuffer(bytes(image.data), "<f4").reshape(image.height, image.width)


def write(path, pictures, *, of=None, complete=True, **options):
    sink = sink_for(path, of or info(), DepthOptions(**options))
    for picture in pictures:
        sink.write(picture)
    sink.close(complete=complete)
    return sink


def test_a_film_is_depth_and_colour_with_its_own_times(tmp_path):
    write(tmp_path / "d.mcap", [measured(values, n) for n, values in enumerate(VALUES)])
    found = read(tmp_path / "d.mcap")
    assert set(found) == {NAMES.depth, NAMES.colour}
    for index, (message, image) in enumerate(found[NAMES.depth]):
        assert np.array_equal(metres_in(image), VALUES[index])
        assert message.log_time == message.publish_time == round(index / RATE * 10**9)
        assert image.header.stamp.sec * 10**9 + image.header.stamp.nanosec == message.log_time
        assert (image.encoding, image.header.frame_id) == ("32FC1", "camera_optical_frame")
    colour = cv2.imdecode(np.frombuffer(bytes(found[NAMES.colour][0][1].data), np.uint8), cv2.IMREAD_COLOR)
    assert colour.shape[:2] == VALUES[0].shape


@pytest.mark.parametrize(
    ("camera", "word"),
    [("front-door", "front_door"), ("Yard2", "Yard2"), ("4-b", "camera_4_b"), ("a-_b-", "a_b")],
)
def test_each_of_several_cameras_has_topics_of_its_name(tmp_path, camera, word):
    write(tmp_path / "d.mcap", [measured(VALUES[0])], camera=camera, fov=70.0)
    found = read(tmp_path / "d.mcap")
    kinds = ("depth/image_raw", "depth/camera_info", "color/image_raw/compressed")
    assert set(found) == {f"/{word}/{kind}" for kind in kinds}
    assert {one.header.frame_id for ((_, one),) in found.values()} == {f"{word}_optical_frame"}


def test_the_file_says_how_far_to_trust_it(tmp_path):
    write(tmp_path / "d.mcap", [measured(VALUES[0])])
    with (tmp_path / "d.mcap").open("rb") as file:
        reader = make_reader(file)
        assert reader.get_header().profile == "ros2"
        (facts,) = [json.loads(one.metadata["facts"]) for one in reader.iter_metadata()]
    assert facts["meaning"] == "metres"
    assert facts["distances"] == {"points": 5, "within": 0.07}


def test_how_wide_the_camera_sees_makes_a_camera_info(tmp_path):
    write(tmp_path / "d.mcap", [measured(VALUES[0])], fov=90.0)
    ((_, lens),) = read(tmp_path / "d.mcap")[NAMES.lens]
    assert (lens.width, lens.height) == (32, 24)
    assert list(lens.k) == pytest.approx([16, 0, 15.5, 0, 16, 11.5, 0, 0, 1])


def test_bars_have_no_reading_and_what_is_endless_is_infinite(tmp_path):
    values = np.full((24, 16), 2.0, np.float32)
    values[0] = 1000.0
    values[-1] = -0.5
    picture = measured(values, inner=(16, 0, 32, 48))
    write(tmp_path / "d.mcap", [picture], size="source", fov=60.0)
    found = read(tmp_path / "d.mcap")
    metres = metres_in(found[NAMES.depth][0][1])
    assert metres.shape == (48, 64)
    assert np.isnan(metres[:, :16]).all()
    assert np.isnan(metres[:, 48:]).all()
    assert np.isposinf(metres[0, 16:48]).all()
    assert np.all(metres[4:44, 16:48] == 2.0)
    assert np.isnan(metres[-1]).all()
    assert found[NAMES.lens][0][1].k[2] == 31.5


def test_pictures_without_metres_are_left_out_and_counted(tmp_path):
    withheld = replace(rendered(VALUES[1], 1), measured=WITHHELD)
    sink = write(tmp_path / "d.mcap", [measured(VALUES[0]), withheld, measured(VALUES[2], 2)])
    assert [message.sequence for message, _ in read(tmp_path / "d.mcap")[NAMES.depth]] == [0, 2]
    assert sink.warnings == ["the depth of a picture was left out: the camera was moved"]
    with pytest.raises(SinkError, match="no picture has depth in metres"):
        write(tmp_path / "none.mcap", [withheld])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["d.mcap"]


@pytest.mark.parametrize(
    ("picture", "raw", "cure"),
    [
        (rendered(VALUES[0]), False, "add --metres FILE"),
        (rendered(VALUES[0]), True, "add --metres FILE"),
        (measured(VALUES[0]), True, "leave --depth-raw out"),
    ],
)
def test_depth_without_a_unit_is_refused_at_once(tmp_path, picture, raw, cure):
    sink = sink_for(tmp_path / "d.mcap", info(), DepthOptions(raw=raw))
    with pytest.raises(UsageError, match=rf"d\.mcap is in metres, and this depth has no unit \({cure}"):
        sink.write(picture)
    sink.close(complete=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("meaning", [DepthMeaning.METRES, DepthMeaning.INVERSE])
@pytest.mark.parametrize("raw", [False, True])
def test_a_network_that_gives_a_unit_needs_no_distances(tmp_path, meaning, raw):
    one = rendered(VALUES[0])
    depth = replace(one.estimate.depth, meaning=meaning)
    write(tmp_path / "d.mcap", [replace(one, estimate=replace(one.estimate, depth=depth))], raw=raw)
    ((_, image),) = read(tmp_path / "d.mcap")[NAMES.depth]
    wanted = VALUES[0] if meaning is DepthMeaning.METRES else 1 / VALUES[0]
    assert metres_in(image) == pytest.approx(wanted)


def test_of_a_film_that_ended_early_the_part_is_kept_and_can_be_read(tmp_path):
    sink = write(tmp_path / "d.mcap", [measured(VALUES[0])], complete=False)
    assert sink.kept == tmp_path / "d.part.mcap"
    assert len(read(sink.kept)[NAMES.depth]) == 1
    assert not (tmp_path / "d.mcap").exists()


def test_a_live_source_has_its_time_of_capture_and_an_earlier_file_stays(tmp_path):
    (tmp_path / "d.mcap").write_bytes(b"of yesterday")
    sink = RosBag(tmp_path / "d.mcap", info("camera", live=True), DepthOptions(), lambda at: 1.7e9 + at)
    one = measured(VALUES[0])
    frame = replace(one.estimate.frame, captured_at=5.25)
    sink.write(replace(one, estimate=replace(one.estimate, frame=frame)))
    sink.close()
    ((message, _),) = read(tmp_path / "d-2.mcap")[NAMES.depth]
    assert message.log_time == 1_700_000_005_250_000_000
    assert (tmp_path / "d.mcap").read_bytes() == b"of yesterday"


def test_a_killed_run_leaves_what_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr("streamdepth.depthfiles.mcap_file.CHUNK", 4096)
    sink = RosBag(tmp_path / "d.mcap", info("camera", live=True), DepthOptions())
    for index in range(40):
        sink.write(measured(VALUES[0], index))
    sink._open[0].flush()
    left = (tmp_path / "d.mcap").read_bytes()
    (tmp_path / "left.mcap").write_bytes(left)
    sink.close()
    with (tmp_path / "left.mcap").open("rb") as file:
        found = NonSeekingReader(file).iter_messages(log_time_order=False)
        assert len(list(islice(found, 50))) == 50
        with pytest.raises(EndOfFile):
            list(found)


def test_a_full_disk_leaves_no_file_open(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    sink = sink_for(tmp_path / "d.mcap", info(), DepthOptions())
    sink.write(measured(VALUES[0]))
    stream = sink._open[0]
    monkeypatch.setattr(McapFile, "finish", full)
    with pytest.raises(DiskFull):
        sink.close(complete=False)
    assert stream.closed


def test_without_the_package_its_install_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mcap.writer", None)
    with pytest.raises(UsageError, match=r"needs the package mcap \(pip install mcap"):
        sink_for(tmp_path / "d.mcap", info(), DepthOptions())
    assert list(tmp_path.iterdir()) == []


def test_the_input_is_not_written_over(tmp_path):
    film = tmp_path / "in.mcap"
    film.write_bytes(b"the input")
    with pytest.raises(UsageError, match="where the input is"):
        sink_for(film, info(origin=film), DepthOptions())


class Small(io.FileIO):
    """A file on a disk that takes so many bytes, the last of them too few for what is written."""

    room = 10_000

    def write(self, data):
        left = self.room - self.tell()
        if left <= 0:
            raise OSError(errno.ENOSPC, "full")
        return super().write(memoryview(data)[:left])


@pytest.fixture
def small_disk(monkeypatch):
    monkeypatch.setattr("streamdepth.depthfiles.mcap_file.CHUNK", 4096)
    monkeypatch.setattr(OutputFile, "open", lambda self: io.BufferedWriter(Small(self.at, "wb")))


def many(sink, count=200):
    for index in range(count):
        sink.write(measured(VALUES[index % 3], index))


@pytest.mark.parametrize("kind", ["video", "camera"])
def test_a_full_disk_leaves_whole_messages_and_says_where(small_disk, kind, tmp_path):
    said = []
    is_live = kind == "camera"
    sink = RosBag(tmp_path / "d.mcap", info(kind, live=is_live), DepthOptions(notify=said.append))
    with pytest.raises(DiskFull):
        many(sink)
    left = tmp_path / ("d.mcap" if is_live else "d.part.mcap")
    size = left.stat().st_size
    sink.close(complete=False)
    assert sink.kept == (None if is_live else left)
    assert said == [f"{left} lacks its end; mcap recover repairs it"]
    assert list(tmp_path.iterdir()) == [left]
    assert left.stat().st_size == size <= Small.room  # nothing was added once it was full
    with left.open("rb") as file:
        found = NonSeekingReader(file).iter_messages(log_time_order=False)
        assert len(list(islice(found, 4))) == 4
        with pytest.raises(EndOfFile):
            list(found)


@pytest.mark.parametrize("kind", ["video", "camera"])
def test_a_full_disk_that_takes_no_message_has_no_file(small_disk, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(Small, "room", 300)
    said = []
    sink = RosBag(tmp_path / "d.mcap", info(kind, live=kind == "camera"), DepthOptions(notify=said.append))
    with pytest.raises(DiskFull):
        many(sink)
    sink.close(complete=False)
    assert (list(tmp_path.iterdir()), said, sink.kept) == ([], [], None)


def test_a_disk_that_is_full_at_the_very_end_is_told_and_nothing_gets_the_final_name(
    small_disk, tmp_path, monkeypatch
):
    sink = sink_for(tmp_path / "d.mcap", info(), DepthOptions())
    monkeypatch.setattr(Small, "room", 1 << 30)
    many(sink, 20)
    monkeypatch.setattr(Small, "room", sink._open[0].tell() + 10)
    with pytest.raises(DiskFull):
        sink.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "d.part.mcap"] == [sink.kept]
