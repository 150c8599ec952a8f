"""READS what record systems say, into the same event values. Pure."""
