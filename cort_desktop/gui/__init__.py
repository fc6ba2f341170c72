"""The window: the only place with PySide6 and qasync. It calls services and decides nothing."""
