"""Reads a session with httpx-sse."""

import sys

import httpx
from httpx_sse import connect_sse

url, session = sys.argv[1:]
events = f"{url}/v1/sessions/{session}/events"
last = "0"
ended = False
with httpx.Client(timeout=60) as client:
    while not ended:
        try:
            headers = {"Last-Event-ID": last}
            with connect_sse(client, "GET", f"{events}/sse", headers=headers) as source:
                for sse in source.iter_sse():
                    event = sse.json()
                    last = sse.id
                    print(sse.data, flush=True)
                    ended = event["type"] == "session.ended"
        except httpx.TransportError as error:
            print(error, file=sys.stderr)
    print(client.get(events).text)
