"""Use cases: the front ends' only door. No Qt, no terminal."""
