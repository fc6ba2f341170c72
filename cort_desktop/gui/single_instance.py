"""One window for each data folder: a second start hands over what it was asked to open, and ends.

Who is first is decided by a lock file, which the system frees when its owner dies; the words go over a local
socket that only this user may use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCryptographicHash, QLockFile, QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

LOCK_NAME = "window.lock"
_ANSWER = b"ok\n"
_PATIENCE_MS = 5_000
_STEP_MS = 250
_LONGEST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a start was asked to open: a conversation by its name, files to be imported; nothing at all."""

    conversation: str | None = None
    files: tuple[Path, ...] = ()


class SingleInstance(QObject):
    """``asked`` has what a later start was asked to open, a Wanted."""

    asked = Signal(object)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sha256 = QCryptographicHash.hash(str(folder).encode(), QCryptographicHash.Algorithm.Sha256)
        self._name = "cort-desktop-" + bytes(sha256.toHex().data()).decode()[:20]
        self._lock = QLockFile(str(folder / LOCK_NAME))
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def take(self) -> bool:
        """Become the first window of this folder; False when there is one. A folder that takes no file
        doesn't hinder: then each start has a window of its own.
        """
        return self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def listen(self) -> None:
        """Hear what later starts ask for; they try for a while, so the window can be painted before."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)  # what a killed window left; we hold the lock
        server.newConnection.connect(self._connected)
        server.listen(self._name)
        self._server = server

    def hand_over(self, wanted: Wanted) -> bool:
        """Ask the first window to come to the front; whether it answered."""
        import json

        from PySide6.QtNetwork import QLocalSocket

        files = [str(file) for file in wanted.files]
        words = json.dumps({"open": wanted.conversation, "import": files}).encode() + b"\n"
        for _ in range(_PATIENCE_MS // _STEP_MS):
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            if socket.waitForConnected(_STEP_MS):
                socket.write(words)
                socket.flush()
                answered = socket.waitForReadyRead(_PATIENCE_MS) and bytes(socket.readAll().data()) == _ANSWER
                socket.disconnectFromServer()
                return answered
            if self._lock.tryLock(0):  # it has just gone
                self._lock.unlock()
                return False
            socket.abort()
            _wait(_STEP_MS)
        return False

    def close(self) -> None:
        """Let the next start be the first."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _connected(self) -> None:
        server = self._server
        while server is not None and (socket := server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._reader(socket))
            socket.disconnected.connect(socket.deleteLater)

    def _reader(self, socket: QLocalSocket) -> Callable[[], None]:
        def read() -> None:
            if not socket.canReadLine():
                if socket.bytesAvailable() > _LONGEST_BYTES:
                    socket.abort()
                return
            wanted = _wanted(bytes(socket.readLine(_LONGEST_BYTES).data()))
            socket.write(_ANSWER)
            socket.flush()
            self.asked.emit(wanted)

        return read


def _wanted(line: bytes) -> Wanted:
    """What is to be opened; words that can't be read only bring the window to the front."""
    import json

    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return Wanted()
    if not isinstance(said, dict):
        return Wanted()
    conversation, files = said.get("open"), said.get("import")
    return Wanted(
        conversation=conversation if isinstance(conversation, str) else None,
        files=tuple(Path(file) for file in files if isinstance(file, str)) if isinstance(files, list) else (),
    )


def _wait(milliseconds: int) -> None:
    import time

    time.sleep(milliseconds / 1000)
