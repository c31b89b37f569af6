import platform

import pytest
from processors import MACHINES

from streamdepth import machine as processor
from streamdepth.machine import (
    Processor,
    processors,
    processors_of_group,
    read_processor,
    thread_count,
    told_threads,
)

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


def test_processors_are_those_that_the_process_is_admitted_to(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 5, 9}, raising=False)
    monkeypatch.setattr(processor, "_time_of_container", lambda: None)
    assert (processors(), thread_count(None), told_threads(None)) == (3, 3, None)


def test_a_container_has_the_processors_whose_time_it_has_and_runtimes_are_told(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(processor, "_time_of_container", lambda: 2)
    assert (processors(), thread_count(None), told_threads(None)) == (2, 2, 2)
    assert (thread_count(6), told_threads(6)) == (6, 6)
    monkeypatch.setattr(processor, "_time_of_container", lambda: 12)
    assert (processors(), told_threads(None)) == (8, None)


@pytest.mark.parametrize(
    ("of_process", "files", "count"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),  # what Docker and Kubernetes show inside
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/\n", {"cpu.max": "5000 100000\n"}, 1),
        ("0::/\n", {}, None),
        (
            "0::/system.slice/depth.service\n",
            {
                "system.slice/cpu.max": "300000 100000\n",
                "system.slice/depth.service/cpu.max": "400000 100000\n",
            },
            3,
        ),
        (
            "7:pids:/\n2:cpu,cpuacct:/docker/1f\n0::/\n",  # version 1: the path is the host's, not that inside
            {"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            2,
        ),
        ("1:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, None),
        ("1:cpu:/a\n0::/\n", {"cpu.max": "100000 100000\n"}, 1),
        ("3:cpuset:/a\n", {"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
    ],
)
def test_the_time_of_a_control_group_is_read_as_the_kernel_writes_it(tmp_path, of_process, files, count):
    (tmp_path / "own").write_text(of_process)
    for name, contents in files.items():
        (tmp_path / "groups" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / name).write_text(contents)
    assert processors_of_group(tmp_path / "groups", tmp_path / "own") == count


def test_a_system_without_control_groups_limits_nothing(tmp_path):
    assert processors_of_group(tmp_path, tmp_path / "gone") is None
