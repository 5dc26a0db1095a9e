"""Each typed row is its table's: the same columns, in the same order, of the same types."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from dispatch.storage import rows, tables

ROWS = [
    (rows.TicketRow, tables.Ticket),
    (rows.CallRow, tables.Call),
    (rows.AssignmentRow, tables.Assignment),
    (rows.CallbackRow, tables.Callback),
    (rows.CallerNoteRow, tables.CallerNote),
    (rows.LocationLinkRow, tables.LocationLink),
    (rows.NumberFlagRow, tables.NumberFlag),
    (rows.LocationReportRow, tables.LocationReport),
    (rows.DeliveryRow, tables.Delivery),
    (rows.ContactRow, tables.Contact),
    (rows.ContactChannelRow, tables.ContactChannel),
    (rows.PushSubscriptionRow, tables.PushSubscription),
    (rows.DutyRow, tables.Duty),
    (rows.LadderRow, tables.Ladder),
    (rows.LadderStepRow, tables.LadderStep),
    (rows.NoticeRow, tables.Notice),
    (rows.InstructionRow, tables.Instruction),
    (rows.NoticeDeliveryRow, tables.NoticeDelivery),
    (rows.DeliveryAttemptRow, tables.DeliveryAttempt),
    (rows.InboundEventRow, tables.InboundEvent),
]


@pytest.mark.parametrize(("row", "table"), ROWS)
def test_a_row_has_its_tables_columns_and_their_types(row: type, table: type[tables.Base]) -> None:
    typed = get_type_hints(row)
    declared = get_type_hints(table)
    assert [field.name for field in fields(row)] == list(table.__table__.columns.keys())
    assert typed == {field.name: get_args(declared[field.name])[0] for field in fields(row)}
