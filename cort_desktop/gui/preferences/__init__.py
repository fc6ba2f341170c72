"""The settings window: a page for each kind of thing that can be set, written at once."""
