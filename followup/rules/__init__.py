"""DECIDES. Values in, values out: no I/O, no clock, no settings, no tables."""
