"""Write what the scripts have from the server's code: `app/static/js/payloads.d.ts` and `app/static/js/core/rules.js`.

The first says what the server answers and is sent, as types for the scripts' JSDoc. They are made from the types that
the API's document is made from, and from those of the sockets' messages and of the pages' data blocks. The second has
the few rules that the scripts go by too. Run it after a change: ``python -m app.assets.payload_types``. A test says
when the files are behind.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from app.api.openapi import describe_types
from app.api.operations import Operation
from app.api.requests import Nothing
from app.api.routes import all_operations
from app.feed.shapes import Heartbeat, Resumed, SocketError, WallSnapshot
from app.pages.shapes import Card, Catalogue
from app.web.errors import Error
from dispatch.nuisance.rules import GATE_LIMIT_S
from dispatch.storage.journal_kinds import JournalKind
from dispatch.tickets.lifecycle import CALLING_OFF

SCRIPTS = Path(__file__).resolve().parents[1] / "static" / "js"
FILE = SCRIPTS / "payloads.d.ts"
RULES_FILE = SCRIPTS / "core" / "rules.js"
MADE = "made by `python -m app.assets.payload_types`, not to be edited.\n"
HEAD = f"// What the server answers and is sent: {MADE}"
RULES_HEAD = f"// Rules of the server that scripts go by too: {MADE}"
LINE_LENGTH = 120  # as the scripts' formatter has it

_PYTHON = {int: "number", float: "number", str: "string", bool: "boolean", NoneType: "null", list: "unknown[]"}
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def payload_types() -> str:
    """The text of the file: one declaration a type, by name."""
    operations = all_operations()
    answered = [Error, Heartbeat, Resumed, SocketError, *(operation.answer for operation in operations)]
    in_pages = [WallSnapshot, Catalogue, Card]
    _, schemas = describe_types(
        [*answered, *in_pages], [operation.body for operation in operations if operation.body is not None]
    )
    declared = {_name(name): schema for name, schema in schemas.items()}
    assert len(declared) == len(schemas)
    parts = [HEAD, *(_declaration(name, declared[name]) for name in sorted(declared)), _journal_data()]
    return "\n".join([*parts, *_doors(operations, set(declared))])


def _doors(operations: Iterable[Operation], declared: set[str]) -> Iterable[str]:
    """By address what GET answers, and what POST is sent and answers; `{name}` stands for a part that varies."""
    reads, writes = [], []
    for operation in operations:
        address = json.dumps("/api/v1" + re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", operation.path))
        answer = operation.answer.__name__
        if operation.method == "GET":
            reads.append(f"  {address}: {answer};\n")
        else:
            writes.append(f"  {address}: {{ sent: {_body_name(operation, declared)}; answered: {answer} }};\n")
    yield f"/** What GET answers, by address. */\nexport interface Reads {{\n{''.join(reads)}}}\n"
    yield f"/** What POST is sent and answers, by address. */\nexport interface Writes {{\n{''.join(writes)}}}\n"


def _body_name(operation: Operation, declared: set[str]) -> str:
    """A command without a body is sent nothing."""
    name = Nothing.__name__ if operation.body is None else operation.body.__name__
    return f"{name}Input" if f"{name}Input" in declared else name


def rules() -> str:
    """The text of the file of rules."""
    calling_off = ", ".join(json.dumps(disposition) for disposition in sorted(CALLING_OFF))
    return f"""{RULES_HEAD}
/** The dialplan's limit (SIAGA_GATE_FUSE_S), in seconds: later than this a caller is in the queue, told or not. */
export const GATE_LIMIT_S = {GATE_LIMIT_S};

/** With these a ticket can be closed whose agencies are still under way. */
export const CALLING_OFF = [{calling_off}];
"""


def _journal_data() -> str:
    """By kind what the data of a journal entry holds; a field may be missing where what it says did not happen."""
    kinds = []
    for kind in sorted(JournalKind):
        fields = "".join(f"    {name}?: {_python_type(type_)};\n" for name, type_ in kind.shape.items())
        kinds.append(f'  "{kind}": {{\n{fields}  }};\n' if fields else f'  "{kind}": Record<string, never>;\n')
    return (
        "/** What `data` of a journal entry holds, by its kind. A later release may know more kinds and fields. */\n"
        f"export interface JournalData {{\n{''.join(kinds)}}}\n"
    )


def _python_type(type_: Any) -> str:
    return " | ".join(_PYTHON[get_origin(part) or part] for part in get_args(type_) or (type_,))


def _name(name: str) -> str:
    """Where a type is sent and another of the same name is answered, the answered one has the name."""
    return name.removesuffix("-Output").replace("-Input", "Input")


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    comment = "".join(_comment(schema.get("description", "")))
    if schema.get("properties") == {}:
        return f"{comment}export type {name} = Record<string, never>;\n"
    if "properties" not in schema:
        return comment + _fitted(f"export type {name} =", _parts(schema), ";", "")
    required = schema.get("required", ())
    members = (
        _fitted(f"  {member}{'' if member in required else '?'}:", _parts(of), ";", "  ")
        for member, of in schema["properties"].items()
    )
    return f"{comment}export interface {name} {{\n{''.join(members)}}}\n"


def _comment(description: str) -> Iterable[str]:
    lines = description.splitlines()
    if len(lines) == 1:
        yield f"/** {lines[0]} */\n"
    elif lines:
        yield "/**\n"
        yield from (f" * {line}".rstrip() + "\n" for line in lines)
        yield " */\n"


def _fitted(before: str, parts: list[str], after: str, indent: str) -> str:
    """A union on one line, or one part a line where it is too long."""
    line = f"{before} {' | '.join(parts)}{after}"
    if len(line) <= LINE_LENGTH:
        return line + "\n"
    return before + "".join(f"\n{indent}  | {part}" for part in parts) + after + "\n"


def _parts(schema: Mapping[str, Any]) -> list[str]:
    """The members of a union that a schema stands for; one where it is none."""
    if "anyOf" in schema:
        return list(dict.fromkeys(part for one in schema["anyOf"] for part in _parts(one)))
    if "enum" in schema:
        return [json.dumps(value) for value in schema["enum"]]
    return [_single(schema)]


def _single(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"])
    kind = schema.get("type")
    if kind == "array" and "prefixItems" in schema:
        return "[" + ", ".join(" | ".join(_parts(item)) for item in schema["prefixItems"]) + "]"
    if kind == "array":
        parts = _parts(schema.get("items", {}))
        return f"{parts[0]}[]" if len(parts) == 1 else f"({' | '.join(parts)})[]"
    if kind == "object":
        values = schema.get("additionalProperties", {})
        return f"Record<string, {' | '.join(_parts(values)) if isinstance(values, dict) else 'unknown'}>"
    return _PLAIN[kind] if kind is not None else "unknown"


def main() -> int:
    """Write the files."""
    RULES_FILE.write_text(rules(), encoding="utf-8")
    FILE.write_text(payload_types(), encoding="utf-8")
    print(f"{FILE.name}: {FILE.read_text(encoding='utf-8').count('export ')} types")
    return 0


if __name__ == "__main__":
    sys.exit(main())
