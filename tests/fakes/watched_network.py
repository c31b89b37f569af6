"""A network without an outside for one command: its name server counts, and so does its only line.

    unshare --net --mount python watched_network.py COMMAND ...

prints one line of JSON at the end: the status of the command, the names that were asked for, the datagrams and
connections (their packets) that went to the line.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

NEEDED = ("unshare", "ip", "mount")
BOUND = 240.0
OURS, GATEWAY = "198.51.100.1", "198.51.100.2"  # RFC 5737: nobody's
_LINE = (
    "link set lo up",
    "link add line type veth peer name end",
    f"address add {OURS}/24 dev line",
    "link set line up",
    "link set end up",
    f"neighbour add {GATEWAY} lladdr 02:00:00:00:00:02 dev line nud permanent",
    f"route add default via {GATEWAY}",
)


@dataclass(frozen=True)
class Seen:
    """What came of a command."""

    status: int
    asked: list[str]
    """Names that it asked the name server for."""
    sent: int
    """Packets to anywhere but this machine."""
    files: list[str]
    """What it left in its home folder, which was empty and has its temporary folder in it."""
    said: str


def missing() -> str:
    """Why there can be no such network here; empty where there can."""
    lacking = [tool for tool in NEEDED if shutil.which(tool) is None]
    return f"needs root and {', '.join(lacking or NEEDED)}" if lacking or os.getuid() != 0 else ""


def watch(command: list[str], folder: Path, **more: str) -> Seen:
    """Run a command in `folder`, in such a network, with an empty home folder beside it."""
    home = folder.with_name(f"{folder.name}-home")
    (home / "tmp").mkdir(parents=True)
    keep = ("PATH", "LANG", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, __file__, *command],
        cwd=folder,
        env={**environment, "HOME": str(home), "TMPDIR": str(home / "tmp"), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BOUND + 30,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the network cannot be made: {done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    files = sorted(str(path.relative_to(home)) for path in home.rglob("*") if not path.is_dir())
    return Seen(**told, files=files, said=done.stdout + done.stderr)


def _serve(server: socket.socket, asked: list[str]) -> None:
    """Answer that no name exists."""
    while True:
        query, sender = server.recvfrom(4096)
        asked.append(_name(query))
        server.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:], sender)


def _name(query: bytes) -> str:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels)


def _sent() -> int:
    lines = (line.split() for line in Path("/proc/self/net/dev").read_text().splitlines())
    return next(int(words[10]) for words in lines if words[0] == "line:")


def _make() -> None:
    for words in _LINE:
        subprocess.run(["ip", *words.split()], check=True)
        if words.startswith("link add"):
            for name in ("line", "end"):  # else IPv6 looks for neighbours by itself
                with suppress(OSError):
                    Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")


def main(command: list[str]) -> None:
    _make()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    asked: list[str] = []
    Thread(target=_serve, args=(server, asked), daemon=True).start()
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as settings:
        settings.write("nameserver 127.0.0.1\n")
        settings.flush()
        subprocess.run(["mount", "--bind", settings.name, "/etc/resolv.conf"], check=True)
        before = _sent()
        status = subprocess.run(command, timeout=BOUND, check=False).returncode
    sys.stdout.write("\n" + json.dumps({"status": status, "asked": asked, "sent": _sent() - before}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
