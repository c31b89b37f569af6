import platform

import pytest
from processors import MACHINES

from streamdepth import machine as processor
from streamdepth.machine import Processor, read_processor, thread_count

X86 = """processor\t: 0
model name\t: Fast 9000 @ 3.2 GHz
flags\t\t: fpu avx2 avx512_vnni

processor\t: 1
model name\t: Slow 1
flags\t\t: fpu
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp\nCPU part\t: 0xd0c\n"


def test_name_and_flags_are_those_of_the_first_processor():
    assert read_processor(X86) == Processor("Fast 9000 @ 3.2 GHz", frozenset({"fpu", "avx2", "avx512_vnni"}))
    assert read_processor(ARM).flags == {"fp", "asimd", "asimddp"}


def test_a_processor_without_flags_has_no_features_and_no_int8():
    assert read_processor("") == Processor(platform.machine(), frozenset())
    assert not read_processor("").does_int8


@pytest.mark.parametrize(("flags", "features", "int8"), MACHINES.values(), ids=MACHINES)
def test_features_and_int8_follow_from_the_flags(flags, features, int8):
    found = Processor("one", frozenset(flags.split()))
    assert (", ".join(found.features), found.does_int8) == (features, int8)


def test_a_system_that_does_not_tell_leaves_it_to_the_measurement(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "gone")
    found = processor.this_processor.__wrapped__()
    assert found.flags is None
    assert found.does_int8


def test_threads_are_those_asked_for_else_one_a_core_that_may_be_used():
    assert thread_count(3) == 3
    assert thread_count(None) >= 1
