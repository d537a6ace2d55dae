"""Reads a session with httpx, line by line."""

import json
import sys

import httpx

url, session = sys.argv[1:]
events = f"{url}/v1/sessions/{session}/events"
last = 0
ended = False
while not ended:
    try:
        headers = {"Last-Event-ID": str(last)}
        with httpx.stream("GET", f"{events}/sse", headers=headers, timeout=60) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if not line.startswith("data: "):
                    continue
                event = json.loads(line.removeprefix("data: "))
                last = event["sequence"]
                print(json.dumps(event), flush=True)
                ended = event["type"] == "session.ended"
    except httpx.TransportError as error:
        print(error, file=sys.stderr)
# A page is one line, whatever the texts in it hold.
with httpx.stream("GET", events) as answer:
    for line in answer.iter_lines():
        print(line)
