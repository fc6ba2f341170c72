"""The conversation in the centre of the window: the transcript, the composer, and what they are told.

What is said of a run in words is ``telling/``; how an answer's text is drawn is ``gui/markdown``.
"""
