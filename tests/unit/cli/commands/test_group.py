from __future__ import annotations

from streamdepth.cli.commands.group import beat


class Manager:
    def __init__(self, beat_every):
        self.beat_every, self.said = beat_every, []

    def ready(self):
        self.said.append("ready")

    def alive(self):
        self.said.append("alive")


def beats(beat_every, moments):
    manager, clock = Manager(beat_every), iter(moments)
    tell = beat(manager, lambda: next(clock))
    for _ in moments:
        tell()
    return manager.said


def test_the_group_is_ready_at_once_and_alive_as_often_as_it_is_wanted():
    assert beats(5.0, [0.0, 0.2, 5.1, 5.2, 10.2]) == ["ready", "alive", "alive", "alive"]
    assert beats(0.0, [0.0, 0.2, 5.1]) == ["ready"]
