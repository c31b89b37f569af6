"""The pictures of a zip, each with its depth in another one: as many at a time as there are lanes, each kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import streamdepth
from streamdepth.errors import SourceError, StageStuck
from streamdepth.files import disk_errors, whole_file, write_whole
from streamdepth.rendering.look import Look
from streamdepth.reporting.events import ignore
from streamdepth.run.network.engines import Engines, Lane, RunEngine
from streamdepth.run.spec import NetworkSpec
from streamdepth.server.answers import Answer, Scene, encode
from streamdepth.server.cache import pack, unpack
from streamdepth.server.jobs.archive import Archive, ZipLimits
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record
from streamdepth.server.negotiation import Form
from streamdepth.server.pictures import Upload, decode
from streamdepth.server.settings import Limits
from streamdepth.server.several import plain_stem
from streamdepth.server.wanted import Wanted
from streamdepth.threads.worker import Lock, Worker

FORMS = {"colours": Form.HEAT, "16bit": Form.DEEP}
"""What a client may ask for."""
MOST_SECONDS = 120.0
"""For one picture, whatever waits before it."""
LOOK_EVERY = 0.2
NO_PICTURE = "text/plain"
"""The type of a piece that says why there is none."""


class Pictures:
    """A `Task`: each picture becomes a file, and at the end all of them a zip. What is there is not made again."""

    def __init__(
        self, record: Record, folder: Folder, engines: Engines, progress: Progress, limits: Limits
    ) -> None:
        wishes = record.wishes
        self._upload, self._result = folder.upload(record), folder.result(record)
        self._engine: RunEngine = engines(NetworkSpec(), None, ignore)
        self._wanted = Wanted(FORMS[wishes.form], look=Look(wishes.layout, wishes.colormap))
        made_with = f"{streamdepth.__version__} {self._engine.sha256} {self._wanted.key}"
        self._pieces = (
            folder.of(record.place) / f"pieces-{hashlib.sha256(made_with.encode()).hexdigest()[:16]}"
        )
        self._progress = progress
        self._limits = limits
        self._lock = Lock()
        self._to_do: Iterator[int] = iter(())
        self._done = 0
        self._last = 0.0
        self._is_stopped = False

    def stop(self) -> None:
        """Break it off after the pictures that are worked on."""
        self._is_stopped = True

    def execute(self) -> None:
        """See `Task`; raises `SourceError` where none of it is a picture, and what a lane or the disk raises."""
        with disk_errors(self._pieces):
            self._pieces.mkdir(exist_ok=True)
        with Archive(self._upload, ZipLimits(picture_bytes=self._limits.picture_bytes)) as archive:
            names = archive.names
            missing = [number for number in range(len(names)) if self._read(number) is None]
            self._progress.begin(len(names) - len(missing), len(missing))
            self._to_do = iter(missing)
            self._work_side_by_side(archive)
        if not self._is_stopped:
            self._join(names)

    def _work_side_by_side(self, archive: Archive) -> None:
        self._last = time.monotonic()
        workers = [
            Worker(f"pictures-{number}", partial(self._work, archive, lane), on_error=self._fail).start()
            for number, lane in enumerate(self._engine.lanes)
        ]
        for worker in workers:
            while worker.is_running(LOOK_EVERY):
                if time.monotonic() - self._last > MOST_SECONDS:
                    self.stop()
                    raise StageStuck(f"no picture was done in {MOST_SECONDS:g} s", "it is tried again")
        for worker in workers:
            if worker.error is not None:
                raise worker.error

    def _fail(self, _error: BaseException) -> None:
        self.stop()

    def _work(self, archive: Archive, lane: Lane) -> None:
        while not self._is_stopped:
            with self._lock:
                number = next(self._to_do, None)
            if number is None:
                return
            write_whole(self._piece(number), pack(self._answer(archive, number, lane)))
            with self._lock:
                self._done += 1
                self._last = time.monotonic()
                self._progress.reached(self._done)

    def _answer(self, archive: Archive, number: int, lane: Lane) -> Answer:
        """About one picture; where it is none, why."""
        wanted = self._wanted
        name = PurePosixPath(archive.names[number]).name or "the picture"
        try:
            upload = Upload(archive.read(number), name)
            size, picture = decode(upload, self._engine, self._limits.pixels, whole=wanted.needs_picture)
        except SourceError as error:
            return Answer(str(error).encode(), NO_PICTURE)
        depth = lane.estimate_picture(picture)
        return encode(
            Scene(size, depth, self._engine.name, picture if wanted.needs_picture else None), wanted
        )

    def _join(self, names: Sequence[str]) -> None:
        index: list[dict[str, Any]] = []
        with whole_file(self._result) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as joined:
            for number, name in enumerate(names):
                answer = self._read(number)
                assert answer is not None, "all were done"
                if answer.media_type == NO_PICTURE:
                    index.append({"picture": name, "error": answer.body.decode()})
                    continue
                member = f"{number + 1:05d}-{plain_stem(name)}.png"
                joined.writestr(zipfile.ZipInfo(member), answer.body)
                index.append({"picture": name, "file": member, **answer.headers})
            if all("error" in entry for entry in index):
                raise SourceError(f"there is no picture in the zip: {index[0]['error']}")
            joined.writestr(zipfile.ZipInfo("index.json"), json.dumps(index, indent=1))
        shutil.rmtree(self._pieces, ignore_errors=True)

    def _piece(self, number: int) -> Path:
        return self._pieces / f"{number:05d}"

    def _read(self, number: int) -> Answer | None:
        """What is kept of a picture; None where that is nothing, or broken."""
        try:
            return unpack(self._piece(number).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
