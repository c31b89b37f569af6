"""Named threads for short foreign calls that an event loop must not wait for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor


class Pool(ThreadPoolExecutor):
    """At most `size` threads; shutting it down waits for none of them: what it runs is bounded by itself."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(size, thread_name_prefix=f"streamdepth-{name}")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls and forget those that have not begun."""
        super().shutdown(wait=False, cancel_futures=True)
