"""FACES machines and people: parse, check who calls, call flow, show."""
