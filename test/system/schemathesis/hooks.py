"""What Schemathesis cannot know of this API."""

import os

import requests
import schemathesis

URL = os.environ["SANDBOX_AGENT_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['SANDBOX_AGENT_TOKEN']}"}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """OpenAPI 3.1 describes what each `data` holds, Schemathesis checks whole events."""
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                stream = answer.get("content", {}).get("text/event-stream")
                if stream is not None:
                    stream["itemSchema"] = {
                        "type": "object",
                        "required": ["id", "data"],
                        "properties": {
                            "id": {"type": "string", "pattern": "^[0-9]+$"},
                            "data": {
                                "type": "string",
                                "contentMediaType": "application/json",
                                "contentSchema": stream.pop("schema"),
                            },
                        },
                    }


def operation_id(case):
    return case.operation.definition.raw["operationId"]


def session_url(case):
    """The first three names of the path, as they are sent."""
    return URL + "/".join(case.formatted_path.split("/")[:4])


def renew(case):
    """Replaces the session of a request, if it exists."""
    if requests.delete(session_url(case), headers=HEADERS, timeout=30).status_code == 204:
        requests.post(session_url(case), json={"agent": "mock"}, headers=HEADERS, timeout=30)


@schemathesis.hook
def before_call(context, case, kwargs):
    match operation_id(case):
        case "get_events_sse":
            # The stream ends with the session.
            requests.post(f"{session_url(case)}/terminate", headers=HEADERS, timeout=30)
        case "post_message_stream":
            # The stream begins when the messages before it have had their turns.
            renew(case)


@schemathesis.hook
def after_call(context, case, response):
    """The requests that follow find a session that has not ended."""
    if operation_id(case) == "get_events_sse":
        renew(case)


@schemathesis.check
def no_internal_problem(context, response, case):
    if response.status_code >= 500:
        assert response.json()["type"] != "urn:sandbox-agent:error:internal", response.text
