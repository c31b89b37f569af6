#!/usr/bin/env bash
# aioice 0.13.0 fails as soon as it knows that there are no more candidates, while the peer's first check is on its way.
#
# Guess:     an agent whose peer tells no usable candidate and then their end (as Firefox does by default: .local names
#            and a=end-of-candidates) waits for the peer's checks, which bring a peer-reflexive candidate: RFC 8863 has
#            an agent wait (39.5 s by default) before it takes an empty or failed check list for a failure.
# Behaviour: connect() raises "ICE negotiation failed" within milliseconds; the peer, which begins when the answer has
#            reached it, is never answered. Without the end of candidates both are connected.
# Seen:      told the end      ConnectionError ICE negotiation failed
#            not told the end  connected
#
# Fails where that changes. Needs Python 3.11 or newer and the network for pip; writes to a temporary folder only. Both
# agents are in one process and speak over an address of this machine that is not loopback.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet aioice==0.13.0 dnspython==2.8.0 ifaddr==0.2.0

cat >wait.py <<'PYTHON'
import asyncio, sys
import aioice

ANSWER_TAKES = 0.2  # seconds on its way to the peer

async def outcome(agent):
    try:
        await asyncio.wait_for(agent.connect(), 10)
    except (ConnectionError, TimeoutError) as error:
        return f"{type(error).__name__} {error}"
    return "connected"

async def main(told):
    agent, peer = aioice.Connection(ice_controlling=False), aioice.Connection(ice_controlling=True)
    for one in (agent, peer):
        await one.gather_candidates()
    for one, other in ((agent, peer), (peer, agent)):
        one.remote_username, one.remote_password = other.local_username, other.local_password
    for candidate in agent.local_candidates:
        await peer.add_remote_candidate(candidate)
    await peer.add_remote_candidate(None)
    if told == "yes":
        await agent.add_remote_candidate(None)  # it was told no candidate, and that there are no more

    async def begin():
        await asyncio.sleep(ANSWER_TAKES)
        return await outcome(peer)

    beginning = asyncio.create_task(begin())
    print(await outcome(agent))
    beginning.cancel()
    await asyncio.gather(agent.close(), peer.close())

asyncio.run(main(sys.argv[1]))
PYTHON

expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || { echo "changed: it was: $3" >&2; exit 1; }
}
expect "told the end" "$(venv/bin/python wait.py yes)" "ConnectionError ICE negotiation failed"
expect "not told the end" "$(venv/bin/python wait.py no)" "connected"
