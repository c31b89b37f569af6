"""Workers of Ray: a small cluster on this machine, or one that is there already."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.executor import LOCAL, Done
from streamdepth.cluster.folder import Folder
from streamdepth.cluster.task_queue import TRIES, TaskQueue
from streamdepth.cluster.tasks import Answer, Machine, Task
from streamdepth.cluster.work import carry_out
from streamdepth.counted import counted
from streamdepth.errors import StageStuck, StopRequested, UsageError
from streamdepth.machine import thread_count
from streamdepth.protocols import Notify
from streamdepth.quiet import keep_ray_from_printing, ray_quietly
from streamdepth.threads.aside import run_bounded
from streamdepth.threads.worker import Worker

_PORT_SECONDS = 5.0
_START_SECONDS = 60.0
_LOOK_EVERY = 0.5
_ALONE_SECONDS = 300.0
"""For a machine that can do what is left to come back: a cluster that grows takes some minutes."""
_EVERYWHERE_SECONDS = 30.0
_LONGEST_FOLDER = 30
_TAKE_BACK_EVERY = 0.01
_QUIET = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": False}
_STORE = 80 << 20
"""Bytes of Ray's object store on this machine: what travels are names and numbers, and it takes no less than 75 MB."""
_CURE = (
    "check the address, that ray start runs there, and, where it asks for a token, that RAY_AUTH_MODE=token is set "
    "here; local takes the processors of this machine"
)


class OnRay:
    """An `Executor` on Ray; `address` is `local`, or HOST:PORT of a cluster that this machine is part of.

    Raises `ClusterError` within a bounded time where it cannot be reached, and `UsageError` where Ray is not installed.
    """

    def __init__(self, address: str, notify: Notify, workers: int | None = None) -> None:
        self._notify = notify
        self._folder: Folder | None = None
        if address != LOCAL:
            check_reachable(address)
        with ray_quietly(is_local=address == LOCAL), same_end_by_sigterm():
            self._ray = _imported()
            keep_ray_from_printing(self._ray._private.worker)
            self._start(address, workers or thread_count(None))
        self._remote = self._ray.remote(max_retries=0)(carry_out)

    def _start(self, address: str, workers: int) -> None:
        try:
            if address == LOCAL:  # on this thread: what a thread starts ends with it
                self._begin_here(workers)
            else:
                self._join(address)
        except StageStuck as stuck:
            what = f"what listens at {address} did not answer as Ray does within {_START_SECONDS:.0f} s"
            raise ClusterError(what, _CURE) from stuck
        except Exception as error:  # of whatever kind Ray and gRPC raise
            self.close()
            if address == LOCAL:
                raise ClusterError(
                    f"Ray cannot be started here: {_line_of(error)}", "render without --cluster"
                ) from error
            raise ClusterError(f"no Ray cluster answers at {address}: {_line_of(error)}", _CURE) from error

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """As `Executor`; a task whose worker is lost is given to another one."""
        queue = TaskQueue(tasks)
        running: dict[Any, tuple[Task, float]] = {}
        able_at = time.monotonic()
        try:
            while queue or running:
                if must_stop():
                    raise StopRequested
                while queue and len(running) < self._places(queue.next):
                    task = queue.take()
                    running[self._remote.options(num_cpus=task.threads).remote(task)] = task, time.monotonic()
                for ref in self._finished(running):
                    task, _ = running.pop(ref)
                    self._take(self._answer(ref, task, queue), task, done)
                for ref, task in self._late(running):
                    del running[ref]
                    self._cancel(ref)
                    self._take(self._again(task, queue, "it took too long"), task, done)
                able_at = self._able_at(running, able_at)
        finally:
            for ref in running:
                self._cancel(ref)

    def everywhere(self, task: Task) -> bool:
        """As `Executor`."""
        with suppress(Exception):  # of whatever kind Ray raises; waiting callers get it
            at = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
            nodes = [node["NodeID"] for node in self._ray.nodes() if node["Alive"]]
            on = [
                self._remote.options(num_cpus=0, scheduling_strategy=at(node, soft=False)) for node in nodes
            ]
            refs = [one.remote(task) for one in on]
            ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=_EVERYWHERE_SECONDS)
            return len(ready) == len(refs)
        return False

    @property
    def machines(self) -> tuple[int, ...]:
        """See `Executor`."""
        counts = (int(node["Resources"].get("CPU", 0)) for node in self._ray.nodes() if node["Alive"])
        return tuple(count for count in counts if count)

    def close(self) -> None:
        """Let go of the workers; those that were started here end."""
        heed_sigterm_during(self._ray.shutdown)
        if self._folder is not None:
            self._folder.remove()

    def _join(self, address: str) -> None:
        """Within a bounded time: where something else listens Ray would try for ever."""
        call = partial(self._ray.init, address=address, **_QUIET)
        run_bounded("Ray", call, _START_SECONDS, discard=lambda _late: None)

    def _begin_here(self, workers: int) -> None:
        self._folder = Folder.new(_short_folder())
        self._ray.init(
            address=LOCAL,
            num_cpus=workers,
            num_gpus=0,
            include_dashboard=False,
            object_store_memory=_STORE,
            _temp_dir=str(self._folder.path),
            **_QUIET,
        )

    def _places(self, task: Task) -> int:
        """How many tasks like this are handed out at a time: some wait there, so that no worker does."""
        return 2 * max(1, int(self._ray.cluster_resources().get("CPU", 1)) // task.threads)

    def _able_at(self, running: dict[Any, tuple[Task, float]], before: float) -> float:
        """When last a machine was there for some of it; raises `ClusterError` where none is for too long."""
        now, needed = time.monotonic(), min((task.threads for task, _ in running.values()), default=0)
        if needed <= max(self.machines, default=0):
            return now
        if now - before > _ALONE_SECONDS:
            raise ClusterError(
                f"no machine with {counted(needed, 'processor')} is left in the cluster",
                "look at its machines; what was done is kept",
            )
        return before

    def _finished(self, running: dict[Any, tuple[Task, float]]) -> list[Any]:
        ready, _ = self._ray.wait(list(running), num_returns=1, timeout=_LOOK_EVERY)
        return list(ready)

    def _answer(self, ref: Any, task: Task, queue: TaskQueue) -> Answer | None:
        errors = self._ray.exceptions
        try:
            answer = self._ray.get(ref, timeout=_PORT_SECONDS)
        except errors.RayTaskError as error:
            return _none(f"{task.name} failed: {_line_of(error.cause or error)}", "run it again")
        except errors.RayError as error:
            return self._again(task, queue, _line_of(error))
        assert isinstance(answer, Answer)
        return answer

    def _again(self, task: Task, queue: TaskQueue, why: str) -> Answer | None:
        """None where it is given to another worker."""
        number = queue.lost(task)
        if number is None:
            return _none(
                f"{task.name} was given to {TRIES} workers, and each was lost: {why}",
                "look at their memory and their logs; what was done is kept, and the same command goes on",
            )
        self._notify(f"a worker was lost: {task.name} is repeated (attempt {number} of {TRIES})")
        return None

    def _take(self, answer: Answer | None, task: Task, done: Done) -> None:
        if answer is not None:
            done(task, answer)

    def _late(self, running: dict[Any, tuple[Task, float]]) -> list[tuple[Any, Task]]:
        now = time.monotonic()
        return [(ref, task) for ref, (task, began) in running.items() if now - began > task.bound]

    def _cancel(self, ref: Any) -> None:
        with suppress(Exception):
            self._ray.cancel(ref, force=True)


@contextmanager
def same_end_by_sigterm() -> Iterator[None]:
    """While Ray is started: it takes SIGTERM for itself (2.60), and a run would end without a word."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        _handle_sigterm_with(before)


def heed_sigterm_during(end: Callable[[], None]) -> None:
    """Call `end`, which ends Ray, in a thread of its own, while this one takes SIGTERM back again and again.

    Ray's core leaves it to the system on its way (2.60), and for the second in which its processes end a run would die
    of it without a word.
    """
    before = signal.getsignal(signal.SIGTERM)
    # What cannot be ended any more has ended.
    ending = Worker("end of Ray", end, on_error=lambda _error: None).start()
    while ending.is_running(_TAKE_BACK_EVERY):
        _handle_sigterm_with(before)


def _handle_sigterm_with(handler: Any) -> None:
    with suppress(ValueError):  # no other thread than the main one may, and none gets signals
        signal.signal(signal.SIGTERM, handler)


def _short_folder() -> Path:
    """Where Ray keeps its sockets, whose names may have 107 characters: 70 of these are below it."""
    usual, short = Path(tempfile.gettempdir()), Path("/tmp")
    return short if len(str(usual)) > _LONGEST_FOLDER and short.is_dir() else usual


def check_reachable(address: str) -> None:
    """Raise `ClusterError` soon where nothing listens at an address: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise UsageError(
            f"--cluster {address} is not an address",
            "local, or HOST:6379 of a cluster that this machine is part of: ray start --address HOST:6379",
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PORT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(f"no Ray cluster answers at {address}: {_line_of(error)}", _CURE) from error


def _none(trouble: str, cure: str) -> Answer:
    """Of a task without a result."""
    return Answer(Machine("the cluster"), trouble=trouble, cure=cure)


def _imported() -> Any:
    try:
        import ray
        import ray.exceptions
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise UsageError("--cluster needs Ray, which is not installed", "pip install ray") from error
    return ray


def _line_of(error: BaseException) -> str:
    words = str(error).split()
    return " ".join(words)[:200] or type(error).__name__
