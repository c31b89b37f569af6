#!/usr/bin/env bash
# ncnn 1.0.20261020 (Python): a crop or a turned view of an array is read as other pixels, without an error.
#
# Guess:     ncnn.Mat(array) takes what numpy calls the array's values, or refuses an array that is not contiguous: a crop
#            and a transposed picture are arrays like any other. OpenVINO, ONNX Runtime and PyTorch take or refuse them.
# Behaviour: the steps between rows and columns are ignored: from where the view begins, as many values are taken as
#            it has, in the order of memory. clone() copies what is wrong already.
# Seen:      a 4 x 6 array of 0 to 23
#            array[:2, 1:4]  numpy 1 2 3 7 8 9     ncnn 1 2 3 4 5 6
#            array.T[:2]     numpy 0 6 12 18 1 7 13 19   ncnn 0 1 2 3 4 5 6 7
#            with numpy.ascontiguousarray() both are right
#
# It matters where a part of a picture, or a map that was turned from HWC to CHW, is handed to a network.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 ncnn==1.0.20261020
venv/bin/python - <<'PYTHON'
import ncnn
import numpy as np

whole = np.arange(24, dtype=np.float32).reshape(4, 6)
for name, view, expected in (
    ("a crop", whole[:2, 1:4], [1, 2, 3, 4, 5, 6]),
    ("a turned view", whole.T[:2], [0, 1, 2, 3, 4, 5, 6, 7]),
):
    found = np.array(ncnn.Mat(view))
    print(f"{name}: numpy {view.ravel().astype(int).tolist()}, ncnn {found.ravel().astype(int).tolist()}")
    assert found.shape == view.shape
    assert found.ravel().tolist() == expected
    assert np.array_equal(np.array(ncnn.Mat(view).clone()), found)
    straight = np.ascontiguousarray(view)
    assert np.array_equal(np.array(ncnn.Mat(straight)), view)
PYTHON
