"""The operation by which Asterisk's own record of its calls comes from the machine that it is written on."""

from __future__ import annotations

from dataclasses import replace

from app.api import requests, shapes
from app.api.operations import ApiRequest, Operations
from app.outside.record_keeping import reconcile
from app.services import services
from app.web.guard import OVERSIGHT
from dispatch.roles import TokenScope
from telephony.record.call_record import RecordReader

operations = Operations()


@operations.post(
    "/calls/record",
    tag="calls",
    roles=OVERSIGHT,
    scopes=frozenset({TokenScope.CALL_RECORD}),
    body=requests.RecordLines,
    answer=shapes.RecordTaken,
)
def take_record(request: ApiRequest) -> shapes.RecordTaken:
    """Take lines of Asterisk's own record (CEL); calls that are over in them and have no ticket get one.

    The lines of a call come together, from its beginning to its end; what is known already changes nothing.
    """
    reader, body = RecordReader(), request.body
    calls = [
        replace(call, system_name=body.system) if body.system and not call.system_name else call
        for call in reader.read(body.lines)
    ]
    totals = reconcile(services().centre, calls)
    return {
        "calls": totals.calls,
        "opened": totals.opened,
        "ended": totals.ended,
        "garbage": reader.garbage,
        "still_up": reader.still_up,
    }
