from __future__ import annotations

from streamdepth.cli.commands.group import beat, notice_edits


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


def test_who_edits_the_file_of_the_cameras_is_told_once_that_it_takes_a_new_start(tmp_path):
    path, said, now = tmp_path / "house.toml", [], [0.0]
    path.write_text("[front]\n")
    look = notice_edits(path, said.append, lambda: now[0])

    def looked(seconds):
        now[0] += seconds
        look()
        return len(said)

    assert looked(6.0) == 0
    path.unlink()  # as some editors do before they write
    assert looked(6.0) == 0
    path.write_text("[front]\nmax-fps = 5\n")
    assert looked(1.0) == 0, "it is not looked at ten times a second"
    assert looked(6.0) == looked(6.0) == 1
    assert said[0].line == f"{path} was changed; it is read at the start alone (start again to use it)"
    assert not said[0].is_warning
    path.write_text("[yard]\n")
    assert looked(6.0) == 2
