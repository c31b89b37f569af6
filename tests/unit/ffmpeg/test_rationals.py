"""Units, rates and shapes as PyAV hands them out."""

from fractions import Fraction

from av.codec.context import CodecContext

from streamdepth.ffmpeg.rationals import fraction_of


def test_what_is_stated_is_exact_in_what_is_reckoned_with_it() -> None:
    context = CodecContext.create("libx264", "w")
    context.framerate, context.time_base = Fraction(30000, 1001), Fraction(1, 2**31 - 1)
    rate, unit = fraction_of(context.framerate), fraction_of(context.time_base)
    assert rate is not None
    assert unit is not None
    assert rate * unit == Fraction(30000, 1001 * (2**31 - 1))


def test_what_is_not_stated_is_nothing() -> None:
    context = CodecContext.create("libx264", "w")
    assert fraction_of(context.sample_aspect_ratio) is None
    assert fraction_of(None) is None
