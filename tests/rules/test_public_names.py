from __future__ import annotations

import streamdepth


def test_the_public_names_are_these():
    assert sorted(streamdepth.__all__) == [
        "DepthMap",
        "DepthMeaning",
        "Estimate",
        "Frame",
        "Limits",
        "Picture",
        "Pipeline",
        "Received",
        "Rendered",
        "Renderer",
        "SourceInfo",
        "StreamdepthError",
        "__version__",
        "load_engine",
        "open_depth",
        "open_sink",
        "open_source",
        "receive",
        "stream",
    ]


def test_every_public_name_can_be_had_and_has_a_docstring():
    for name in streamdepth.__all__:
        thing = getattr(streamdepth, name)
        assert name == "__version__" or thing.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error():
    assert not hasattr(streamdepth, "no_such_name")
