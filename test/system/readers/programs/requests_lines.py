"""Reads a session with requests, line by line."""

import json
import os
import sys

import requests

url, session = sys.argv[1:]
decode = os.environ.get("DECODE_UNICODE") == "true"
events = f"{url}/v1/sessions/{session}/events"
last = 0
ended = False
while not ended:
    try:
        headers = {"Last-Event-ID": str(last)}
        with requests.get(f"{events}/sse", headers=headers, stream=True, timeout=60) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=None, decode_unicode=decode):
                text = line if decode else line.decode()
                if not text.startswith("data: "):
                    continue
                event = json.loads(text.removeprefix("data: "))
                last = event["sequence"]
                print(text.removeprefix("data: "), flush=True)
                ended = event["type"] == "session.ended"
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError) as error:
        print(error, file=sys.stderr)
print(json.dumps(requests.get(events, timeout=60).json()))
