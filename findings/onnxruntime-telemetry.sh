#!/usr/bin/env bash
# onnxruntime 1.32.0 (Linux, as pip installs it; since 1.29) reports its use although disable_telemetry_events() is called.
#
# Guess:     onnxruntime.disable_telemetry_events(), called right after the import and before the first session, keeps
#            telemetry off, as its name says; a Linux wheel has none anyway, as docs/Privacy.md said for years.
# Behaviour: the import writes a lasting device id and a database of events into the user's cache folder and, some
#            seconds later, asks the name server for a host of Microsoft's, with or without the call. The variable
#            ORT_DISABLE_TELEMETRY=1 prevents both, but only if it is there before the import; it may go after it.
# Seen:      with the call                     2 files, mobile.events.data.microsoft.com
#            with the variable before           0 files, no name
#            with the variable after the import 2 files, mobile.events.data.microsoft.com
#
# Fails where that changes. Needs Python 3.11 or newer, the network for pip, unshare and ip; writes to a temporary
# folder only. The programs themselves run in a network namespace without an outside.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnxruntime==1.32.0

cat >watch.py <<'PYTHON'
import os, socket, subprocess, sys, threading

asked = set()

def serve(server):
    while True:
        query, sender = server.recvfrom(4096)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        asked.add(".".join(labels))
        server.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:], sender)

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("resolv.conf", "w") as settings:
    settings.write("nameserver 127.0.0.1\n")
subprocess.run(["mount", "--bind", "resolv.conf", "/etc/resolv.conf"], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
threading.Thread(target=serve, args=(server,), daemon=True).start()
os.mkdir(sys.argv[1])
environment = {"PATH": os.environ["PATH"], "HOME": os.path.abspath(sys.argv[1])}
subprocess.run([sys.executable, "-c", sys.argv[2] + "\nimport time; time.sleep(25)"], env=environment, check=True)
files = sorted(name for _, _, names in os.walk(sys.argv[1]) for name in names)
print(" ".join(files), "|", " ".join(sorted(asked)))
PYTHON

as_root=()
[ "$(id -u)" = 0 ] || as_root=(--user --map-root-user)
look() { unshare "${as_root[@]}" --net --mount venv/bin/python watch.py "$1" "$2"; }
expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || { echo "changed: it was: $3" >&2; exit 1; }
}
reported="deviceid onnxruntime.db | mobile.events.data.microsoft.com"
expect "with the call" "$(look called 'import onnxruntime; onnxruntime.disable_telemetry_events()')" "$reported"
expect "with the variable before" \
    "$(look before 'import os; os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime; del os.environ["ORT_DISABLE_TELEMETRY"]')" " | "
expect "with the variable after the import" \
    "$(look after 'import os, onnxruntime; os.environ["ORT_DISABLE_TELEMETRY"] = "1"')" "$reported"
