"""A program for tests: asks a server over TLS once, in whatever environment, and prints the answer."""

from __future__ import annotations

import ssl
import sys


async def main() -> str:
    """The answer and the authorization the server saw."""
    import trustme

    from cort_desktop.providers.tls import trusted_tls
    from tests.fakes.asking import Notices, remote, request
    from tests.fakes.replies import chat_reply
    from tests.fakes.scripted_server import ScriptedServer

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = trusted_tls()
    authority.configure_trust(trusted)
    async with ScriptedServer([chat_reply("safe")], tls=context) as server:
        async with remote(server.base_url, tls=trusted) as model:
            answer = await model.complete(request(), Notices())
        return f"{answer.text} {server.requests[0].headers['authorization']}"


if __name__ == "__main__":
    from tests.fakes.loops import run

    sys.stdout.write(run(main()) + "\n")
