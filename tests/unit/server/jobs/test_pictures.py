from __future__ import annotations

import io
import zipfile

import pytest
from depth_services import Network, RunNetwork, pictures

from streamdepth.errors import ModelError
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.pictures import Pictures
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record, Wishes
from streamdepth.server.settings import Limits

RECORD = Record("a", "sum", ".zip", 10, 100.0, Wishes("depth"), "place")


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path)
    made.of("place").mkdir()
    with zipfile.ZipFile(made.upload(RECORD), "w") as archive:
        for number, data in enumerate(pictures(6)):
            archive.writestr(f"{number}.png", data)
    return made


def task(folder, network, progress=None):
    engine = RunNetwork(network)
    return Pictures(RECORD, folder, lambda *_given: engine, progress or Progress(), Limits())


def test_what_was_done_before_it_broke_off_is_not_done_again(folder):
    broken, whole = Network(), Network()
    begun = task(folder, broken)
    broken.gate.clear()
    broken.estimate_picture = None
    begun._engine.estimate_picture = lambda picture: _third_time_unlucky(broken, picture)
    with pytest.raises(ModelError, match="it broke"):
        begun.execute()
    assert not folder.result(RECORD).exists()
    progress = Progress()
    task(folder, whole, progress).execute()
    assert len(whole.seen) == 4
    noted = progress.noted(RECORD)
    assert (noted.frames, noted.of) == (6, 6)
    with zipfile.ZipFile(io.BytesIO(folder.result(RECORD).read_bytes())) as result:
        assert len(result.namelist()) == 7
    assert sorted(path.name for path in folder.of("place").iterdir()) == ["depth.zip", "upload.zip"]


def _third_time_unlucky(network, picture):
    if len(network.seen) == 2:
        raise ModelError("it broke")
    network.gate.set()
    return Network.estimate_picture(network, picture)


def test_a_task_that_is_stopped_leaves_no_result(folder):
    network = Network()
    stopped = task(folder, network)
    stopped.stop()
    stopped.execute()
    assert network.seen == []
    assert not folder.result(RECORD).exists()
