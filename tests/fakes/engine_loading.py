"""Loads an engine as `streamdepth.engine` does, with the options as keywords."""

from streamdepth import engine

KNOWN_NETWORK = ("--model", "nano", "--engine", "onnxruntime", "--precision", "fp32")
"""For commands about something else: where no runtime is named, a first start measures which is the fastest."""


def load_engine(model="auto", progress=None, notify=None, **options):
    """The engine; `options` are fields of `EngineOptions`."""
    return engine.load_engine(engine.EngineOptions(str(model), **options), progress, notify)
