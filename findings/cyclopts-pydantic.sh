#!/usr/bin/env bash
# cyclopts 5.5.2 checks what it has built with pydantic, as soon as any other library has imported pydantic.
#
# Guess:     a command line means the same whatever else the process has imported: cyclopts does not depend on pydantic,
#            so it builds a plain dataclass by calling it, and hands on what that gives.
# Behaviour: without pydantic in sys.modules that is so. With it (FastAPI brings it), the result is validated against
#            the annotated class: a dataclass whose __new__ gives an object of its base class is then refused, with
#            pydantic's words, and so is a second command of one process when the first imported pydantic.
# Seen:      alone                A(x=2)
#            pydantic imported    Input should be a dictionary or an instance of B
#            imported by the first of two commands    A(x=2), then the same error
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet cyclopts==5.5.2 pydantic==2.14.4
cat > words.py <<'PYTHON'
import sys
from dataclasses import dataclass
from typing import Annotated

from cyclopts import App, Parameter

if "early" in sys.argv:
    import pydantic


@dataclass
class A:
    x: int = 1


class B(A):
    __annotations__ = {"x": Annotated[int, Parameter(help="a number")]}

    def __new__(cls, **values):
        return A(**values)


app = App(result_action="return_value", exit_on_error=False, print_error=False)


@app.default
def command(*, a: Annotated[B, Parameter(name="*")] = B()):
    if "between" in sys.argv:
        import pydantic  # noqa: F401
    return a


for _ in range(2):
    try:
        print(app(["--x", "2"]))
    except Exception as error:
        print(next(line.strip() for line in str(error).splitlines() if "Input should be" in line))
PYTHON
expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || { echo "expected: $3" >&2; exit 1; }
}
refused="Input should be a dictionary or an instance of B [type=dataclass_type, input_value=A(x=2), input_type=A]"
expect alone "$(venv/bin/python words.py)" "$(printf 'A(x=2)\nA(x=2)')"
expect "pydantic imported" "$(venv/bin/python words.py early)" "$(printf '%s\n%s' "$refused" "$refused")"
expect "imported by the first of two commands" "$(venv/bin/python words.py between)" "$(printf 'A(x=2)\n%s' "$refused")"
