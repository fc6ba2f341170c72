"""CoRT Desktop: a model drafts, alternatives challenge, blind judges rank, the winner goes on."""

__version__ = "0.1.0"
