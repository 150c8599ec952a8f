"""REMEMBERS. The only SQL. Functions take an open `db`; none commits."""
