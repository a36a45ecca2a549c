"""JSON by the line: one object for each line, as it is sent and as it is answered."""

import json

import schemathesis

LINES = "application/x-ndjson"
UNREAD = {"unreadable", "not_allowed"}


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


def is_refused(answer):
    """Whether a line was refused: a question is denied unread, a choice has the status of its own."""
    if "decision" in answer:
        return answer["decision"] == "deny" and answer["reason"] in UNREAD
    return answer["status"] >= 400


@schemathesis.check
def each_line_that_breaks_the_schema_is_refused(_context, response, case):
    """In bulk a line that can't be read harms no other: the whole is 200, the line is refused."""
    negative = case.meta is not None and case.meta.generation.mode.is_negative
    if not negative or response.status_code != 200 or not case.operation.path.endswith("/bulk"):
        return
    for line in response.content.splitlines():
        assert is_refused(json.loads(line)), "a line that breaks the schema was taken"
