"""PLAYS a script through the real flow on a fast clock; no text leaves the machine."""
