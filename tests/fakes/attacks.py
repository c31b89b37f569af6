"""A program for tests: what ill will or bad luck sends to a service on this machine; bounded, and on loopback only.

    python tests/fakes/attacks.py PORT KIND < offer.sdp

It says `ready` once all of it is under way, goes on until its standard input ends, and then tells as JSON how many
answers of each status it got.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

CONNECTIONS = 400
OFFERS = 1000
HEAD = "POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\n"
MEGABYTES = 10 * b"v=0\r\n" * 200_000


async def opened(port):
    return await asyncio.open_connection("127.0.0.1", port)


async def status_of(reader):
    """Of the answer; 0 where there is none."""
    try:
        line = await asyncio.wait_for(reader.readline(), 20)
        return int(line.split()[1]) if line else 0
    except (OSError, TimeoutError):
        return 0


class Attack:
    def __init__(self, port, offer):
        self.port, self.offer = port, offer
        self.statuses = Counter()
        self.held = []

    async def idle(self):
        """Connections that say nothing."""
        for _ in range(CONNECTIONS):
            self.held.append(await opened(self.port))

    async def half(self):
        """Connections that begin a request and stop."""
        for _ in range(CONNECTIONS):
            self.held.append(await opened(self.port))
            self.held[-1][1].write(HEAD[:40].encode())

    async def slow(self):
        """Offers that come a byte at a time."""
        for _ in range(CONNECTIONS):
            self.held.append(await opened(self.port))
            self.held[-1][1].write(f"{HEAD}Content-Length: 5000\r\n\r\n".encode())
        self.trickle = asyncio.create_task(self._trickle())

    async def _trickle(self):
        while True:
            for _, writer in self.held:
                writer.write(b"v")
            await asyncio.sleep(0.1)

    async def deaf(self):
        """Clients that ask for pictures and never read one."""
        for _ in range(CONNECTIONS):
            self.held.append(await opened(self.port))
            self.held[-1][1].transport.pause_reading()
            self.held[-1][1].write(b"GET /snapshot.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n")

    async def flood(self):
        """A thousand good offers of viewers that never come, within about a second."""
        asked = [asyncio.create_task(self._post(self.offer)) for _ in range(OFFERS)]
        await asyncio.wait(asked)

    async def nonsense(self):
        """A thousand requests that are no offers."""
        asked = [asyncio.create_task(self._post(b"\x00\xffv=0" * (n % 50))) for n in range(OFFERS)]
        await asyncio.wait(asked)

    async def large(self):
        """Offers of ten megabytes."""
        for _ in range(10):
            asked = [asyncio.create_task(self._post(MEGABYTES)) for _ in range(2)]
            await asyncio.wait(asked)

    async def _post(self, body):
        try:
            reader, writer = await opened(self.port)
            writer.write(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            self.statuses[await status_of(reader)] += 1
            writer.close()
        except OSError:
            self.statuses[0] += 1


async def main():
    attack = Attack(int(sys.argv[1]), await asyncio.to_thread(sys.stdin.buffer.readline))
    attack.offer = json.loads(attack.offer).encode()
    await getattr(attack, sys.argv[2])()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    sys.stdout.write(json.dumps(attack.statuses))
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
