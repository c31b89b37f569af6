from __future__ import annotations

import pytest

from streamdepth.errors import StageStuck
from streamdepth.threads.watchdog import Watch


def test_a_watch_raises_only_while_a_call_outlives_its_limit():
    now = [0.0]
    watch = Watch("inference", 5.0, lambda: now[0])
    watch.check()
    with watch:
        now[0] = 4.9
        watch.check()
        now[0] = 5.1
        with pytest.raises(StageStuck, match="inference"):
            watch.check()
    watch.check()
