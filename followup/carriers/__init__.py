"""REACHES the phone network. One file per carrier; its words stay inside."""
