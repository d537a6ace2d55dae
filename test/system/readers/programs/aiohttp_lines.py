"""Reads a session with aiohttp, line by line."""

import asyncio
import json
import sys

import aiohttp


async def main(url: str, session: str) -> None:
    events = f"{url}/v1/sessions/{session}/events"
    last = 0
    ended = False
    async with aiohttp.ClientSession(read_bufsize=2**27) as client:  # twice as much is a line
        while not ended:
            try:
                headers = {"Last-Event-ID": str(last)}
                async with client.get(f"{events}/sse", headers=headers) as answer:
                    answer.raise_for_status()
                    # `async for line in answer.content` calls `readline` too.
                    while line := await answer.content.readline():
                        if not line.startswith(b"data: ") or not line.endswith(b"\n"):
                            continue
                        event = json.loads(line.removeprefix(b"data: "))
                        last = event["sequence"]
                        print(json.dumps(event), flush=True)
                        ended = event["type"] == "session.ended"
            except aiohttp.ClientError as error:
                print(error, file=sys.stderr)
        async with client.get(events) as answer:
            print(json.dumps(await answer.json()))


asyncio.run(main(*sys.argv[1:]))
