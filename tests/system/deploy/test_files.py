"""What deploy/ holds fits together and fits the command: words parse, what is mounted is there, schemas hold."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml
from nginx import DEPLOY, make_secrets
from places import REPOSITORY

from streamdepth.cli.app import app
from streamdepth.cli.commands.serve import settings_of
from streamdepth.http.health import ALIVE, READY
from streamdepth.http.tokens import Tokens
from streamdepth.server.app import OPEN

KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
COMPOSE = yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNIT = DEPLOY / "systemd" / "streamdepth-serve@.service"
IN_IMAGE = "/opt/streamdepth/bin/streamdepth"


def options_of(words):
    """What the command line makes of the words after `streamdepth`."""
    _, bound, _ = app.parse_args(list(words))
    return bound.arguments


def serves(words, folder):
    """The settings of a `serve` whose file of tokens is one that deploy/make_secrets writes."""
    make_secrets(folder)
    tokens = str(folder / "secrets" / "tokens")
    return settings_of(
        options_of([re.sub(r"[^=]*/tokens$", lambda _: tokens, word) for word in words])["options"]
    )


def the(kind):
    (found,) = (
        one for one in map(yaml.safe_load, (p.read_text() for p in KUBERNETES)) if one["kind"] == kind
    )
    return found


def container():
    (one,) = the("Deployment")["spec"]["template"]["spec"]["containers"]
    return one


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_kubernetes_would_take_it(path, version):
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), version, strict=True)


def test_a_wrong_word_for_kubernetes_would_be_found():
    wrong = the("Deployment")
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.30", strict=True)


def test_everything_in_kubernetes_means_the_same_pods():
    labels = the("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert the("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert the("Service")["spec"]["selector"] == labels
    assert the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert the("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "streamdepth"


def test_the_certificate_of_the_ingress_is_that_of_its_name():
    spec = the("Ingress")["spec"]
    assert [rule["host"] for rule in spec["rules"]] == [host for one in spec["tls"] for host in one["hosts"]]


def test_what_kubernetes_starts_serves_with_tokens_and_is_asked_where_it_answers(tmp_path):
    one = container()
    settings = serves(one["args"], tmp_path)
    assert settings.tokens
    assert settings.port == one["ports"][0]["containerPort"]
    mounts = {mount["mountPath"]: mount["name"] for mount in one["volumeMounts"]}
    assert mounts["/run/secrets/streamdepth"] == "tokens"
    paths = {name: one[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": READY, "readiness": READY, "liveness": ALIVE}
    assert set(paths.values()) <= set(OPEN)  # probes have no token
    grace = the("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace >= 5 + 2 * settings.limits.answer_seconds
    assert options_of(one["args"])["options"].lanes == int(one["resources"]["requests"]["cpu"])


def test_what_compose_starts_serves_and_what_it_mounts_is_there(tmp_path):
    services = COMPOSE["services"]
    settings = serves(services["service"]["command"], tmp_path)
    assert settings.cache.place == "redis://cache:6379"
    assert "cache" in services
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        for volume in service.get("volumes", ()):
            place = volume.split(":")[0]
            if place.startswith("./secrets/"):
                assert (tmp_path / place).exists(), volume
            elif place.startswith("."):
                assert (DEPLOY / place).exists(), volume
            else:
                assert place in COMPOSE["volumes"], volume
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
    for secret in COMPOSE["secrets"].values():
        assert (tmp_path / secret["file"]).is_file()
    open_to_all = [port for one in services.values() for port in one.get("ports", ()) if port.count(":") == 1]
    assert open_to_all == ["80:80", "443:443"]  # nginx


def test_redis_loses_nothing_where_nothing_may_be_lost():
    words = COMPOSE["services"]["redis"]["command"]
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--appendfsync") + 1] == "always"


def test_prometheus_and_clients_have_their_tokens(tmp_path):
    make_secrets(tmp_path)
    make_secrets(tmp_path)  # which keeps what is there
    folder = tmp_path / "secrets"
    tokens = Tokens.read(folder / "tokens")
    assert len(tokens.secrets) == 2
    assert tokens.allow((folder / "metrics_token").read_text())
    assert (folder.stat().st_mode & 0o777) == 0o700


def test_what_the_image_starts_and_asks_for_its_health_parses(tmp_path):
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    settings = serves(json.loads(command), tmp_path)
    (probe,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    name, *words = json.loads(probe)
    assert name == "streamdepth"
    assert options_of(words)["url"].endswith(f":{settings.port}")
    assert not re.search(r"^USER (root|0)", DOCKERFILE, re.MULTILINE)
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    for place in ("streamdepth", "pyproject.toml", "README.md", "LICENSE", "requirements-light.txt"):
        assert f"!{place}" in ignored
        assert (REPOSITORY / place).exists()


def test_the_image_has_an_opencv_without_windows():
    script = (DEPLOY / "image" / "install").read_text()
    (words,) = re.findall(r"^sed '(s/.*/)' \"\$source/requirements-light", script, re.MULTILINE)
    done = subprocess.run(
        ["sed", words, REPOSITORY / "requirements-light.txt"], capture_output=True, text=True, check=True
    )
    named = [line.split(">")[0] for line in done.stdout.splitlines() if not line.startswith("#")]
    assert "opencv-python-headless" in named
    assert {"opencv-python", "torch", "openvino", "onnx"}.isdisjoint(named)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit_and_its_words_parse(tmp_path):
    text = UNIT.read_text()
    settings = dict(
        line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#")
    )
    words = [word.replace("%i", "8001") for word in shlex.split(settings["ExecStart"])]
    assert words[0] == IN_IMAGE
    assert serves(words[1:], tmp_path).port == 8001
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace(IN_IMAGE, shutil.which("true")))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "streamdepth" in line]
    assert (done.returncode, ours) == (0, [])
