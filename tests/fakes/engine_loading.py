"""Loads an engine as `streamdepth.engine` does, with the options as keywords."""

from streamdepth import engine


def load_engine(model="auto", progress=None, notify=None, **options):
    """The engine; `options` are fields of `EngineOptions`."""
    return engine.load_engine(engine.EngineOptions(str(model), **options), progress, notify)
