"""Several cameras at the same time: a run for each, one network and one web service for all."""
