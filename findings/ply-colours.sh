#!/usr/bin/env bash
# Open3D 0.20.0 reads its own coloured clouds as nearly black, and 16-bit colours are another thing in each PLY reader.
#
# Guess:     red, green and blue of a PLY have the type that its header names: floats are 0 to 1, ushort goes to 65535 as
#            uchar goes to 255. What one half of Open3D writes, the other half reads.
# Behaviour: open3d.t.io.write_point_cloud writes colours as the floats that they are (from_legacy makes them so).
#            open3d.io.read_point_cloud divides by 255 whatever the type: such a cloud is 255 times too dark. ushort becomes
#            257.0 there; open3d.t.io leaves it out, with a warning; trimesh 5.2.0 takes the lower eight bits, so that
#            half grey is black and a smooth ramp is noise. trimesh is right about floats.
# Seen:      orange (1.0, 0.5, 0.0)          uchar            float                ushort
#            open3d.io                       1.0 0.502 0.0    0.0039 0.0020 0.0    257.0 128.5 0.0
#            open3d.t.io                     255 128 0        1.0 0.5 0.0          no colours
#            trimesh                         255 128 0        255 128 0            255 0 0
#            written by open3d.t.io, read by open3d.io        0.0039 0.0020 0.0
#
# Fails where that changes. Needs Python 3.11 or newer and the network (450 MB); writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile --no-deps open3d==0.20.0
needed=(dash==4.4.1 configargparse==1.9.0 nbformat==5.11.1)  # by its import; the rest takes minutes
venv/bin/pip install --quiet --no-compile numpy==2.4.6 trimesh==5.2.0 "${needed[@]}" 2>/dev/null
venv/bin/python - <<'PYTHON'
import numpy as np
import open3d
import trimesh

open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)


def write(kind, colour):
    header = ["ply", "format ascii 1.0", "element vertex 3"]
    header += [f"property float {axis}" for axis in "xyz"]
    header += [f"property {kind} {channel}" for channel in ("red", "green", "blue")]
    points = [f"{x} 0 1 {' '.join(map(str, colour))}" for x in range(3)]
    with open("cloud.ply", "w") as file:
        file.write("\n".join([*header, "end_header", *points, ""]))


def by_open3d(path):
    return np.asarray(open3d.io.read_point_cloud(path).colors)[0].round(4).tolist()


def by_tensors(path):
    attributes = open3d.t.io.read_point_cloud(path).point
    return attributes["colors"].numpy()[0].tolist() if "colors" in attributes else None


def by_trimesh(path):
    return trimesh.load(path).colors[0, :3].tolist()


dark = [0.0039, 0.002, 0.0]
for kind, orange, expected in (
    ("uchar", (255, 128, 0), ([1.0, 0.502, 0.0], [255, 128, 0], [255, 128, 0])),
    ("float", (1.0, 0.5, 0.0), (dark, [1.0, 0.5, 0.0], [255, 128, 0])),
    ("ushort", (65535, 32768, 0), ([257.0, 128.502, 0.0], None, [255, 0, 0])),
):
    write(kind, orange)
    found = tuple(read("cloud.ply") for read in (by_open3d, by_tensors, by_trimesh))
    print(f"{kind}: open3d.io {found[0]}, open3d.t.io {found[1]}, trimesh {found[2]}")
    assert found == expected

cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(np.eye(3)))
cloud.paint_uniform_color([1.0, 0.5, 0.0])
assert open3d.t.io.write_point_cloud("own.ply", open3d.t.geometry.PointCloud.from_legacy(cloud))
print(f"written by open3d.t.io, read by open3d.io: {by_open3d('own.ply')}")
assert by_open3d("own.ply") == dark
PYTHON
