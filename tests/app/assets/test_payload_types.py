"""The scripts' types of what the server answers: those of this moment, and true of what is optional or a union."""

from __future__ import annotations

import re

from app.api.routes import all_operations
from app.assets.payload_types import FILE, RULES_FILE, payload_types, rules


def test_the_file_of_types_is_the_one_that_the_server_s_types_make() -> None:
    assert FILE.read_text(encoding="utf-8") == payload_types(), "run: make payloads"


def test_the_file_of_rules_is_the_one_that_the_server_s_rules_make() -> None:
    assert RULES_FILE.read_text(encoding="utf-8") == rules(), "run: make payloads"


def test_every_answer_and_every_body_has_a_type_and_every_name_is_declared() -> None:
    text = payload_types()
    declared = set(re.findall(r"^export (?:interface|type) (\w+)", text, re.M))
    answers = {operation.answer.__name__ for operation in all_operations()}
    bodies = {operation.body.__name__ for operation in all_operations() if operation.body is not None}
    assert answers <= declared
    assert {name for name in bodies if f"{name}Input" not in declared} <= declared
    code = re.sub(r'/\*\*.*?\*/|//[^\n]*|"[^"\n]*"', "", text, flags=re.S)
    named = set(re.findall(r"[:|<,(=]\s*([A-Z]\w+)", code)) - {"Record"}
    assert named <= declared


def test_members_that_may_be_missing_unions_and_journal_data_are_written_as_such() -> None:
    text = payload_types()
    assert "  n?: number;\n" in text
    assert "export type Snapshot = CentreSnapshot | AgencySnapshot;\n" in text
    assert "  area: [number, number][];\n" in text
    assert '  "ticket.released": {\n    owner_id?: number | null;\n  };\n' in text
    assert '  "call.announced": Record<string, never>;\n' in text
    assert '  priority: "P1" | "P2" | "P3" | "P4" | null;\n' in text
