from places import REPOSITORY

from streamdepth import packages


def test_torch_for_processors_is_asked_for_as_the_readme_does_where_no_nvidia_card_is(monkeypatch):
    monkeypatch.setattr(packages.sys, "platform", "linux")
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    command = packages.how_to_install("torch")
    assert "--index-url" in command
    assert f"{command}    # on Linux without an NVIDIA card" in (REPOSITORY / "README.md").read_text("utf-8")
    assert packages.how_to_install("openvino") == "pip install openvino"
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert packages.how_to_install("torch") == "pip install torch"
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    monkeypatch.setattr(packages.sys, "platform", "darwin")
    assert packages.how_to_install("torch") == "pip install torch"


def test_a_package_is_looked_for_without_being_imported():
    assert packages.is_installed("numpy")
    assert not packages.is_installed("no_such_package_anywhere")
