"""Which question a reply answers."""

from datetime import timedelta

ANSWER_WINDOW = timedelta(hours=48)
"""A reply later than this after the newest question answers none: a human looks at it."""
