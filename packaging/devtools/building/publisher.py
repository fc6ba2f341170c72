"""Who publishes the program, read from `packaging/publisher.toml`: all that is built takes it from there."""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from devtools.console import Refusal

FILE = Path("packaging") / "publisher.toml"
_FORMS = {
    "id": re.compile(r"[A-Za-z][\w-]*(\.[A-Za-z_][\w-]*){2,}"),
    "name": re.compile(r"[^<>\"\n]+"),
    "mail": re.compile(r"[^\s<>@]+@[^\s<>@]+"),
    "homepage": re.compile(r"(https://[^\s<>&\"]+)?"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """`id` is the program's, a domain backwards; `homepage` may be empty."""

    id: str
    name: str
    mail: str
    homepage: str

    @property
    def domain(self) -> str:
        """The publisher's part of the id."""
        return self.id.rpartition(".")[0]

    @property
    def signature(self) -> str:
        """As packages name their maker."""
        return f"{self.name} <{self.mail}>"


def read(top: Path) -> Publisher:
    """The publisher of a checkout. Refuses what no package could carry."""
    table = tomllib.loads((top / FILE).read_text(encoding="utf-8"))
    for field in fields(Publisher):
        if not _FORMS[field.name].fullmatch(str(table.get(field.name, "\n"))):
            raise Refusal(f"{FILE} has no {field.name} that packages could carry: {table.get(field.name)!r}.")
    return Publisher(**{field.name: table[field.name] for field in fields(Publisher)})


def filled(text: str, publisher: Publisher) -> str:
    """A recipe with the publisher's marks replaced."""
    marks = {
        "@ID@": publisher.id,
        "@PUBLISHER_DOMAIN@": publisher.domain,
        "@PUBLISHER@": publisher.name,
        "@PUBLISHER_MAIL@": publisher.mail,
    }
    for mark, words in marks.items():
        text = text.replace(mark, words)
    return text
