"""A stage is asked for a capability by its protocol, `isinstance(sink, KeepsPart)`, never by getattr with a default."""

from __future__ import annotations

import ast

from places import REPOSITORY

PACKAGE = REPOSITORY / "streamdepth"
LACKED_ELSEWHERE = {
    "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "sched_getaffinity", "TCP_NOTSENT_LOWAT",  # not on every system
    "SIGHUP", "poll",  # Windows has neither
    "errno", "strerror", "reason",  # not in every error
    "console", "plain", "fields",  # what a log record was given
    "path",  # a request that no route took has none
    "enumerate_input_devices", "metadata_errors", "initial_padding",  # not in every release of PyAV
    "_send_rtp",  # of aiortc
    "__post_init__",  # a class of values
    "convert_model",  # left out of OpenVINO until it is called
}  # fmt: skip
"""What things that are not ours may lack, in one release or system or another."""


def asked(tree: ast.AST) -> set[str]:
    """Names that something is asked for which may not have them; what is looked up by a variable is no capability."""
    calls = (
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    may_lack = [
        call.args[1]
        for call in calls
        if (call.func.id, len(call.args)) in (("getattr", 3), ("hasattr", 2))  # type: ignore[attr-defined]
    ]
    return {str(name.value) for name in may_lack if isinstance(name, ast.Constant)}


def test_no_stage_is_asked_for_a_name_it_may_lack():
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for name in asked(ast.parse(path.read_text(encoding="utf-8"))) - LACKED_ELSEWHERE
    }
    assert found == set()


def test_the_rule_sees_both_ways_of_asking():
    assert asked(
        ast.parse("getattr(sink, 'kept', None); hasattr(source, 'seek'); getattr(sink, 'path')")
    ) == {
        "kept",
        "seek",
    }
