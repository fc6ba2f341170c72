"""Answers as they are read: Markdown to blocks, blocks to widgets, streamed, and safe whatever was written.

From the text to the screen: ``blocks``, ``stream`` and ``assembly`` read, without Qt; ``flow`` places the
parts that ``builder`` makes (``prose``, ``code``, ``table``, ``grid``, ``formula``); ``view`` is what the
window uses. Nothing is ever fetched, and nothing is opened without a person's word (``links``,
``link_dialog``).
"""
