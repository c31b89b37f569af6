#!/usr/bin/env bash
# redis-py 8.1.0 carries a command out twice where its answer is lost: a job vanishes, and a lock is held by nobody.
#
# Guess:     redis-py tries again by itself since 6.0, as its documentation says. It knows then which commands may be
#            repeated, or tells of those whose answer was lost; Lock.acquire() knows its own lock by the value in it.
# Behaviour: every command is sent again, transactions too. The caller gets the second answer and no sign of the first:
#            LPOP gives the job after the one that it took, RPUSH and XADD put the job in twice, MULTI/EXEC runs twice.
#            SET NX and Lock.acquire() say that somebody else was faster: nobody knows that he has the lock, which stays
#            until it runs out. With retry=None there is a ConnectionError, and everything was carried out once.
# Seen:      the connection breaks after the server has carried the command out, once:
#            lpop              jobs a b c: gives b, the server has c
#            rpush d           gives 5, the server has a b c d d
#            rpush d and incr in a pipeline: gives 5 and 2
#            lock.acquire()    gives False, the server has the lock
#            the same, retry=None: ConnectionError; the server has b c; a b c d; a b c d and 1; the lock
#
# It matters to who hands films out to workers by lists of Redis.
# Fails where that changes. Needs redis-server, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"; [ -z "${server:-}" ] || kill "$server"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet redis==8.1.0
redis-server --port 0 --unixsocket "$folder/server" --save "" --logfile "$folder/log" --dir "$folder" &
server=$!
cat >lose.py <<'PYTHON'
import socket
import threading
import time

import redis


class Proxy:
    """Between client and server; hands a command with the word to the server, and breaks before its answer, once."""

    def __init__(self, word):
        self.word, self.lost = word, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect("server")
            threading.Thread(target=self.serve, args=(client, server), daemon=True).start()

    def serve(self, client, server):
        """Redis answers each request that is whole; the client waits for it."""
        with client, server:
            while request := client.recv(1 << 16):
                server.sendall(request)
                answer = server.recv(1 << 16)
                if self.word in request and not self.lost:
                    self.lost = True
                    return
                client.sendall(answer)


def wait_for_server():
    for _ in range(100):
        try:
            return redis.Redis(unix_socket_path="server", retry=None).ping()
        except redis.ConnectionError:
            time.sleep(0.1)
    raise SystemExit("redis-server does not answer")


def outcome(call, word, look, **options):
    """What the caller gets, and what the server has then."""
    direct = redis.Redis(unix_socket_path="server", decode_responses=True)
    direct.flushall()
    direct.rpush("jobs", "a", "b", "c")
    proxy = Proxy(word)
    client = redis.Redis(port=proxy.port, decode_responses=True, **options)
    try:
        told = call(client)
    except redis.ConnectionError as error:
        told = type(error).__name__
    assert proxy.lost
    return told, look(direct)


def jobs(server):
    return " ".join(server.lrange("jobs", 0, -1))


CASES = (
    ("lpop", lambda client: client.lpop("jobs"), b"LPOP", jobs, ("b", "c"), "b c"),
    ("rpush", lambda client: client.rpush("jobs", "d"), b"RPUSH", jobs, (5, "a b c d d"), "a b c d"),
    (
        "pipeline",
        lambda client: client.pipeline().rpush("jobs", "d").incr("count").execute(),
        b"MULTI",
        lambda server: (jobs(server), server.get("count")),
        ([5, 2], ("a b c d d", "2")),
        ("a b c d", "1"),
    ),
    (
        "lock.acquire",
        lambda client: client.lock("film", timeout=60).acquire(blocking=False),
        b"film",
        lambda server: server.exists("film"),
        (False, 1),
        1,
    ),
)
wait_for_server()
for name, call, word, look, repeated, once in CASES:
    found = outcome(call, word, look)
    print(f"{name}: gives {found[0]}, the server has {found[1]}")
    assert found == repeated
    found = outcome(call, word, look, retry=None)
    print(f"{name}, retry=None: gives {found[0]}, the server has {found[1]}")
    assert found == ("ConnectionError", once)
PYTHON
venv/bin/python lose.py
