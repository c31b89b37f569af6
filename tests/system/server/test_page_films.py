"""Films on the page of the depth service, in a real browser: sent, watched, cancelled, whatever the service does."""

from __future__ import annotations

import pytest
from depth_services import Network, running_depth, until
from pages import film, slow_upload
from pictures import written
from playwright.sync_api import expect
from ports import free_port

from streamdepth.http.tokens import Tokens
from streamdepth.rendering.colormaps import Colours
from streamdepth.server.settings import JobLimits, Limits


def test_a_film_goes_on_when_the_service_comes_back(new_page, tmp_path):
    slow = Network(pause=0.5)  # the film takes 15 s, and the service ends long before
    port = free_port()
    with running_depth(slow, jobs=tmp_path / "jobs", port=port) as service:
        page = new_page(service.url)
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
    expect(page.locator("#word")).to_contain_text("The service does not answer")
    with running_depth(jobs=tmp_path / "jobs", port=port):
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


COLOURS = """() => {
  const colours = document.getElementById("film_colours").getContext("2d");
  return [1, 254].map((x) => [...colours.getImageData(x, 0, 1, 1).data].slice(0, 3));
}"""
CONTROLS = 72
"""Pixels that a browser's controls take from the bottom of a film."""


def test_on_a_phone_the_controls_are_below_the_film_and_a_legend_explains_it(new_page, tmp_path):
    far, near = ([int(one) for one in Colours("viridis").table[x, 0, ::-1]] for x in (1, 254))
    with running_depth(jobs=tmp_path / "jobs") as service:
        page = new_page(service.url, {"width": 390, "height": 844})
        page.select_option("#colormap", "viridis", force=True)
        page.set_input_files("#file", film(tmp_path / "a.mp4", size=(640, 270)))
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")
        for _ in ("as it came", "after a reload"):
            expect(page.locator("#film_legend")).to_be_visible()
            assert page.evaluate(COLOURS) == [far, near]
            page.wait_for_function("document.getElementById('movie').videoWidth === 1280")
            box = page.locator("#movie").bounding_box()
            assert box["height"] - box["width"] * 270 / 1280 >= CONTROLS
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.reload()
            expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


SHORT = """((usual, [long, short]) => {
  AbortSignal.timeout = (ms) => usual.call(AbortSignal, ms === long ? short : ms);
})(AbortSignal.timeout, [%d, %d])"""
"""So many milliseconds for what may take as many more, and all else as it is."""


def test_a_film_that_takes_longer_than_one_answer_may_is_watched_on(new_page, tmp_path):
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        page.evaluate(SHORT % (3_600_000, 1000))
        with page.expect_request("**/events"):
            page.set_input_files("#file", film(tmp_path / "a.mp4"))
        with page.expect_request("**/events"):
            pass
        expect(page.locator("#word.wrong")).to_have_count(0)
        network.gate.set()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


def test_a_service_that_says_nothing_more_of_a_film_is_hung_up_on_and_asked_again(new_page, tmp_path):
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        page.evaluate(SHORT % (45_000, 500))
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
            page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word.wrong")).to_contain_text("The service does not answer")
        network.gate.set()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


def test_an_answer_about_a_film_that_does_not_begin_is_asked_for_again(new_page, tmp_path):
    with running_depth(jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        page.clock.install()
        asked = []
        page.route("**/events", lambda route: asked.append(route), times=1)  # without an answer
        with page.expect_request("**/events"):
            page.set_input_files("#file", film(tmp_path / "a.mp4"))
        page.clock.fast_forward(30_000)
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


def test_a_film_is_rendered_and_plays(new_page, tmp_path):
    network = Network()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        network.gate.clear()
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
        expect(page.locator("#progress")).to_be_visible()
        network.gate.set()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")
        movie = page.locator("#movie")
        expect(movie).to_be_visible()
        movie.evaluate("video => { video.muted = true; return video.play(); }")
        until(lambda: movie.evaluate("video => [video.videoWidth, video.videoHeight]") == [128, 48])
        assert page.get_by_text("Save the film").get_attribute("href").startswith("blob:")


def test_a_film_can_be_cancelled_and_one_that_is_none_is_told(new_page, tmp_path):
    network = Network()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        network.gate.clear()
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#film")).to_be_hidden()
        network.gate.set()
        page.set_input_files("#file", written(tmp_path / "b.mp4", b"#EXTM3U"))
        expect(page.locator("#word.wrong")).to_contain_text("not a supported film")
    with running_depth() as service:
        page = new_page(service.url)
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word.wrong")).to_contain_text("no films")


def sent(page, path, word="The film is being rendered"):
    """The path of a film that was given to the page, which says so much of it."""
    page.set_input_files("#file", path)
    expect(page.locator("#word")).to_contain_text(word)
    return "/" + page.evaluate("() => sessionStorage.getItem('streamdepth film of /')")


def test_a_film_that_is_cancelled_while_the_service_is_away_is_removed_when_it_is_back(new_page, tmp_path):
    jobs = tmp_path / "jobs"
    port = free_port()
    with running_depth(Network(pause=0.5), jobs=jobs, port=port) as service:
        page = new_page(service.url)
        address = sent(page, film(tmp_path / "a.mp4"))
    expect(page.locator("#word.wrong")).to_contain_text("The service does not answer")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#word.wrong")).to_contain_text("The film is cancelled when it does")
    with running_depth(Network(pause=0.5), jobs=jobs, port=port) as service:
        expect(page.locator("#word")).to_have_text("Cancelled.")
        expect(page.locator("#film")).to_be_hidden()
        until(lambda: service.ask(address).status == 404)


def large(path):
    """A film that takes long to send at a slow line."""
    with film(path).open("ab") as file:
        file.write(bytes(4_000_000))
    return path


def test_a_film_that_is_cancelled_on_its_way_is_sent_no_farther_and_leaves_nothing(new_page, tmp_path):
    network = Network()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        at_usual_speed = slow_upload(page, 100_000)
        address = sent(page, large(tmp_path / "a.mp4"), "The film is being sent")
        until(lambda: any((tmp_path / "jobs" / "jobs").iterdir()))
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#word")).to_have_text("Cancelled.")
        at_usual_speed()
        until(lambda: not any((tmp_path / "jobs" / "jobs").iterdir()))
        assert service.ask(address).status == 404
        assert network.seen == []


def test_a_film_is_sent_again_when_the_service_went_away_meanwhile(new_page, tmp_path):
    jobs = tmp_path / "jobs"
    port = free_port()
    with running_depth(jobs=jobs, limits=Limits(answer_seconds=0.5), port=port) as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        at_usual_speed = slow_upload(page, 100_000)
        sent(page, large(tmp_path / "a.mp4"), "The film is being sent")
        until(lambda: any((jobs / "jobs").iterdir()))
    at_usual_speed()
    expect(page.locator("#word.wrong")).to_contain_text("The service does not answer")
    with running_depth(jobs=jobs, port=port):
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


def test_a_page_that_is_loaded_anew_goes_on_with_its_film(new_page, tmp_path):
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        address = sent(page, film(tmp_path / "a.mp4"))
        page.reload()
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
        network.gate.set()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")
        page.reload()
        expect(page.locator("#movie")).to_be_visible()
        service.ask(address, method="DELETE")
        page.reload()
        expect(page.locator("#word.wrong")).to_contain_text("The film is not at the service")
        page.reload()
        expect(page.locator("#word")).to_have_text("")


def test_a_film_that_somebody_else_cancels_is_told(new_page, tmp_path):
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        address = sent(page, film(tmp_path / "a.mp4"))
        assert service.ask(address, method="DELETE").status == 204
        expect(page.locator("#word.wrong")).to_have_text("The film was cancelled.")
        expect(page.locator("#film")).to_be_hidden()


def test_a_film_goes_on_with_the_token_of_a_service_that_was_started_anew(new_page, tmp_path):
    jobs = tmp_path / "jobs"
    port, network = free_port(), Network(pause=0.5)
    with running_depth(network, jobs=jobs, port=port, tokens=Tokens.of("first-token")) as service:
        page = new_page(f"{service.url}/#token=first-token")
        sent(page, film(tmp_path / "a.mp4"))
    with running_depth(jobs=jobs, port=port, tokens=Tokens.of("second-token")):
        token = page.get_by_label("This service asks for a token")
        token.fill("second-token")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.")


@pytest.mark.parametrize("name", ["photos", "films.mp4"])
def test_a_folder_that_is_dropped_is_told(new_page, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    with running_depth(jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        devtools = page.context.new_cdp_session(page)
        dropped = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": dropped})
        expect(page.locator("#word.wrong")).to_contain_text("That cannot be read: it is a folder")


HURRIED = "((usual) => { window.setTimeout = (call, ms) => usual(call, Math.min(ms, 100)); })(setTimeout)"
"""No pause is longer than a tenth of a second."""


def test_a_page_that_still_sends_a_film_is_not_left_without_a_word(new_page, photo, tmp_path):
    with running_depth(jobs=tmp_path / "jobs", job_limits=JobLimits(waiting=0)) as service:
        page = new_page(service.url)
        page.evaluate(HURRIED)
        page.locator("h1").click()  # browsers ask for those alone who did something on the page
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("It is asked again in 60 s")
        with page.expect_event("dialog") as asked:
            page.close(run_before_unload=True)
        assert asked.value.type == "beforeunload"
        asked.value.dismiss()
        with page.expect_response(lambda response: response.request.method == "DELETE"):
            page.set_input_files("#file", photo)
        expect(page.locator("#word")).to_have_text("Done, by green.")
        more = []
        page.on("dialog", lambda dialog: (more.append(dialog.type), dialog.accept()))
        with page.expect_event("close"):
            page.close(run_before_unload=True)
        assert more == []
