from __future__ import annotations

import subprocess
import sys

import pytest

import streamdepth.cli
from streamdepth.cli.entry import main


class Interrupted:
    """Somebody hits Ctrl-C while a module is imported."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "streamdepth.cli.app":
            raise KeyboardInterrupt


def test_what_the_command_imports_is_looked_through_for_circles_neither_then_nor_later():
    code = (
        "import gc, sys\n"
        "looks = []\n"
        "gc.callbacks.append(lambda phase, info: looks.append(phase))\n"
        "import streamdepth.heap\n"
        "from streamdepth.cli.entry import main\n"
        "gc.collect()\n"
        "looks.clear()\n"
        "sys.modules['streamdepth.cli.app'] = None\n"
        "try:\n"
        "    main()\n"
        "except ImportError:\n"
        "    print(gc.isenabled(), gc.get_freeze_count() > 1000, looks)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "True True []\n"


def test_ctrl_c_while_the_command_itself_is_imported_leaves_without_a_traceback(monkeypatch):
    monkeypatch.delitem(sys.modules, "streamdepth.cli.app", raising=False)
    monkeypatch.delattr(streamdepth.cli, "app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 130


INTERRUPTED = """
import sys
from unittest.mock import patch

class Interrupted:
    def find_spec(self, name, _path=None, _target=None):
        if name == "streamdepth.cli.app":
            exec("raise KeyboardInterrupt")

from streamdepth.cli.entry import main

if sys.argv[1] == "import":
    sys.meta_path.insert(0, Interrupted())
    main([])
import streamdepth.cli.app
with patch("streamdepth.cli.app._called", lambda _words: exec("raise KeyboardInterrupt")):
    main([])
"""


@pytest.mark.parametrize("during", ["import", "run"])
def test_ctrl_c_amid_a_dataclass_ends_a_module_with_the_status_and_not_by_the_signal(tmp_path, during):
    (tmp_path / "interrupted.py").write_text(INTERRUPTED)
    done = subprocess.run(
        [sys.executable, "-m", "interrupted", during], cwd=tmp_path, capture_output=True, timeout=60
    )
    assert done.returncode == 130


LOST = """
import os, signal, sys, weakref
from unittest.mock import patch

class Gone: pass

def in_a_callback():
    gone = Gone()
    kept = weakref.ref(gone, lambda _gone: os.kill(os.getpid(), signal.SIGINT))
    del gone

def in_a_library():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except (KeyboardInterrupt, SystemExit) as error:
        raise ImportError("initialization failed") from error

def called(words):
    from streamdepth.cli.signals import handled_signals
    if sys.argv[2] == "loading":
        globals()[sys.argv[1]]()
    class Run:
        def stop(self): return False
    with handled_signals(Run(), lambda: None, leaves_parts=False):
        globals()[sys.argv[1]]()
        if sys.argv[1] == "in_a_callback":
            return 130  # as a run does, which was asked to stop
    print("it ran")

from streamdepth.cli.entry import main

with patch("streamdepth.cli.app._called", called):
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself this signal there")
@pytest.mark.parametrize("where", ["in_a_callback", "in_a_library"])
@pytest.mark.parametrize("when", ["loading", "before the run is under way"])
def test_ctrl_c_of_which_the_exception_is_lost_ends_the_command_all_the_same(tmp_path, where, when):
    (tmp_path / "interrupted.py").write_text(LOST)
    command = [sys.executable, "-m", "interrupted", where, when]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
