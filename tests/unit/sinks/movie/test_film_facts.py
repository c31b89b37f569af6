"""What of a film is as true of its depth."""

from __future__ import annotations

from streamdepth.sinks.movie.film_facts import kept_facts, lost_facts

PLACES = frozenset({"date", "location", "title"})


def test_facts_of_phones_and_of_matroska_get_the_names_of_mp4() -> None:
    given = {
        "major_brand": "qt  ",
        "encoder": "Lavf",
        "com.apple.quicktime.creationdate": "2024-05-06T07:08:09+0200",
        "com.apple.quicktime.location.ISO6709": "+47.1+008.5/",
        "TITLE": "Holiday",
    }
    assert kept_facts(given, PLACES) == {
        "date": "2024-05-06T07:08:09+0200",
        "location": "+47.1+008.5/",
        "title": "Holiday",
    }


def test_names_of_quicktime_are_spelled_as_players_look_for_them() -> None:
    named = "com.apple.quicktime.location.ISO6709"
    assert kept_facts({named: "+47.1+008.5/"}, None) == {named: "+47.1+008.5/", "location": "+47.1+008.5/"}
    from_matroska = {"COM.APPLE.QUICKTIME.MAKE": "Apple", "TITLE": "Holiday"}
    assert kept_facts(from_matroska, None) == {"com.apple.quicktime.make": "Apple", "title": "Holiday"}


def test_what_describes_the_file_that_is_read_is_not_missed() -> None:
    given = {"major_brand": "isom", "software": "Lavf59", "encoder": "Lavf", "compilation": "1"}
    given |= {"company_name": "Camera", "material_package_umid": "0x060A"}  # of MXF
    assert lost_facts(given, PLACES) == ["compilation"]
