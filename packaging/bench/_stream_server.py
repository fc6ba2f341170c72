"""A service that streams answers of so many tokens, as a process of its own: started and never imported.

`python _stream_server.py TOKENS SECONDS` prints its base address and serves until its input ends; SECONDS
pass between two tokens.
"""

import asyncio
import sys

from tests.fakes.replies import chat_reply
from tests.fakes.scripted_server import ScriptedServer


async def main(tokens: int, delay_s: float) -> None:
    answer = chat_reply(" ".join(f"w{number}" for number in range(tokens)), delay=delay_s, words_per_piece=1)
    async with ScriptedServer(lambda _: answer) as server:
        print(server.base_url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
