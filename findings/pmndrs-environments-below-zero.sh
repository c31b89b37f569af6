#!/usr/bin/env bash
# @pmndrs/assets 1.7.0 (npm), read with OpenEXR 3.5.3 (PyPI): every HDR environment has light below zero.
#
# Guess:     an environment map holds radiance, which is never negative: it can be summed for the light of a scene, and
#            its brightest pixels are its sun and its lamps.
# Behaviour: the files are compressed with DWAB, which is lossy and rings around what is bright: all 18 have negative
#            values, up to 2.8 % of their pixels, and beside a lamp of 29,856 one of -3,894. Sampled as they are, they
#            take light away; means and importance tables of the surroundings of a lamp are wrong.
# Seen:      esplanade: 2.19 % of the pixels below zero, least -3894, greatest 29856; sky -3394 beside 22672;
#            workshop 2.81 %; the best is venice: 0.18 %, least -0.36
#
# Fails where that changes. Needs Python 3.11 or newer, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 OpenEXR==3.5.3
npm pack --silent @pmndrs/assets@1.7.0 >/dev/null
tar xzf pmndrs-assets-1.7.0.tgz
venv/bin/python - <<'PYTHON'
import base64
import re
from pathlib import Path

import numpy as np
import OpenEXR

seen = {}
for path in sorted(Path("package/hdri").glob("*.exr.js")):
    Path("environment.exr").write_bytes(base64.b64decode(re.search(r"base64,([^'\"]+)", path.read_text())[1]))
    with OpenEXR.File("environment.exr") as file:
        assert "DWAB" in str(file.header()["compression"])
        light = file.channels()["RGB"].pixels.astype(np.float32)
    share = float((light < 0).any(axis=-1).mean())
    seen[path.name.partition(".")[0]] = share, float(light.min()), float(light.max())
    print(f"{path.name}: {share:.2%} below zero, least {light.min():.5g}, greatest {light.max():.5g}")
assert len(seen) == 18
assert all(least < 0 for _share, least, _greatest in seen.values())
assert seen["esplanade"][1:] == (-3894.0, 29856.0)
assert round(seen["workshop"][0], 4) == 0.0281
PYTHON
