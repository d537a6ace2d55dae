"""Reads a session with httpx's asynchronous client, line by line."""

import asyncio
import json
import sys

import httpx


async def main(url: str, session: str) -> None:
    events = f"{url}/v1/sessions/{session}/events"
    last = 0
    ended = False
    async with httpx.AsyncClient(timeout=60) as client:
        while not ended:
            try:
                headers = {"Last-Event-ID": str(last)}
                async with client.stream("GET", f"{events}/sse", headers=headers) as answer:
                    answer.raise_for_status()
                    async for line in answer.aiter_lines():
                        if not line.startswith("data: "):
                            continue
                        event = json.loads(line.removeprefix("data: "))
                        last = event["sequence"]
                        print(json.dumps(event), flush=True)
                        ended = event["type"] == "session.ended"
            except httpx.TransportError as error:
                print(error, file=sys.stderr)
        print(json.dumps((await client.get(events)).json()))


asyncio.run(main(*sys.argv[1:]))
