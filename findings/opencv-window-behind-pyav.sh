#!/usr/bin/env bash
# OpenCV 5.0.0 (Qt, opencv-python 5.0.0.93) opens no window behind PyAV 18.1.0; the other way round it does.
#
# Guess:     two wheels that carry their libraries under names of their own may be imported in any order.
# Behaviour: behind `import av`, the first cv2.namedWindow never returns, without a line and without an error. With
#            `import cv2` first it takes some hundredths of a second. Sorted imports have "av" before "cv2".
# Seen:      cv2, av: opened; av, cv2: not opened within 15 s
#
# Fails where that changes. Needs Linux, Xvfb, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"; [ -z "${screen:-}" ] || kill "$screen"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0 opencv-python==5.0.0.93
mkfifo number
Xvfb -displayfd 1 -screen 0 640x480x24 -nolisten tcp >number 2>/dev/null &
screen=$!
read -r display <number
export DISPLAY=":$display" QT_QPA_PLATFORM=xcb
seen() {
    if timeout -s KILL 15 venv/bin/python -c "import $1; cv2.namedWindow('window', 0)" 2>/dev/null; then
        echo "opened"
    else
        echo "not opened within 15 s"
    fi
}
for order in "cv2, av" "av, cv2"; do
    found=$(seen "$order" || true)
    echo "$order: $found"
    [ "$order: $found" = "cv2, av: opened" ] || [ "$order: $found" = "av, cv2: not opened within 15 s" ]
done
