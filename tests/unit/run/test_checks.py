"""What is wrong with a spec, and which of its options change nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.cli.words import lines_of
from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import OptionUnused
from streamdepth.run.checks import check, check_input, is_picture_a_second, places_of, unused_options
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.spec import (
    AmountSpec,
    EncodingSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)
from streamdepth.run.surroundings import Surroundings

PICTURES = SourceInfo(64, 48, None, live=False, read_timeout=1, kind="image", frame_count=9)
PICTURE = SourceInfo(64, 48, None, live=False, read_timeout=1, kind="image", frame_count=1)
VIDEO = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1)
STREAM = SourceInfo(64, 48, Fraction(25), live=True, read_timeout=1)
DEMO = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1, kind="demo")
SNAPSHOT = SourceInfo(64, 48, Fraction(1), live=True, read_timeout=1, kind="snapshot")
FILM = InputSpec(input="a.mp4")


def sentences(info: SourceInfo, *parts: InputSpec | StreamSpec | WebSpec) -> list[str]:
    by_kind = {type(part).__name__.removesuffix("Spec").lower(): part for part in parts}
    spec = RunSpec(**by_kind)  # type: ignore[arg-type]
    return [line.text for unused in unused_options(spec, info) for line in lines_of(unused)]


def test_a_film_of_pictures_without_a_rate_has_one_a_second() -> None:
    film = RunSpec(InputSpec(input="seq"), output=OutputSpec(output=Path("a.mp4")))
    assert is_picture_a_second(film, PICTURES)
    assert not is_picture_a_second(film, PICTURE)
    assert not is_picture_a_second(film, VIDEO)
    folder = RunSpec(InputSpec(input="seq"), output=OutputSpec(output=Path("heat")))
    assert not is_picture_a_second(folder, PICTURES)


@pytest.mark.parametrize(
    ("info", "parts", "option"),
    [
        (PICTURES, [InputSpec(input="seq", camera_fps=Fraction(25))], "--camera-fps"),
        (SNAPSHOT, [InputSpec(input="http://cam/1.jpg", camera_size=(64, 48))], "--camera-size"),
        (STREAM, [InputSpec(input="http://cam/1", camera_fps=Fraction(25))], "--camera-fps"),
        (VIDEO, [InputSpec(input="a.mp4", camera_size=(640, 480))], "--camera-size"),
        (VIDEO, [InputSpec(input="a.mp4", input_fps=Fraction(25))], "--input-fps"),
        (PICTURE, [InputSpec(input="a.png", input_fps=Fraction(25))], "--input-fps"),
        (STREAM, [InputSpec(input="http://h/a"), StreamSpec(rtsp_transport="udp")], "--rtsp-transport"),
        (VIDEO, [InputSpec(input="a.mp4"), StreamSpec(wait_for_source=True)], "--wait-for-source"),
    ],
)
def test_an_option_that_changes_nothing_is_told(
    info: SourceInfo, parts: list[InputSpec | StreamSpec], option: str
) -> None:
    (sentence,) = sentences(info, *parts)
    assert sentence.startswith(f"{option} has no effect here: it is for ")


@pytest.mark.parametrize(
    ("info", "parts"),
    [
        (DEMO, [InputSpec(input="demo", camera_fps=Fraction(25), camera_size=(640, 480))]),
        (PICTURES, [InputSpec(input="seq", input_fps=Fraction(25))]),
        (STREAM, [InputSpec(input="rtsp://h/a"), StreamSpec(rtsp_transport="udp", wait_for_source=True)]),
        (STREAM, [InputSpec(camera="0", camera_fps=Fraction(25)), StreamSpec(wait_for_source=True)]),
        (VIDEO, [InputSpec(input="a.mp4", switch_to=("0",), camera_fps=Fraction(25))]),
        (SNAPSHOT, [InputSpec(input="http://cam/1.jpg", camera_fps=Fraction(1, 5))]),
        (STREAM, [InputSpec(input="http://cam/1", camera_fps=Fraction(1, 300))]),
    ],
)
def test_an_option_that_matters_is_not_mentioned(
    info: SourceInfo, parts: list[InputSpec | StreamSpec]
) -> None:
    assert sentences(info, *parts) == []


def test_what_is_for_the_web_service_alone_is_told_without_it() -> None:
    (sentence,) = sentences(VIDEO, InputSpec(input="a.mp4"), WebSpec(port=9000))
    assert sentence == "--port has no effect here: it is for --webrtc"
    assert sentences(STREAM, InputSpec(input="browser"), WebSpec(port=9000)) == []


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (RunSpec(FILM, network=NetworkSpec(size=0)), "--size cannot be 0 (it must be above 0)"),
        (
            RunSpec(FILM, promise=PromiseSpec(target_fps=Fraction(1, 10**9))),
            "--target-fps cannot be 1/1000000000 (it must be from 0.01 to 1000)",
        ),
        (RunSpec(FILM, network=NetworkSpec(threads=-1)), "--threads cannot be -1 (it must be above 0)"),
        (RunSpec(FILM, amount=AmountSpec(frames=0)), "--frames cannot be 0 (it must be above 0)"),
        (
            RunSpec(FILM, amount=AmountSpec(duration=Fraction(-1))),
            "--duration cannot be -1 (it must be above 0)",
        ),
        (
            RunSpec(FILM, StreamSpec(frozen_after=-1.0)),
            "--frozen-after cannot be -1.0 (it must be 0 or above)",
        ),
        (
            RunSpec(FILM, StreamSpec(rtsp_transport="sctp")),  # type: ignore[arg-type]
            "--rtsp-transport cannot be sctp (it must be tcp or udp)",
        ),
        (
            RunSpec(InputSpec(input="demo", camera_size=(0, 96))),
            "--camera-size cannot be (0, 96) (it must be a width and a height above 0, as in (1280, 720))",
        ),
        (
            RunSpec(FILM, picture=PictureSpec(range=(3.0, 1.0))),
            "--range cannot be (3.0, 1.0) (it must be global, or two rising numbers, as in (0.5, 12.0))",
        ),
        (
            RunSpec(),
            "no input was given (name one: --camera 0, --input FILE_OR_URL, or --input demo)",
        ),
    ],
)
def test_a_bad_value_in_a_spec_is_refused_in_one_sentence(spec: RunSpec, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(spec, Surroundings())
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (
            RunSpec(InputSpec(camera="0", input="demo")),
            "two inputs were given (name one: --camera 0, --input FILE_OR_URL, or --input demo)",
        ),
        (
            RunSpec(InputSpec(camera="http://me:pw@cam/1.jpg")),
            "--camera is for cameras of this machine, and http://***@cam/1.jpg is an address (name it with --input)",
        ),
        (
            RunSpec(InputSpec(input="browser", switch_to=("demo",)), output=OutputSpec(webrtc=True)),
            "--switch-to does not go with a browser's camera (leave one of the two out)",
        ),
        (
            RunSpec(InputSpec(input="demo", switch_to=("browser",)), output=OutputSpec(webrtc=True)),
            "--switch-to does not go with a browser's camera (leave one of the two out)",
        ),
        (
            RunSpec(InputSpec(input="demo", switch_to=("a.mp4",))),
            "--switch-to is for viewers of the page (add --webrtc, or leave it out)",
        ),
        (
            RunSpec(FILM, web=WebSpec(open=True)),
            "--open is for the page, and there is none (add --webrtc, or leave it out)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(cluster_store="s3://films")),
            "--cluster-store is for --cluster, and there is none (add --cluster, or leave it out)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(segment=60.0)),
            "--segment is for a recording, and there is none (add --output NAME.mp4)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(output=Path("b.mp4"), keep=60.0)),
            "--keep deletes files that --segment made (add --segment, or leave it out)",
        ),
        (
            RunSpec(FILM, amount=AmountSpec(start=Fraction(9), end=Fraction(9))),
            "--end is not later than --start (both are times of the recording, as in 1:30 and 2:00)",
        ),
        (
            RunSpec(InputSpec(camera="0"), amount=AmountSpec(end=Fraction(9))),
            "--start and --end are for one recording (leave them out, or name it with --input)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(output=Path("b.webm")), encoding=EncodingSpec(codec="h265")),
            "WebM does not take H.265 (choose --codec vp9 or av1, or for h265 a name that ends in .mp4, .mkv or .mov)",
        ),
        (
            RunSpec(
                FILM, amount=AmountSpec(max_fps=Fraction(10)), promise=PromiseSpec(target_fps=Fraction(30))
            ),
            "--max-fps leaves out pictures that --target-fps promises (leave one of them out)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(virtual_device="/dev/video7")),
            "--virtual-device is for --virtual-camera, which is missing (add --virtual-camera)",
        ),
        (
            RunSpec(FILM, encoding=EncodingSpec(crf=20)),
            "--crf is for a movie, and there is none (add --output NAME.mp4, .mkv, .mov or .webm)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(report=Path("a\0.json"))),
            "the path of --report holds a character that no name may hold (check the path)",
        ),
        (
            RunSpec(FILM, output=OutputSpec(depth_output=Path("d" * 300))),
            f"the name {'d' * 300} of --depth-output is too long for this disk (choose a shorter one)",
        ),
    ],
)
def test_parts_that_do_not_go_together_are_refused_in_one_sentence(spec: RunSpec, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(spec, Surroundings())
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("rtsp://me:secret@host/live", "a media server gets it by --publish"),
        ("whip+https://secret@host/whip", "a media server gets it by --publish"),
        ("s3://secret/depth.mp4", "write a file here, then copy it there"),
        ("file:///secret/depth.mp4", "leave out file://"),
    ],
)
@pytest.mark.parametrize("option", ["output", "depth_output", "report"])
def test_an_address_is_no_place_for_a_file(option: str, address: str, cure: str) -> None:
    spec = RunSpec(FILM, output=OutputSpec(**{option: Path(address)}))
    with pytest.raises(UsageError) as caught:
        check(spec, Surroundings())
    scheme = address.partition("//")[0]
    assert f"takes a file or a folder, and what begins with {scheme}// is an address ({cure}" in str(
        caught.value
    )
    assert "secret" not in str(caught.value)


def test_a_folder_may_be_called_as_an_address_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scene:").mkdir()
    check(RunSpec(FILM, output=OutputSpec(output=Path("scene:/depth.mp4"))), Surroundings())


def test_what_goes_together_is_let_through(tmp_path: Path) -> None:
    out = OutputSpec(output=tmp_path / "b.mp4", segment=60.0, keep=600.0, report=tmp_path / "r.json")
    check(RunSpec(InputSpec(input=str(tmp_path / "a.mp4")), output=out), Surroundings())
    page = OutputSpec(webrtc=True)
    check(RunSpec(InputSpec(input="browser"), web=WebSpec(open=True)), Surroundings())
    check(RunSpec(InputSpec(camera="0", switch_to=("demo",)), output=page), Surroundings())


def test_a_report_for_a_folder_that_is_not_there_is_refused_before_the_work(tmp_path: Path) -> None:
    report = OutputSpec(report=tmp_path / "nowhere" / "r.json")
    with pytest.raises(SinkError, match=r"no folder .*nowhere.*create it first"):
        check(RunSpec(FILM, output=report), Surroundings())


def test_the_file_that_a_spec_was_read_from_is_not_written_over(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    spec = RunSpec(FILM, output=OutputSpec(report=config))
    check(spec, Surroundings())
    with pytest.raises(UsageError, match=r"--config and --report name the same place, .*run\.toml"):
        check(spec, Surroundings(config=config))


def test_every_place_that_a_run_reads_or_writes_is_known(tmp_path: Path) -> None:
    for name in ("net.xml", "net.bin", "a.png"):
        (tmp_path / name).touch()
    spec = RunSpec(
        InputSpec(input=str(tmp_path / "a.png"), switch_to=("demo", str(tmp_path / "b.mp4"))),
        output=OutputSpec(output=tmp_path / "c.mp4", depth_output=tmp_path / "d", report=tmp_path / "r.json"),
        network=NetworkSpec(model=str(tmp_path / "net.xml")),
        web=WebSpec(cert=tmp_path / "cert.pem", key=tmp_path / "key.pem"),
    )
    places = list(places_of(spec, Surroundings(config=tmp_path / "run.toml")))
    assert {(one.option, one.path.name) for one in places if not one.written} == {
        ("--input", "a.png"),
        ("--switch-to", "b.mp4"),
        ("--config", "run.toml"),
        ("--cert", "cert.pem"),
        ("--key", "key.pem"),
        ("--model", "net.xml"),
        ("--model", "net.bin"),
    }
    assert {(one.option, one.path.name) for one in places if one.written} == {
        ("--output", "c.mp4"),
        ("--output", "c.part.mp4"),
        ("--output", "c.part-2.mp4"),
        ("--output", "c.mp4.part.journal"),
        ("--output", "c.mp4.part.state"),
        ("--depth-output", "d"),
        ("--depth-output", "streamdepth.json"),
        ("--report", "r.json"),
    }
    (folder,) = [one for one in places if one.holds is not None]
    assert folder.holds is not None
    assert [folder.holds(name) for name in ("000001.png", "A.json", "b.png", "a.txt")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_report_that_would_replace_the_index_of_a_folder_of_depth_is_refused(tmp_path: Path) -> None:
    output = OutputSpec(depth_output=tmp_path, report=tmp_path / "streamdepth.json")
    with pytest.raises(UsageError, match=r"--report would write .*, which --depth-output writes"):
        check(RunSpec(FILM, output=output), Surroundings())
    check(RunSpec(FILM, output=replace(output, report=tmp_path / "report.json")), Surroundings())


def test_raw_depth_of_one_picture_has_its_facts_and_the_parts_of_both_beside_it() -> None:
    spec = RunSpec(InputSpec(input="demo"), output=OutputSpec(depth_output=Path("d.png")))
    written = {one.path.name for one in places_of(spec, Surroundings()) if one.written}
    assert written == {"d.png", "d.json", "d.part.png", "d.part.json"}


def test_moved_depth_is_for_live_pictures_and_not_for_files_of_depth() -> None:
    moved = RunSpec(FILM, picture=PictureSpec(interpolate=True))
    with pytest.raises(UsageError, match=r"in a file every frame .*\(leave it out, or add --live\)"):
        check_input(moved, VIDEO)
    check_input(moved, STREAM)
    check_input(RunSpec(FILM), VIDEO)
    raw = replace(moved, output=OutputSpec(depth_output=Path("d")))
    with pytest.raises(UsageError, match=r"--depth-output writes depth that was inferred \(leave one"):
        check_input(raw, STREAM)
    check_input(RunSpec(FILM, output=raw.output), STREAM)


@pytest.mark.parametrize(
    ("promise", "option"),
    [
        (PromiseSpec(target_latency=0.05), "--target-latency"),
        (PromiseSpec(target_fps=Fraction(30)), "--target-fps"),
    ],
)
def test_a_promise_is_for_live_pictures_that_a_network_looks_at(promise: PromiseSpec, option: str) -> None:
    spec = RunSpec(FILM, promise=promise)
    with pytest.raises(
        UsageError, match=rf"^{option} is for live pictures: .*\(leave it out, or add --live\)"
    ):
        check_input(spec, VIDEO)
    with pytest.raises(UsageError, match=rf"^{option} chooses a network, .*\(leave it out\)"):
        check_input(spec, replace(STREAM, depth={}))
    check_input(spec, STREAM)
    check_input(RunSpec(FILM), VIDEO)


def test_ice_servers_are_for_media_servers_too() -> None:
    web = WebSpec(ice_server=("stun:host",), port=9000)
    spec = RunSpec(FILM, output=OutputSpec(publish=("whip://host",)), web=web)
    assert list(unused_options(spec, VIDEO)) == [OptionUnused("--port", "--webrtc")]
    alone = list(unused_options(RunSpec(FILM, web=web), VIDEO))
    assert {unused.option for unused in alone} == {"--port", "--ice-server"}


@pytest.mark.parametrize("layout", ["stereo", "anaglyph", "focus"])
def test_a_legend_of_no_colours_is_refused_unless_the_layout_may_change(layout: str) -> None:
    picture, film = PictureSpec(layout, legend=True), OutputSpec(output=Path("b.mp4"))
    with pytest.raises(UsageError, match=rf"^--legend is for .*--layout {layout} .* \(leave it out\)"):
        check(RunSpec(FILM, output=film, picture=picture), Surroundings())
    check(RunSpec(FILM, output=replace(film, window=True), picture=picture), Surroundings())
    for fits in (replace(picture, legend=None), replace(picture, layout="rgbd")):
        check(RunSpec(FILM, output=film, picture=fits), Surroundings())
