"""Holds a payload against the description that is made of its type."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from app.api.openapi import describe_types


def check_payload(type_: Any, payload: object) -> None:
    """Raise ValidationError where the payload has too much, too little, or something else than its type says."""
    names, schemas = describe_types([type_])
    reference = {"$ref": f"#/components/schemas/{names[type_]}", "components": {"schemas": schemas}}
    Draft202012Validator(reference).validate(payload)
