"""Answers as they are read: Markdown to blocks, blocks to widgets, streamed, and safe whatever was written.

From the text to the screen: ``blocks`` and ``stream`` read (pure), ``outline_of``… no Qt there; ``flow`` places
the parts, ``prose``, ``code``, ``table``, ``grid`` and ``formula`` show them, ``view`` is what the window uses.
Nothing is ever fetched, and nothing is opened without a person's word (``links``).
"""
