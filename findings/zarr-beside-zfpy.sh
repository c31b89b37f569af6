#!/usr/bin/env bash
# zarr 3.1.6 with numcodecs 0.16.6 cannot be imported beside zfpy 1.0.1.post0, which numcodecs' own extra "zfpy" installs.
#
# Guess:     a codec that a program does not use is in nobody's way: numcodecs calls zfpy optional, and its extra names
#            what works with it ("zfpy>=1.0.0").
# Behaviour: numcodecs reads zfpy's version when it is imported, whether ZFP is wanted or not, and takes each part between
#            dots for a number. Of "1.0.1.post0", which pip chooses today, "post0" is none: ValueError, from `import numcodecs`
#            and so from `import zarr`, in every program of that environment, also where zfpy was installed for something else
#            (it is what keeps float depth small). zfpy itself works. With zfpy 1.0.1, or without, all is right.
# Seen:                                        import zfpy    import numcodecs, import zarr
#            numcodecs[zfpy], as pip has it    works          ValueError: invalid literal for int() with base 10: 'post0'
#            zfpy 1.0.1                        works          work
#            no zfpy                           -              work
#
# (These are the newest numcodecs and zarr for Python 3.11.)
# Fails where that changes. Needs Python 3.11 and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 zarr==3.1.6 "numcodecs[zfpy]==0.16.6"

# import NAME: the last line that Python says, or "works"
import() {
    venv/bin/python -c "import $1" 2> said && echo works || tail -n 1 said
}

# check NAME EXPECTED
check() {
    found=$(import "$1")
    echo "import $1: $found"
    [ "$found" = "$2" ]
}

error="ValueError: invalid literal for int() with base 10: 'post0'"
[ "$(venv/bin/pip list --format freeze | grep '^zfpy==')" = "zfpy==1.0.1.post0" ]
check zfpy works
check numcodecs "$error"
check zarr "$error"
venv/bin/python - <<'PYTHON'
import numpy as np
import zfpy

depth = np.linspace(1, 5, 48 * 64, dtype=np.float32).reshape(48, 64)
packed = zfpy.compress_numpy(depth, tolerance=0.001)
assert np.abs(zfpy.decompress_numpy(packed) - depth).max() <= 0.001
print(f"zfpy by itself: {depth.nbytes} bytes in {len(packed)}")
PYTHON
venv/bin/pip install --quiet zfpy==1.0.1
echo "with zfpy 1.0.1"
for name in zfpy numcodecs zarr; do check "$name" works; done
venv/bin/pip uninstall --quiet --yes zfpy
echo "without zfpy"
for name in numcodecs zarr; do check "$name" works; done
