import os
import subprocess
import sys

import pytest

from streamdepth.errors import ModelError
from streamdepth.models.export import conversions
from streamdepth.models.export.conversions import conversion
from streamdepth.models.export.formats import NetworkFormat

ONNX = NetworkFormat.ONNX


def writer(content):
    return lambda path: path.write_bytes(content)


def test_a_conversion_is_found_again_where_it_was_made(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)
    assert place.find() is None
    made = place.make(writer(b"network"))
    assert made.read_bytes() == b"network"
    assert made.suffix == ".onnx"
    assert conversion(tmp_path, "net", "ab" * 32, ONNX).find() == made


def test_other_weights_formats_and_versions_have_other_files(tmp_path, monkeypatch):
    made = {conversion(tmp_path, "net", "aa" * 32, ONNX).make(writer(b"x"))}
    made.add(conversion(tmp_path, "net", "bb" * 32, ONNX).make(writer(b"x")))
    made.add(conversion(tmp_path, "net", "aa" * 32, NetworkFormat.TORCHSCRIPT).make(writer(b"x")))
    monkeypatch.setattr(conversions, "version", lambda package: f"{package}-99")
    assert conversion(tmp_path, "net", "aa" * 32, ONNX).find() is None
    made.add(conversion(tmp_path, "net", "aa" * 32, ONNX).make(writer(b"x")))
    assert len(made) == 4


@pytest.mark.parametrize("damaged", [b"networ", b"networK", b""])
def test_a_damaged_file_is_not_found_and_goes(damaged, tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)
    place.make(writer(b"network")).write_bytes(damaged)
    assert place.find() is None
    assert place.candidates() == []
    assert place.make(writer(b"network")).read_bytes() == b"network"


def test_two_processes_that_convert_at_the_same_time_leave_whole_files_only(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)

    def slow(path):
        path.write_bytes(b"half")
        assert place.find() is None  # what the other process sees in the meantime
        other = place.make(writer(b"network"))
        path.write_bytes(b"network")
        assert place.find() == other

    made = place.make(slow)
    assert made.read_bytes() == b"network"
    assert list(made.parent.iterdir()) == [made]


def test_results_that_differ_from_process_to_process_do_not_hide_each_other(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)
    first, second = place.make(writer(b"one")), place.make(writer(b"two"))
    assert first.read_bytes() == b"one"
    assert place.find() in (first, second)


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)

    def broken(path):
        path.write_bytes(b"half")
        raise ModelError("no such layer")

    with pytest.raises(ModelError, match="no such layer"):
        place.make(broken)
    assert list(place.folder.iterdir()) == []


def test_what_killed_conversions_left_goes_an_hour_later(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)
    place.folder.mkdir()
    for age, name in ((3700, "old"), (60, "new")):
        part = place.folder / f"{name}-of-another-version.1a2b3c4d.part.onnx"
        folder = place.folder / f"{name}.1a2b3c4d.part.x7k2"
        folder.mkdir()
        for file in (part, folder / "network.onnx"):
            file.write_bytes(b"half of")
        for left in (part, folder):
            os.utime(left, (10_000 - age, 10_000 - age))
    made = place.make(writer(b"network"), now=lambda: 10_000.0)
    left = {path.name for path in place.folder.iterdir()}
    assert left == {made.name, "new-of-another-version.1a2b3c4d.part.onnx", "new.1a2b3c4d.part.x7k2"}


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    place = conversion(tmp_path / "file", "net", "ab" * 32, ONNX)
    with pytest.raises(ModelError, match=r"cannot be written.*choose another cache folder"):
        place.make(writer(b"x"))


def pair_writer(graph, weights):
    def write(path):
        path.write_bytes(graph)
        path.with_suffix(".bin").write_bytes(weights)

    return write


def test_an_openvino_file_is_kept_with_its_weights_and_noticed_when_either_is_damaged(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, NetworkFormat.OPENVINO, "int8")
    for suffix in (".xml", ".bin"):
        made = place.make(pair_writer(b"graph", b"weights"))
        assert place.find() == made
        assert made.with_suffix(".bin").read_bytes() == b"weights"
        made.with_suffix(suffix).write_bytes(b"")
        assert place.find() is None
        assert list(place.folder.iterdir()) == []


def test_what_another_process_made_in_the_meantime_is_not_made_again(tmp_path):
    place = conversion(tmp_path, "net", "ab" * 32, ONNX)
    place.folder.mkdir(parents=True)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from streamdepth.models.export.conversions import conversion\n"
        "from streamdepth.models.export.formats import NetworkFormat\n"
        "place = conversion(Path(sys.argv[1]), 'net', 'ab' * 32, NetworkFormat.ONNX)\n"
        "def write(path):\n"
        "    print('making', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    path.write_bytes(b'theirs')\n"
        "place.find_or_make(write)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "making\n"
        # Whoever does not wait for long makes it itself.
        assert place.find_or_make(writer(b"mine"), wait=0.01).read_bytes() == b"mine"
        place.find().unlink()
        other.stdin.write("\n")
        other.stdin.flush()
        assert place.find_or_make(writer(b"mine"), wait=60).read_bytes() == b"theirs"
    assert other.returncode == 0
    assert [path.read_bytes() for path in place.candidates()] == [b"theirs"]


def test_a_cache_that_cannot_be_locked_is_named_when_it_is_written(tmp_path):
    (tmp_path / "file").write_text("")
    place = conversion(tmp_path / "file", "net", "ab" * 32, ONNX)
    with pytest.raises(ModelError, match=r"cannot be written.*choose another cache folder"):
        place.find_or_make(writer(b"x"))
