"""The window as a screen reader meets it: a small client of the accessibility bus (AT-SPI 2 over D-Bus).

Only what the tests ask: names, roles, states, texts, actions, selection, focus. Blocking; for the window of a
child process, never for our own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
PATIENCE_S = 30.0
STATES = {
    1: "active", 4: "checked", 7: "editable", 8: "enabled", 9: "expandable", 10: "expanded", 11: "focusable",
    12: "focused", 23: "selected", 24: "sensitive", 25: "showing", 30: "visible", 41: "checkable",
}  # fmt: skip


@dataclass(frozen=True)
class Accessible:
    """One thing on the screen."""

    desk: Desktop
    owner: str
    path: str

    @property
    def name(self) -> str:
        return str(self.desk.get(self, ACCESSIBLE, "Name"))

    @property
    def description(self) -> str:
        return str(self.desk.get(self, ACCESSIBLE, "Description"))

    @property
    def role(self) -> str:
        return str(self.desk.call(self, ACCESSIBLE, "GetRoleName")[0])

    @property
    def states(self) -> set[str]:
        words = self.desk.call(self, ACCESSIBLE, "GetState")[0]
        bits = words[0] | words[1] << 32
        return {name for bit, name in STATES.items() if bits >> bit & 1}

    @property
    def children(self) -> list[Accessible]:
        found = self.desk.call(self, ACCESSIBLE, "GetChildren")[0]
        return [Accessible(self.desk, owner, path) for owner, path in found if not path.endswith("/null")]

    @property
    def text(self) -> str:
        return str(self.desk.call(self, "org.a11y.atspi.Text", "GetText", "ii", (0, -1))[0])

    def type(self, text: str) -> None:
        """Put text in, as a reader's dictation does."""
        self.desk.call(self, "org.a11y.atspi.EditableText", "SetTextContents", "s", (text,))

    def focus(self) -> None:
        """Give it the focus."""
        self.desk.call(self, "org.a11y.atspi.Component", "GrabFocus")

    @property
    def actions(self) -> list[str]:
        """The names of what can be done with it."""
        return [str(each[0]) for each in self.desk.call(self, "org.a11y.atspi.Action", "GetActions")[0]]

    def do(self, action: str) -> None:
        """Do one of its actions."""
        self.desk.call(self, "org.a11y.atspi.Action", "DoAction", "i", (self.actions.index(action),))

    def select(self, index: int) -> None:
        """Select a child."""
        self.desk.call(self, "org.a11y.atspi.Selection", "SelectChild", "i", (index,))

    def select_row(self) -> None:
        """Make the row that this cell stands in the chosen one of its table."""
        row, _column = self.desk.get(self, "org.a11y.atspi.TableCell", "Position")
        owner, path = self.desk.get(self, "org.a11y.atspi.TableCell", "Table")
        self.desk.call(
            Accessible(self.desk, owner, path), "org.a11y.atspi.Table", "AddRowSelection", "i", (row,)
        )

    def walk(self, depth: int = 40) -> Iterator[Accessible]:
        """It and everything in it that is on the screen."""
        yield self
        for child in self.children if depth else ():
            try:
                is_seen = "showing" in child.states
            except GoneError:
                continue
            if is_seen:
                yield from child.walk(depth - 1)

    def find(self, name: str, role: str | None = None) -> Accessible | None:
        """The first thing of that name in it that is on the screen."""
        return next((each for each in self.walk() if each.name == name and role in (None, each.role)), None)

    def find_all(self, role: str) -> list[Accessible]:
        """All things of a role in it that are on the screen."""
        return [each for each in self.walk() if each.role == role]


class GoneError(Exception):
    """What was asked about is no longer there, or doesn't do what was asked of it."""


class Desktop:
    """A connection to the accessibility bus whose address is ``address``."""

    def __init__(self, address: str) -> None:
        session = open_dbus_connection(address)
        bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        reply = session.send_and_get_reply(new_method_call(bus, "GetAddress"), timeout=10)
        session.close()
        self._connection: DBusConnection = open_dbus_connection(reply.body[0])

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()

    def applications(self) -> list[Accessible]:
        """What has a window."""
        return Accessible(self, REGISTRY, ROOT).children

    def call(
        self, thing: Accessible, interface: str, method: str, signature: str | None = None, body: Any = ()
    ) -> Any:
        """Ask something; raises GoneError when it can't answer."""
        address = DBusAddress(thing.path, thing.owner, interface)
        message = new_method_call(address, method, signature, body)
        try:
            reply = self._connection.send_and_get_reply(message, timeout=10)
        except TimeoutError as error:
            raise GoneError(f"{interface}.{method} of {thing.path} takes too long") from error
        if reply.header.message_type == MessageType.error:
            raise GoneError(f"{interface}.{method} of {thing.path}: {reply.body}")
        return reply.body

    def get(self, thing: Accessible, interface: str, name: str) -> Any:
        """A property."""
        properties = "org.freedesktop.DBus.Properties"
        return self.call(thing, properties, "Get", "ss", (interface, name))[0][1]

    def wait_for(self, look: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Look again and again until something true comes back; fails after a long while."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            try:
                found = look()
            except GoneError:
                found = None
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"waited {patience_s:.0f} s in vain for {what}")
