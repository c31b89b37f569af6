import pytest

from streamdepth.engine import processor
from streamdepth.engine.processor import Processor, read_processor, thread_count

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


@pytest.mark.parametrize(
    ("told", "does"), [(X86, True), (ARM, True), (X86.replace("avx512_vnni", "avx512f"), False), ("", False)]
)
def test_int8_needs_the_instruction_that_sums_products(told, does):
    assert read_processor(told).does_int8 is does


def test_a_system_that_does_not_tell_leaves_it_to_the_measurement(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "gone")
    found = processor.this_processor.__wrapped__()
    assert found.flags is None
    assert found.does_int8


def test_threads_are_those_asked_for_else_one_a_core_that_may_be_used():
    assert thread_count(3) == 3
    assert thread_count(None) >= 1
