#!/usr/bin/env bash
# Ray 2.60.0 asks three clouds where it runs, and reports to its makers, with its usage statistics turned off.
#
# Guess:     RAY_USAGE_STATS_ENABLED=0 ends what is reported and what is collected for it; a Ray of this machine, without a
#            dashboard, talks to its own processes and to nobody else.
# Behaviour: include_dashboard=False leaves a dashboard process with the part for usage statistics in it. That part asks the
#            metadata addresses of Amazon, Azure and Google by HTTP before it looks whether anybody wants to know, at each
#            ray.init(). A cluster that was begun by `ray start` then reports that reports are turned off.
# Seen:      ray.init()  GET http://169.254.169.254/latest/meta-data/
#                        GET http://169.254.169.254/metadata/instance
#                        GET http://metadata.google.internal/computeMetadata/v1
#            ray start   the same, and CONNECT usage-stats.ray.io:443
#
# It matters on a farm of machines that may reach nothing outside, where every such try is an alarm.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network (80 MB); writes to a temporary folder only.
# A proxy of its own notes what Ray asks for, and passes nothing on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet ray==2.60.0
cat >init.py <<'PYTHON'
import sys
import time

import ray

ray.init(num_cpus=1, include_dashboard=False, object_store_memory=80 << 20, _temp_dir=sys.argv[1])
time.sleep(60)
PYTHON
venv/bin/python - <<'PYTHON'
import contextlib
import http.server
import os
import signal
import subprocess
import threading
import time

CLOUDS = {
    "GET http://169.254.169.254/latest/meta-data/",
    "GET http://169.254.169.254/metadata/instance",
    "GET http://metadata.google.internal/computeMetadata/v1",
}
REPORT = "CONNECT usage-stats.ray.io:443"
asked = set()


class Proxy(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        asked.add(f"{self.command} {self.path.split('?')[0]}")
        self.send_error(403)

    do_GET = do_PUT = do_POST = do_CONNECT = refuse

    def log_message(self, *_):
        pass


proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{proxy.server_port}"
off = {"RAY_USAGE_STATS_ENABLED": "0", "http_proxy": address, "https_proxy": address, "no_proxy": ""}


def seen(command, expected):
    """What is asked for until all of `expected` was, for a minute at most, and some seconds more."""
    asked.clear()
    process = subprocess.Popen(command, env=os.environ | off, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + 60
    while not expected <= asked and time.monotonic() < until and process.poll() is None:
        time.sleep(0.2)
    time.sleep(5)
    found = set(asked)
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(30)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    return found


here = os.getcwd()
start = ["venv/bin/ray", "start", "--head", "--block", "--port=0", "--include-dashboard=false", "--num-cpus=1",
         "--object-store-memory=80000000", "--node-ip-address=127.0.0.1", f"--temp-dir={here}/b"]  # fmt: skip
for name, command, expected in (
    ("ray.init()", ["venv/bin/python", "init.py", f"{here}/a"], CLOUDS),
    ("ray start", start, CLOUDS | {REPORT}),
):
    found = seen(command, expected)
    print(name, *sorted(found), sep="\n    ")
    assert found == expected, f"expected {sorted(expected)}"
PYTHON
