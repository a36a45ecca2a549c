"""JSON by the line: one object for each line, as it is sent and as it is answered."""

import json

import schemathesis

LINES = "application/x-ndjson"


@schemathesis.serializer(LINES)
def write(_context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.deserializer(LINES)
def read(_context, response):
    """The document's schema is that of one line."""
    lines = response.content.splitlines()
    if not lines:
        raise NotImplementedError("nothing was asked, so no line answers")
    return json.loads(lines[0])
