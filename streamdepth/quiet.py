"""Imports libraries that would report their use to others, without that, and keeps two from talking and from spinning.

ONNX Runtime (since 1.29) writes an identity of the machine and a queue of events into the user's cache folder and sends
them, from the moment it is imported: its `disable_telemetry_events` comes too late. OpenVINO and NNCF do the like
wherever the package openvino_telemetry is, which OpenVINO installs beside itself; without that package they do without.
"""

from __future__ import annotations

import importlib
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from types import ModuleType
from typing import Any, cast

from streamdepth.threads.worker import Lock

_VARIABLES = {"ORT_DISABLE_TELEMETRY": "1"}
"""Read by libraries when they are imported, also when another library imports them."""
SLEEP_WHEN_IDLE = ("OPENBLAS_THREAD_TIMEOUT", "4")
"""Read by NumPy's OpenBLAS when it is loaded, as a power of two in ticks of the clock.

Its threads, one for each core, else spin for 2^26 or more from then on: 0.03 s of each, and up to 0.1 s where cores are
free.
"""
_OF_RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""The first is read where it starts its processes; without the second it warns of what a later release does."""
_NOWHERE = "http://127.0.0.1:9"
_OF_RAY_HERE = {"RAY_AUTH_MODE": "token", "http_proxy": _NOWHERE, "no_proxy": ""}
_REPORTERS = ("openvino_telemetry",)
"""Packages that do nothing else."""
_IN_TURN = Lock()


def import_quietly(name: str, *, without: Sequence[str] = ()) -> Any:
    """A package, which reports nothing of its use from now on; raises `ImportError`.

    Modules that it does `without` are for it as if they were not installed, where it does not need them.
    The environment is as before when this returns. A package that the host program imported itself stays as it is.
    Threads wait for each other: what one leaves out, another would miss in the middle of an import.
    """
    with _IN_TURN, ExitStack() as stack:
        for variable, value in _VARIABLES.items():
            stack.enter_context(_set(variable, value))
        for package in (*_REPORTERS, *without):
            stack.enter_context(left_out(package))
        return importlib.import_module(name)


@contextmanager
def ray_quietly(*, is_local: bool) -> Iterator[None]:
    """While Ray is imported and started: it reports its use to its makers by a process of its own.

    The processes that it starts here inherit that. With reports off it still asks which cloud it runs in, at
    addresses of Azure, Google and Amazon (2.60): a proxy that is not there keeps that from the line; nothing else of
    it speaks plain HTTP to others. They listen at all addresses of this machine (it takes no other), and let nobody
    in without a token: it is one of its own here, where Ray would write one into the user's home folder. The
    environment is as before when this ends.
    """
    with ExitStack() as stack:
        for variable, value in _OF_RAY.items():
            stack.enter_context(_set(variable, value))
        if is_local:
            for variable, value in (*_OF_RAY_HERE.items(), ("RAY_AUTH_TOKEN", secrets.token_hex(32))):
                stack.enter_context(_set(variable, value))
        yield


def proxies_beside_rays() -> dict[str, str] | None:
    """Proxies by scheme for what a process of Ray's asks itself, without that which is not there; None: the usual."""
    from urllib.request import getproxies

    usual = getproxies()
    return {k: v for k, v in usual.items() if v != _NOWHERE} if usual.get("http") == _NOWHERE else None


def keep_ray_from_printing(worker: Any) -> None:
    """Its module `worker` prints what became of other processes to standard output, whatever its options say."""
    worker.print_to_stdstream = lambda *_args, **_words: None


@contextmanager
def silent_encoders() -> Iterator[None]:
    """While an encoder is opened: SVT-AV1 reads this once, and would write its settings to standard error.

    The environment is as before when this ends; a caller that set the variable gets what was asked for.
    """
    with nullcontext() if "SVT_LOG" in os.environ else _set("SVT_LOG", "1"):
        yield


@contextmanager
def _set(variable: str, value: str) -> Iterator[None]:
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


@contextmanager
def left_out(package: str) -> Iterator[None]:
    """Make the import of a package fail as if it were not installed."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    before = modules.get(package)
    modules[package] = None  # what the import system takes for "known not to be there"
    try:
        yield
    finally:
        del modules[package]
        if before is not None:
            modules[package] = before
