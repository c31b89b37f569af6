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
from streamdepth.server.jobs.redis_store import DURABLE
from streamdepth.server.worker import PATIENCE


def resources(folder):
    """What `kubectl apply -k` applies of a folder's own files."""
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [folder / name for name in named if name.endswith(".yaml")]


JOBS = DEPLOY / "kubernetes-jobs"
KUBERNETES = resources(DEPLOY / "kubernetes")
OF_OTHERS = {JOBS / "scaler.yaml", JOBS / "monitor.yaml"}
"""Of kinds that KEDA and Prometheus' operator bring, for which the schemas of Kubernetes have nothing."""
FOR_JOBS = [path for path in resources(JOBS) if path not in OF_OTHERS]
COMPOSE = yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNITS = DEPLOY / "systemd"
UNIT = UNITS / "streamdepth-serve@.service"
WORKER_UNIT = UNITS / "streamdepth-worker@.service"
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


def jobs_of(name):
    return yaml.safe_load((JOBS / f"{name}.yaml").read_text())


def patched(what, patch):
    """A resource with a patch of ours: additions at the end of lists (RFC 6902)."""
    for step in jobs_of(patch):
        *path, last = step["path"].strip("/").split("/")
        assert (step["op"], last) == ("add", "-")
        place = what
        for word in path:
            place = place[int(word) if isinstance(place, list) else word]
        place.append(step["value"])
    return what


def with_jobs():
    return patched(the("Deployment"), "serve-patch")


def container_of(deployment):
    (one,) = deployment["spec"]["template"]["spec"]["containers"]
    return one


@pytest.mark.parametrize("path", KUBERNETES + FOR_JOBS, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_kubernetes_would_take_it(path, version):
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), version, strict=True)


@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_kubernetes_would_take_it_with_jobs(version):
    kubernetes_validate.validate(with_jobs(), version, strict=True)
    kubernetes_validate.validate(patched(the("NetworkPolicy"), "network-patch"), version, strict=True)
    (folder,) = {path.parent for path in KUBERNETES}
    assert {*folder.glob("*.yaml")} == {*KUBERNETES, folder / "kustomization.yaml"}, "each is applied"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_makes_of_it_what_is_tested_here():
    command = ["kubectl", "kustomize", JOBS]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    resources_made = [*yaml.safe_load_all(made)]
    assert with_jobs() in resources_made
    assert patched(the("NetworkPolicy"), "network-patch") in resources_made
    assert {one["kind"] for one in resources_made} > {"PodMonitor", "ScaledObject", "Ingress", "StatefulSet"}


def test_service_and_workers_in_kubernetes_share_redis_and_volume(tmp_path):
    serve, worker = with_jobs(), jobs_of("worker")
    settings = serves(container_of(serve)["args"], tmp_path)
    words = container_of(worker)["args"]
    options = options_of(words)["options"]
    assert settings.jobs == options.jobs
    assert settings.jobs_store == options.jobs_store == "redis://streamdepth-redis:6379"
    assert jobs_of("redis-service")["metadata"]["name"] == "streamdepth-redis"
    for one in (serve, worker):
        mounts = {mount["name"]: mount["mountPath"] for mount in container_of(one)["volumeMounts"]}
        assert mounts["jobs"] == str(settings.jobs)
        claims = [
            volume["persistentVolumeClaim"]["claimName"]
            for volume in one["spec"]["template"]["spec"]["volumes"]
            if volume["name"] == "jobs"
        ]
        assert claims == [jobs_of("volume")["metadata"]["name"]]
    assert options.threads == int(container_of(worker)["resources"]["requests"]["cpu"])
    assert worker["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > PATIENCE + 10
    labels = worker["spec"]["template"]["metadata"]["labels"]
    assert worker["spec"]["selector"]["matchLabels"] == labels
    assert jobs_of("network-policy")["spec"]["podSelector"]["matchLabels"] == labels
    assert jobs_of("scaler")["spec"]["scaleTargetRef"]["name"] == worker["metadata"]["name"]


def test_prometheus_may_ask_the_pods_whose_jobs_are_counted(tmp_path):
    (endpoint,), labels = (
        jobs_of("monitor")["spec"]["podMetricsEndpoints"],
        the("Deployment")["spec"]["selector"],
    )
    assert jobs_of("monitor")["spec"]["selector"] == labels
    assert endpoint["port"] in {port["name"] for port in container_of(the("Deployment"))["ports"]}
    credentials = endpoint["authorization"]["credentials"]
    (volume,) = (
        one for one in the("Deployment")["spec"]["template"]["spec"]["volumes"] if one["name"] == "tokens"
    )
    assert credentials["name"] == volume["secret"]["secretName"]
    make_secrets(tmp_path)
    assert (tmp_path / "secrets" / credentials["key"]).is_file()
    created = re.search(
        r"create secret generic (.*)", (REPOSITORY / "docs" / "guide" / "deploy.md").read_text()
    )
    assert created[1].split() == [
        credentials["name"],
        "--from-file=deploy/secrets/tokens",
        f"--from-file=deploy/secrets/{credentials['key']}",
    ]


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
    one = container_of(the("Deployment"))
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
    worker = options_of(services["worker"]["command"])["options"]
    assert (worker.jobs, worker.jobs_store) == (settings.jobs, settings.jobs_store)
    assert settings.jobs_store == "redis://redis:6379"
    assert services["worker"]["volumes"] == services["service"]["volumes"] == [f"jobs:{settings.jobs}"]
    assert f"install -d -o 10001 -g 10001 {settings.jobs}" in DOCKERFILE, "or it could not be written to"
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


@pytest.mark.parametrize(
    "words", [COMPOSE["services"]["redis"]["command"], container_of(jobs_of("redis"))["args"]]
)
def test_redis_loses_nothing_where_nothing_may_be_lost(words):
    assert {name: words[words.index(f"--{name}") + 1] for name in DURABLE} == DURABLE


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


def settings_in(unit):
    lines = unit.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def started_by(unit):
    path, *words = shlex.split(settings_in(unit)["ExecStart"].replace("%i", "8001").replace("%S", "/var/lib"))
    assert path == IN_IMAGE
    return words


def test_the_words_of_the_units_parse_and_service_and_worker_share_their_jobs(tmp_path):
    alone, settings = serves(started_by(UNIT), tmp_path), serves(started_by(UNITS / "jobs.conf"), tmp_path)
    assert alone.port == settings.port == 8001
    worker = options_of(started_by(WORKER_UNIT))["options"]
    assert (worker.jobs, worker.jobs_store) == (settings.jobs, settings.jobs_store)
    of_worker = settings_in(WORKER_UNIT)
    assert of_worker["User"] == settings_in(UNIT)["User"]
    assert (
        of_worker["StateDirectory"]
        == settings_in(UNITS / "jobs.conf")["StateDirectory"]
        == settings.jobs.name
    )


@pytest.mark.parametrize("words", [started_by(UNIT), started_by(UNITS / "jobs.conf")], ids=["alone", "jobs"])
def test_a_unit_that_takes_cameras_may_ask_for_the_addresses_of_its_machine(tmp_path, words):
    assert serves(words, tmp_path).live.cameras != 0
    assert "AF_NETLINK" in settings_in(UNIT)["RestrictAddressFamilies"].split()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", [UNIT, WORKER_UNIT], ids=lambda path: path.stem)
def test_systemd_accepts_the_unit(tmp_path, path):
    unit = tmp_path / path.name
    unit.write_text(path.read_text().replace(IN_IMAGE, shutil.which("true")))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "streamdepth" in line]
    assert (done.returncode, ours) == (0, [])
