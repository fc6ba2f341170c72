"""Decides and performs a run. Knows only the domain: no HTTP, no database, no Qt."""
