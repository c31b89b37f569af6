#!/usr/bin/env bash
# Ray 2.60.0 leaves a token in the home of whoever tries it, and a cluster of the next day refuses its own machines.
#
# Guess:     tokens are there for who turns them on with RAY_AUTH_MODE=token. Where they are on because of a file, whoever
#            has the same file sends what stands in it.
# Behaviour: ray.init() without an address makes ~/.ray/auth_token. From then on `ray start --head` of that user asks
#            everybody for the token, since the file is there. `ray start --address` and ray.init() with the address of
#            that head do not look for the file, and are refused, on the same machine and in the same home, too.
# Seen:      before      ray.init(ADDRESS)    connected
#            after       ray start --address  InvalidAuthToken
#            after       ray.init(ADDRESS)    InvalidAuthToken
#            with RAY_AUTH_MODE=token         started, connected
#
# It matters where a cluster is begun by hand and joined by a program: it works until somebody on that machine has once
# tried Ray alone, and then needs RAY_AUTH_MODE=token before each command.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network (80 MB); writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet ray==2.60.0
cat >init.py <<'PYTHON'
import os
import sys

import ray

if sys.argv[1:]:
    ray.init(sys.argv[1], log_to_driver=False)
else:
    ray.init(num_cpus=1, include_dashboard=False, object_store_memory=80 << 20, _temp_dir=f"{os.getcwd()}/alone")
print("connected")
PYTHON
venv/bin/python - <<'PYTHON'
import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

HOME = Path.cwd()
AROUND = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
AROUND |= {"HOME": str(HOME), "RAY_USAGE_STATS_ENABLED": "0"}
START = ["venv/bin/ray", "start", "--block", "--num-cpus=1", "--object-store-memory=80000000"]
WORDS = {"InvalidAuthToken": "InvalidAuthToken", "Ray runtime started": "started", "connected\n": "connected"}
running = []


def told(command, **more):
    """What it comes to, within three minutes; it goes on running."""
    log = HOME / f"{len(running)}.log"
    with log.open("wb") as file:
        running.append(subprocess.Popen(command, env=AROUND | more, stdout=file, stderr=file, start_new_session=True))
    until, is_over = time.monotonic() + 180, False
    while not is_over and time.monotonic() < until:
        is_over = running[-1].poll() is not None
        for word, meant in WORDS.items():
            if word in log.read_text(errors="replace"):
                return meant
        time.sleep(0.2)
    return f"something else:\n{log.read_text(errors='replace')}"


def end():
    """All that was begun."""
    while running:
        process = running.pop()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)


def head(name):
    """The address of one that was begun."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    seen = told([*START, "--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={HOME}/{name}"])
    assert seen == "started", seen
    return f"127.0.0.1:{port}"


def expect(name, expected, command, **more):
    seen = told(command, **more)
    print(f"{name:<44}{seen}")
    assert seen == expected, f"expected {expected}"


token = {"RAY_AUTH_MODE": "token"}
init = ["venv/bin/python", "init.py"]
try:
    address = head("a")
    expect("before: ray.init(ADDRESS)", "connected", [*init, address])
    end()
    assert not (HOME / ".ray" / "auth_token").exists()
    expect("ray.init()", "connected", init)
    end()
    assert (HOME / ".ray" / "auth_token").exists()
    address = head("b")
    node = [*START, f"--address={address}"]
    expect("after: ray start --address", "InvalidAuthToken", node)
    expect("after: ray.init(ADDRESS)", "InvalidAuthToken", [*init, address])
    expect("RAY_AUTH_MODE=token: ray start --address", "started", node, **token)
    expect("RAY_AUTH_MODE=token: ray.init(ADDRESS)", "connected", [*init, address], **token)
finally:
    end()
PYTHON
