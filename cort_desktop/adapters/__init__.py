"""The other outside parts behind domain protocols: the system's clock, token counting."""
