"""The left pane: the list of conversations, search over everything, archive and bin."""
