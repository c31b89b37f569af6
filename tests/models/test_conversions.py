import pytest

from streamdepth.errors import ModelError
from streamdepth.models import conversions
from streamdepth.models.conversions import conversion
from streamdepth.models.formats import NetworkFormat

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


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    place = conversion(tmp_path / "file", "net", "ab" * 32, ONNX)
    with pytest.raises(ModelError, match=r"cannot be written.*choose another cache folder"):
        place.make(writer(b"x"))
