"""scripts/setup with package indexes on loopback: where it takes PyTorch from."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from places import REPOSITORY

CONSTRAINED = next(
    line.partition("==")[2]
    for line in (REPOSITORY / "scripts" / "package" / "constraints.txt").read_text().splitlines()
    if line.startswith("torch==")
)
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import shutil
def build_editable(folder, settings=None, metadata=None):
    shutil.copy("small-1-py3-none-any.whl", folder)
    return "small-1-py3-none-any.whl"
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the CPU build is another one on Linux only")


def make_wheel(path, name, version, needs="", module=""):
    """A wheel of one module that says its version."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **({f"{module}.py": ""} if module else {}),
    }
    record = ""
    for file, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{file},sha256={digest},{len(text)}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in (files | {f"{info}/RECORD": record + f"{info}/RECORD,,\n"}).items():
            wheel.writestr(file, text)


def make_index(folder, version):
    """What a static simple index with torch of this version looks like."""
    (folder / "torch").mkdir(parents=True)
    name = f"torch-{version}-py3-none-any.whl"
    make_wheel(folder / "torch" / name, "torch", version)
    (folder / "torch" / "index.html").write_text(f'<a href="{name}">{name}</a>')


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@contextmanager
def served(folder):
    """The address at which the folder is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment with nothing but pip, to copy."""
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=110)
    return folder


@pytest.fixture
def checkout(environment, tmp_path):
    """What the script needs of a checkout, with a project that needs torch and has OpenCV's name in it."""
    folder = tmp_path / "checkout"
    (folder / "scripts" / "package").mkdir(parents=True)
    for name in ("setup", "package/constraints.txt"):
        shutil.copy(REPOSITORY / "scripts" / name, folder / "scripts" / name)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    make_wheel(folder / "small-1-py3-none-any.whl", "small", "1", "Requires-Dist: torch\n", module="cv2")
    shutil.copytree(environment, folder / ".venv", symlinks=True)
    make_index(tmp_path / "usual", CONSTRAINED)
    return folder


def set_up(checkout, cpu_index, first=()):
    """What the script said, and the version of torch that is there then."""
    with served(checkout.parent / "usual") as usual:
        done = subprocess.run(
            [checkout / "scripts" / "setup"],
            env={
                "PATH": os.pathsep.join([*map(str, first), os.defpath]),
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_INDEX_URL": usual,
                "PIP_NO_CACHE_DIR": "1",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "PYTHON": sys.executable,
                "STREAMDEPTH_TORCH_INDEX": cpu_index,
            },
            capture_output=True,
            text=True,
            timeout=110,
        )
    assert done.returncode == 0, done.stderr
    python = checkout / ".venv" / "bin" / "python"
    asked = [python, "-c", "import torch; print(torch.version)"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    return done.stderr, found.stdout.strip()


def test_without_an_nvidia_card_torch_comes_from_the_index_of_cpu_builds(checkout, tmp_path):
    make_index(tmp_path / "cpu", f"{CONSTRAINED}+cpu")
    with served(tmp_path / "cpu") as cpu:
        assert set_up(checkout, cpu.rstrip("/")) == ("", f"{CONSTRAINED}+cpu")


def test_where_that_index_has_no_fitting_torch_the_usual_one_is_taken_and_said(checkout, tmp_path):
    make_index(tmp_path / "cpu", "1.0+cpu")
    with served(tmp_path / "cpu") as cpu:
        said, version = set_up(checkout, cpu)
    assert version == CONSTRAINED
    assert said.splitlines()[-1].startswith(
        f"scripts/setup: no PyTorch from {cpu}; the usual index may bring CUDA"
    )


def test_an_index_that_says_nothing_is_given_up(checkout):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said, version = set_up(checkout, f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert version == CONSTRAINED
    assert len(said.splitlines()) == 1


def test_with_an_nvidia_card_the_usual_index_is_asked_alone(checkout, tmp_path):
    make_index(tmp_path / "cpu", f"{CONSTRAINED}+cpu")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "nvidia-smi").symlink_to("/bin/true")
    with served(tmp_path / "cpu") as cpu:
        assert set_up(checkout, cpu, first=[tmp_path / "bin"]) == ("", CONSTRAINED)


def test_a_torch_that_is_there_already_stays(checkout, tmp_path):
    make_index(tmp_path / "cpu", f"{CONSTRAINED}+cpu")
    with served(tmp_path / "cpu") as cpu:
        set_up(checkout, cpu)
    (checkout / ".venv" / "installed").unlink()
    assert set_up(checkout, "http://127.0.0.1:9") == ("", f"{CONSTRAINED}+cpu")


def test_readme_names_the_index_that_the_script_takes():
    index = "https://download.pytorch.org/whl/cpu"
    assert f"STREAMDEPTH_TORCH_INDEX:-{index}}}" in (REPOSITORY / "scripts" / "setup").read_text()
    assert f"pip install torch --index-url {index}" in (REPOSITORY / "README.md").read_text()
