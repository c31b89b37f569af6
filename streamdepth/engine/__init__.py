"""Runs a network: picks it and the way to run it, and loads it into a runtime."""

from streamdepth.engine.engine import Engine
from streamdepth.engine.load import load_engine
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtime import Runtime

__all__ = ["Engine", "EngineOptions", "Runtime", "load_engine"]
