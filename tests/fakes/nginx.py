"""A real nginx with the site files of deploy/nginx, on free ports of this machine."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from depth_services import Said, until
from places import REPOSITORY
from ports import free_port

DEPLOY = REPOSITORY / "deploy"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
needs_nginx = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not installed (apt install nginx openssl)",
)
MAIN = """\
daemon off;
pid {folder}/pid;
user root;
worker_processes 1;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {sites}
}}
"""
BOUND = 20.0


@dataclass(frozen=True)
class Front:
    """nginx, asked over TLS."""

    port: int
    folder: Path

    def connection(self, source=None):
        trust = ssl.create_default_context(cafile=str(self.folder / "secrets" / "tls" / "fullchain.pem"))
        return http.client.HTTPSConnection(
            "localhost", self.port, timeout=BOUND, context=trust, source_address=source
        )

    def reload(self):
        """Read the site anew, as for a new certificate."""
        os.kill(int((self.folder / "pid").read_text()), signal.SIGHUP)

    def ask(self, path, body=None, *, source=None, method=None, **headers):
        connection = self.connection(source)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method or ("GET" if body is None else "POST"), path, body, given)
            answer = connection.getresponse()
            return Said(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextmanager
def running_nginx(folder, *upstreams, sites=("upstreams.conf", "streamdepth.conf")):
    """Before the ports of `upstreams`; `folder` gets the secrets that deploy/make_secrets writes."""
    folder.mkdir(exist_ok=True)
    make_secrets(folder)
    port, plain = free_port(), free_port()
    texts = [(DEPLOY / "nginx" / name).read_text() for name in sites]
    site = moved("\n".join(texts), folder / "secrets" / "tls", (port, plain), upstreams)
    with nginx_of(folder, site, port):
        yield Front(port, folder)


@contextmanager
def below_a_path(folder, upstream):
    """A host that has a service at /depth/ by deploy/nginx/path.conf; its address.

    It has it at /without as well, as a proxy has it that adds no slash, and at /bare, as one that takes it away.
    """
    port, place = free_port(), f"http://127.0.0.1:{upstream}"
    text = (DEPLOY / "nginx" / "path.conf").read_text()
    assert text.count("http://127.0.0.1:8000/") == 1
    removed = "rewrite ^/without$ / break; rewrite ^/without(/.*) $1 break;"
    without = f"location /without {{ {removed} proxy_pass {place}; proxy_set_header Host $http_host; }}"
    bare = (
        f"location = /bare/ {{ return 308 http://$http_host/bare; }}\n{without.replace('/without', '/bare')}"
    )
    locations = text.replace("http://127.0.0.1:8000", place)
    with nginx_of(folder, f"server {{ listen 127.0.0.1:{port};\n{locations}\n{without}\n{bare} }}", port):
        yield f"http://127.0.0.1:{port}/depth"


@contextmanager
def processes_below_a_path(folder, *upstreams):
    """A host that has several processes at /depth/ by deploy/nginx/path-processes.conf; its address."""
    port = free_port()
    shared, locations = (
        (DEPLOY / "nginx" / name).read_text() for name in ("upstreams.conf", "path-processes.conf")
    )
    host = f"server {{ listen 127.0.0.1:{port};\n{locations} }}"
    with nginx_of(folder, moved(f"{shared}\n{host}", "", (port, port), upstreams), port):
        yield f"http://127.0.0.1:{port}/depth"


@contextmanager
def nginx_of(folder, site, port):
    """With one site, until it answers."""
    conf = folder / "nginx.conf"
    conf.write_text(MAIN.format(folder=folder, sites=site))
    process = subprocess.Popen([NGINX, "-p", folder, "-c", conf], stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: process.poll() is not None or answers(port))
        assert process.poll() is None, process.communicate()[1]
        yield
    finally:
        process.terminate()
        process.communicate(timeout=BOUND)


def make_secrets(folder):
    subprocess.run(
        [DEPLOY / "make_secrets", "localhost", folder / "secrets"],
        check=True,
        capture_output=True,
        timeout=60,
    )


def moved(text, tls, ports, upstreams):
    """A site with other ports and places, and otherwise as it is."""
    port, plain = ports
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"listen (443|8443) ssl", f"listen 127.0.0.1:{port} ssl", text)
    text = re.sub(r"listen 80;", f"listen 127.0.0.1:{plain};", text)
    places = list(dict.fromkeys(re.findall(r"server 127\.0\.0\.1:\d+", text)))
    assert len(places) == len(upstreams)
    new = {place: f"server 127.0.0.1:{upstream}" for place, upstream in zip(places, upstreams, strict=True)}
    text = re.sub("|".join(map(re.escape, places)), lambda found: new[found[0]], text)
    return text.replace("/etc/streamdepth/tls", str(tls))


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
