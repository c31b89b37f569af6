#!/usr/bin/env bash
# cyclopts 5.5.2 takes four times as long to read an option that is repeated twice as often.
#
# Guess:     reading a command line costs about as much a word, however long it is: a shell's pattern or xargs may name
#            thousands of files as --input one --input two.
# Behaviour: each further value of a repeated option is compared with all that came before it, so that time grows with
#            the square: thousands of files take minutes of CPU before the program begins.
# Seen:      CPU time for 1,000, 2,000 and 4,000 values (a busy machine): 1.4 s, 6.0 s, 24.7 s; doubling costs 3 times
#            or more, where a list costs 2
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet cyclopts==5.5.2
venv/bin/python - <<'PYTHON'
import time

from cyclopts import App

app = App(result_action="return_value")


@app.default
def command(*, name: tuple[str, ...] = ()):
    return len(name)


def seconds(count):
    words = [word for number in range(count) for word in ("--name", str(number))]
    begin = time.process_time()
    assert app(words) == count
    return time.process_time() - begin


seconds(10)
found = {count: min(seconds(count) for _ in range(2)) for count in (500, 1000, 2000)}
print(", ".join(f"{count} values: {took:.2f} s" for count, took in found.items()))
assert found[1000] > 2.8 * found[500] and found[2000] > 2.8 * found[1000]
PYTHON
