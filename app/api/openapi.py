"""The description of the API (OpenAPI 3.1), made from the registry of operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from app.api.operations import REQUEST_ID_HEADER, REQUEST_ID_LIMIT, Operation, is_public
from app.web.errors import Error

_REF = "#/components/schemas/{model}"
_PATH_PART = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")

_REFUSALS = {
    "400": "The request cannot be carried out as it is: something is missing, unknown or of the wrong form.",
    "401": "Nobody is signed in, or no longer.",
    "403": "The role does not allow it.",
    "404": "There is no such thing, or it is not for this agency.",
    "409": "The state does not allow it any more, or somebody else was first; `allowed` says what can be done now.",
    "413": "The body is too large.",
    "503": "The storage cannot be used; nothing was written. Try again with the same request id.",
}


def describe(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """Return the whole description as a plain dict."""
    listed = list(operations)
    schemas, names = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        path = _PATH_PART.sub(r"{\g<name>}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Siaga 112",
            "version": version,
            "description": "Calls, tickets and assignments of a city's 112 emergency call centre. Instants are "
            "ISO-8601 in UTC. A program signs in with a bearer token; pages use their session cookie and send "
            "X-CSRFToken with every command.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in listed)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "siaga_session"},
            },
        },
    }


class _Schemas(GenerateJsonSchema):
    """What we answer has exactly the members that its type names, each of them always unless it says otherwise."""

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        return {**super().typed_dict_schema(schema), "additionalProperties": False}

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return {**super().dataclass_schema(schema), "additionalProperties": False}

    def field_is_required(
        self, field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField, total: bool
    ) -> bool:
        answered = self.mode == "serialization" and field["type"] == "dataclass-field"  # a default is answered too
        return answered or super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def describe_types(
    answers: Iterable[Any], asked: Iterable[type[BaseModel]] = ()
) -> tuple[dict[Any, str], dict[str, Any]]:
    """The JSON schemas of what is answered and of what is asked: the name of each type, and the schemas by name.

    Every type must have a name of its own: a TypedDict, a dataclass, a model, or a named alias.
    """
    by_mode: dict[JsonSchemaMode, tuple[Any, ...]] = {
        "serialization": tuple(dict.fromkeys(answers)),
        "validation": tuple(dict.fromkeys(asked)),
    }
    # One tuple of all types: pydantic reads what they have in common once, not once for each.
    whole, definitions = TypeAdapter.json_schemas(
        [(mode, mode, TypeAdapter(tuple[types])) for mode, types in by_mode.items() if types],  # type: ignore[valid-type]
        schema_generator=_Schemas,
        ref_template=_REF,
    )
    names = {
        type_: schema["$ref"].rpartition("/")[2]
        for (_key, mode), described in whole.items()
        for type_, schema in zip(by_mode[mode], described["prefixItems"], strict=True)
    }
    return names, definitions["$defs"]


def _schemas(operations: list[Operation]) -> tuple[dict[str, Any], dict[Any, str]]:
    """All types' schemas, and where each type stands among them; a query's members are parameters."""
    bodies = [operation.body for operation in operations if operation.body is not None]
    names, schemas = describe_types([Error, *(operation.answer for operation in operations)], bodies)
    return schemas, names


def _describe(operation: Operation, names: dict[Any, str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {"200": _json("Done.", names[operation.answer]), **_refusals(operation, names)},
    }
    if is_public(operation):
        described["security"] = []
    else:
        described["description"] = "Roles: " + ", ".join(sorted(operation.roles)) + "."
        if operation.scopes:
            described["description"] += " Token scopes: " + ", ".join(sorted(operation.scopes)) + "."
    parameters = [*_path_parameters(operation.path), *_query_parameters(operation.query)]
    if operation.method == "POST":
        parameters.append(_request_id_parameter())
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        required = any(field.is_required() for field in operation.body.model_fields.values())
        content = {"application/json": {"schema": {"$ref": _REF.format(model=names[operation.body])}}}
        described["requestBody"] = {"required": required, "content": content}
    return described


def _refusals(operation: Operation, names: dict[Any, str]) -> dict[str, Any]:
    possible = {"400"} if operation.query is not None else set()
    if not is_public(operation):
        possible |= {"401", "403", "503"}
    if "<" in operation.path:
        possible.add("404")
    if operation.method == "POST":
        possible |= {"400", "409", "413"}
    return {status: _json(_REFUSALS[status], names[Error]) for status in sorted(possible)}


def _json(description: str, model: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0} if match["kind"] == "int" else {"type": "string"},
        }
        for match in _PATH_PART.finditer(path)
    ]


def _query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


def _request_id_parameter() -> dict[str, Any]:
    return {
        "name": REQUEST_ID_HEADER,
        "in": "header",
        "required": False,
        "description": "The same id for the same intention: a repeat changes nothing and gets the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": REQUEST_ID_LIMIT},
    }
