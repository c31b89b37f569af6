"""From a spec to what a run writes, shows and sends."""
