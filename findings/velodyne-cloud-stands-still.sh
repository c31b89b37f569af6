#!/usr/bin/env bash
# @foxglove/velodyne-cloud 1.0.1 (npm) beside velodyne-decoder 3.1.0 (PyPI): lasers that fire in turn look one way, 31,688 years late.
#
# Guess:     both make the same points of the same packet. A Velodyne turns while its lasers fire one after another, and a block of 32 returns
#            has the direction of the first: each other is turned on by its time, as the manual of the VLP-16 computes it.
#            A packet has the microseconds since the full hour; timestamp() is said to give the seconds since 1970.
# Behaviour: velodyne-cloud computes the turned direction, asks with it whether the point is wanted, and then places it in the direction of the
#            block. In a block of a VLP-16 are two firings of its 16 lasers: the second lies on the first. What it gives as the
#            time of a point takes a 16th of the second firing for each laser, so that the two overlap, and timestamp() divides by
#            0.000001 where it has to multiply: used as the README does, only the first packet has such times; those
#            of others are what 32 bits keep. Nothing is said. velodyne-decoder places all as guessed.
# Seen:      VLP-16, 10 turns a second, all at 50 m: how far the points of a block lie to the right of the first
#            laser, firing                   0, 1       7, 1      15, 1       0, 2       7, 2      15, 2
#            fires after                     0 us      16 us      35 us      55 us      71 us      90 us
#            velodyne-decoder                0 cm       5 cm      10 cm      17 cm      23 cm      28 cm
#            velodyne-cloud                  0 cm       0 cm       0 cm       0 cm       0 cm       0 cm
#            its delta, packet 1             0 us      40 us      86 us      55 us      96 us     142 us
#            its delta, packet 2        552698 us, for 1327; and a packet of 1 s after noon is one of 1,000,000,000,000 s after noon
# It matters where such a cloud is laid over a camera's picture: edges are torn by up to 28 cm, and no time fits that of a frame.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 velodyne-decoder==3.1.0
npm install --silent --no-audit --no-fund @foxglove/velodyne-cloud@1.0.1
venv/bin/python - <<'PYTHON'
import json
import struct
import subprocess

import numpy as np
import velodyne_decoder

PLACE = """const { Calibration, PointCloud, RawPacket, Transformer } = require('@foxglove/velodyne-cloud');
const [bytes, noon] = [require('node:fs').readFileSync('packets'), new Date('2026-11-02T12:00:00Z')];
const packets = [0, 1206].map((start) => new RawPacket(new Uint8Array(bytes.subarray(start, start + 1206))));
const stamp = packets[0].timestamp(noon);
const [cloud, transformer] = [new PointCloud({ stamp, maxPoints: 768 }), new Transformer(new Calibration(packets[0].inferModel()))];
packets.forEach((packet) => transformer.unpack(packet, stamp, packet.timestamp(noon), cloud));
const points = Array.from({ length: cloud.width }, (_, index) => cloud.point(index)).map(({ x, y, z, deltaNs }) => [x, y, z, deltaNs]);
console.log(JSON.stringify([stamp - noon / 1000, points]));"""
starts, fired = np.arange(24) * 110.592e-6, np.arange(2)[:, None] * 55.296e-6 + np.arange(16) * 2.304e-6  # seconds, by the manual
blocks = [struct.pack("<HH", 0xEEFF, round(360_000 * start)) + struct.pack("<HB", 25000, 100) * 32 for start in starts]
packets = [b"".join([*blocks[one : one + 12], struct.pack("<IBB", round(1e6 * (1 + starts[one])), 0x37, 0x22)]) for one in (0, 12)]
with open("packets", "wb") as file:
    file.write(b"".join(packets))
decoder = velodyne_decoder.StreamDecoder(velodyne_decoder.Config(model=velodyne_decoder.Model.VLP16))
assert all(decoder.decode(1.7e9, packet) is None for packet in packets)
late, points = json.loads(subprocess.run(["node", "-e", PLACE], check=True, capture_output=True).stdout)
for name, found, turned in (("velodyne-decoder", decoder.finish()[1], fired), ("velodyne-cloud", np.array(points), 0 * fired)):
    right = 50 * np.radians(np.degrees(-np.arctan2(found[:, 1], found[:, 0])).reshape(24, 2, 16) - 3600 * starts[:, None, None])
    print(name, "cm:", (100 * right[0, :, [0, 7, 15]].T.ravel()).round(), "at", np.linalg.norm(found[:, :3], axis=1).round(2).max(), "m")
    assert found.shape[0] == 768 and np.allclose(right, 50 * np.radians(3600 * turned), atol=0.01)  # directions have two digits
delta = np.array(points)[:, 3].reshape(2, 12, 2, 16) / 1e9
print("us:", 1e6 * delta[0, 0, :, [0, 7, 15]].T.ravel(), "packet 2:", 1e6 * delta[1, 0, 0, 0], "a packet is late by", late)
assert np.allclose(delta[0, 0], fired + np.arange(16) * 3.456e-6, atol=1e-8) and abs(delta[1, 0, 0, 0] - 0.55) < 0.1 and late == 1e12
PYTHON
