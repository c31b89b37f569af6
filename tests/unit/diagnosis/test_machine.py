from __future__ import annotations

import pytest
from processors import MACHINES

from streamdepth.diagnosis import machine
from streamdepth.diagnosis.finding import Grade

X86 = "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 avx512f avx512_vnni avx512_bf16\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp\n"


def look_at(tmp_path, text):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(text + "\nprocessor\t: 1\nmodel name\t: Another\n")
    (finding,) = machine.processor(cpuinfo)
    return finding


def test_the_processor_and_what_networks_gain_from_are_named(tmp_path):
    finding = look_at(tmp_path, X86)
    assert finding.facts["name"] == "A Processor"
    assert finding.facts["features"] == ["AVX2", "AVX-512", "VNNI", "bf16"]
    assert finding.grade is Grade.FINE


def test_of_an_arm_processor_too(tmp_path):
    assert look_at(tmp_path, ARM).facts["features"] == ["NEON", "dot product"]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_processor_that_does_no_int8_is_said_to_do_none(tmp_path, machine):
    flags, features, int8 = MACHINES[machine]
    finding = look_at(tmp_path, f"processor\t: 0\nmodel name\t: One\nflags\t: {flags}\n")
    assert finding.facts["features"] == (features.split(", ") if features else [])
    assert (finding.facts["int8"], "no int8" in finding.text) == (int8, not int8)


def test_a_processor_without_vectors_is_noted_with_a_cure(tmp_path):
    finding = look_at(tmp_path, "processor\t: 0\nmodel name\t: Old\nflags\t: fpu sse2\n")
    assert (finding.grade, "--model nano" in finding.cure) == (Grade.NOTE, True)


def test_where_the_system_does_not_tell_nothing_is_claimed(tmp_path):
    (finding,) = machine.processor(tmp_path / "none")
    assert "not known" in finding.text
    assert finding.grade is Grade.FINE


def test_the_versions_of_the_libraries_are_told(monkeypatch):
    (finding,) = machine.packages()
    assert finding.facts["versions"]["numpy"] is not None


def test_a_library_that_is_missing_is_a_problem_with_its_cure(monkeypatch):
    monkeypatch.setattr(machine, "PACKAGES", ("numpy", "no-such-package"))
    *_, finding = machine.packages()
    assert (finding.grade, finding.cure) == (Grade.PROBLEM, "pip install no-such-package")


def test_what_a_light_install_is_without_is_noted_with_what_it_is_for(monkeypatch):
    monkeypatch.setattr(machine, "LEFT_OUT", {"no-such-package": "better depth"})
    *_, finding = machine.packages()
    assert (finding.grade, finding.cure) == (Grade.NOTE, "pip install no-such-package")
    assert finding.text == "no-such-package is not installed: better depth"
