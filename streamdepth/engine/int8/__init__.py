"""Networks in int8: quantised, searched for layers that cannot bear it, judged against float32, and kept."""
