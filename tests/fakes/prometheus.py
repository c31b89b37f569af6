"""A real Prometheus with the rules of deploy/prometheus."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest
import yaml
from depth_services import until
from nginx import BOUND, DEPLOY
from ports import free_port

PROMETHEUS = shutil.which("prometheus")
needs_prometheus = pytest.mark.skipif(
    PROMETHEUS is None, reason="prometheus is not installed (apt install prometheus)"
)


class Asked:
    """Its HTTP API."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, path, **query):
        address = f"{self._url}/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=BOUND) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """What is found: (labels, value) each."""
        return [
            (one["metric"], float(one["value"][1])) for one in self.ask("query", query=expression)["result"]
        ]


@contextmanager
def running_prometheus(folder, port, token):
    """It asks a service on `port` every second, in which it has to be answered."""
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "250ms"}
    config["rule_files"] = [str(DEPLOY / "prometheus" / "rules.yaml")]
    (job,) = config["scrape_configs"]
    del job["dns_sd_configs"]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    (folder / "token").write_text(token)
    job["authorization"]["credentials_file"] = str(folder / "token")
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    own = free_port()
    command = [
        PROMETHEUS,
        f"--config.file={folder}/prometheus.yaml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{own}",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        asked = Asked(own)
        until(lambda: process.poll() is not None or answers(asked), 60)
        assert process.poll() is None, (folder / "log").read_text()
        yield asked
    finally:
        process.terminate()
        process.wait(BOUND)


def answers(asked):
    try:
        return asked.query("vector(1)") != []
    except OSError:
        return False
