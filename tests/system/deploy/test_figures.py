"""The dashboard and the alerts of deploy/ in a real Prometheus that asks a real service."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from depth_services import PATIENT, Network, filled, running_depth, until
from nginx import DEPLOY
from pictures import encoded, picture
from prometheus import needs_prometheus, running_prometheus

from streamdepth.http.tokens import Tokens
from streamdepth.server.admission import DEPTH, INFER
from streamdepth.server.settings import Limits

DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())["groups"][0]["rules"]
NAME = re.compile(r"\b(?:streamdepth|process)_\w+")
TOKEN = "a-token-of-a-client"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content_Type": "application/octet-stream"}


def queries():
    """Every query of the dashboard, with what Grafana puts into it."""
    targets = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [one["expr"].replace("$__rate_interval", "5s").replace("$instance", ".*") for one in targets]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A Prometheus that has seen a service answer, refuse, and keep answers."""
    network, data = Network(), encoded(".png", picture(64, 48))
    jobs = tmp_path_factory.mktemp("jobs")
    with running_depth(network, tokens=Tokens((TOKEN,)), limits=Limits(waiting=1), jobs=jobs) as service:

        class Known:
            def ask(self, path):
                return service.ask(path, **HEADERS)

            def depth(self, body):
                return service.depth(body, **HEADERS)

        with filled(Known(), network):
            assert service.depth(encoded(".png", picture(9, 9)), **HEADERS).status == 429
        for _ in range(2):  # the second comes from the cache
            assert service.depth(data, **HEADERS).status == 200
        folder = tmp_path_factory.mktemp("prometheus")
        with running_prometheus(folder, service.url.rpartition(":")[2], TOKEN) as prometheus:
            refused = 'rate(streamdepth_requests_total{status="429"}[5s])'
            until(lambda: prometheus.query(refused), PATIENT)  # which needs two looks
            yield prometheus


def test_pictures_that_are_refused_count_by_whichever_protocol_they_were_sent():
    [full] = [rule["expr"] for rule in RULES if rule["alert"] == "StreamdepthFull"]
    routes = re.findall(r'route=~"([^"]+)"', full)
    assert len(routes) == 2
    for route, taken in ((route, taken) for route in routes for taken in (DEPTH, INFER)):
        assert re.fullmatch(route, taken)
        assert not re.fullmatch(route, "/v1/jobs")


@needs_prometheus
@pytest.mark.parametrize("query", queries())
def test_each_query_of_the_dashboard_finds_something(asked, query):
    # Where the service did not answer in time, nothing is known of it for a moment.
    until(lambda: asked.query(query), PATIENT)


@needs_prometheus
def test_the_rules_are_loaded_and_an_alert_is_on_its_way_where_too_many_are_refused(asked):
    def groups():
        return asked.ask("rules")["groups"][0]["rules"]

    until(lambda: all(rule["health"] == "ok" for rule in groups()))
    assert [rule["name"] for rule in groups()] == [rule["alert"] for rule in RULES]
    (away,) = (rule["expr"] for rule in RULES if rule["alert"] == "StreamdepthAway")
    until(lambda: asked.query(away) == [] and asked.query(away.replace("== 0", "== 1")), PATIENT)


@needs_prometheus
def test_keda_counts_the_jobs(asked):
    (trigger,) = yaml.safe_load((DEPLOY / "kubernetes-jobs" / "scaler.yaml").read_text())["spec"]["triggers"]
    until(lambda: [jobs for _labels, jobs in asked.query(trigger["metadata"]["query"])] == [0], PATIENT)


def test_names_that_are_asked_for_are_those_that_the_service_gives(tmp_path):
    with running_depth(jobs=tmp_path) as service:
        service.depth(encoded(".png", picture(64, 48)))
        given = service.ask("/metrics").body.decode()
    known = set(re.findall(r"^# TYPE (\w+)", given, re.MULTILINE))
    known |= {f"{name}_{end}" for name in known for end in ("bucket", "sum", "count")}
    named = {name for rule in RULES for name in NAME.findall(rule["expr"])}
    named |= {name for query in queries() for name in NAME.findall(query)}
    assert len(named) > 8
    assert named <= known
