"""A small reader of Discord's API description: does a value have the shape it names?"""

from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Spec:
    """The description's schemas."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._schemas = description["components"]["schemas"]

    def wrong(self, name: str, value: object) -> list[str]:
        """List what is wrong with a value that should be of a named schema."""
        return self._check(self._schemas[name], value, name)

    def _check(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        if "$ref" in schema:
            return self._check(self._schemas[schema["$ref"].rpartition("/")[2]], value, at)
        for several in ("oneOf", "anyOf"):
            if several in schema and value is not None:
                tried = [self._check(one, value, at) for one in schema[several]]
                return [] if any(not one for one in tried) else max(tried, key=_depth)
        return self._check_type(schema, value, at) or [
            *self._check_fields(schema, value, at),
            *self._check_items(schema, value, at),
        ]

    def _check_type(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        named = schema.get("type", [])
        names = [named] if isinstance(named, str) else named
        allowed = tuple(kind for name in names for kind in TYPES[name])
        fine = not allowed or isinstance(value, allowed)
        return [] if fine else [f"{at}: {value!r} is not {names}"]

    def _check_fields(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        if not isinstance(value, dict):
            return []
        found = [f"{at}.{key} is missing" for key in schema.get("required", ()) if key not in value]
        for key, below in schema.get("properties", {}).items():
            if key in value:
                found += self._check(below, value[key], f"{at}.{key}")
        return found

    def _check_items(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        if not isinstance(value, list):
            return []
        items = schema.get("items", {})
        return [wrong for one in value for wrong in self._check(items, one, at + "[]")]


def _depth(found: list[str]) -> int:
    """Tell how far a candidate got before it was wrong: that one was meant."""
    return max(wrong.partition(" ")[0].count(".") for wrong in found)
