"""What is told of an input once it is open."""

from __future__ import annotations

from streamdepth.frames import SourceInfo
from streamdepth.pixel_limit import available_memory
from streamdepth.reporting.events import InputOpened, Observe, PictureASecond
from streamdepth.run.checks import is_picture_a_second, unused_options
from streamdepth.run.inputs import much_memory
from streamdepth.run.spec import RunSpec


def tell_of_input(spec: RunSpec, info: SourceInfo, observe: Observe) -> None:
    """That it is open, what memory it takes if that is much, and which options change nothing for it."""
    observe(InputOpened(info))
    much = much_memory(info, available_memory(), to_film=spec.output.output is not None)
    if much is not None:
        observe(much)
    for unused in unused_options(spec, info):
        observe(unused)
    if is_picture_a_second(spec, info):
        observe(PictureASecond())
