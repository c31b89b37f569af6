from __future__ import annotations

import sys

import pytest

import streamdepth.cli
from streamdepth.cli.entry import main


class Interrupted:
    """Somebody hits Ctrl-C while a module is imported."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "streamdepth.cli.app":
            raise KeyboardInterrupt


def test_ctrl_c_while_the_command_itself_is_imported_leaves_without_a_traceback(monkeypatch):
    monkeypatch.delitem(sys.modules, "streamdepth.cli.app", raising=False)
    monkeypatch.delattr(streamdepth.cli, "app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 130
