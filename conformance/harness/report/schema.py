"""Says what is wrong with a result by conformance/schema/result.schema.json, so that a report of a broken
file is one sentence. It knows the key words that schema uses and refuses any other; no format, no remote
reference. The tests compare it with a real validator.
"""

import functools
import json
import re

from harness import CONFORMANCE

FILE = CONFORMANCE / "schema" / "result.schema.json"
_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
_SILENT = {"$schema", "$comment", "$defs", "title", "description"}
_KNOWN = {"$ref", "type", "const", "enum", "pattern", "minLength", "minimum", "minItems", "required", "properties",
          "items", "additionalProperties"}


@functools.cache
def document():
    """The schema itself."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def _is(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _shown(value):
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "..."


def problem(value, schema=None, where="", root=None):
    """The first thing wrong, with its place (`cases[3].status: ...`); None when all is well."""
    root = root or document()
    schema = root if schema is None else schema
    if unknown := set(schema) - _KNOWN - _SILENT:
        raise ValueError(f"{FILE.name}: cannot check {', '.join(sorted(unknown))}")
    if "$ref" in schema:
        return problem(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], where, root)
    if wrong := _plain(value, schema):
        return f"{where or 'the file'}: {wrong}"
    return _parts(value, schema, where, root)


def _plain(value, schema):
    """What is wrong with the value itself."""
    if "type" in schema and not _is(value, schema["type"]):
        return f"expected {schema['type']}, found {_shown(value)}"
    for key, allowed in (("const", [schema.get("const")]), ("enum", schema.get("enum"))):
        # True is no 1 here, as in JSON.
        if key in schema and not any(value == a and isinstance(value, bool) == isinstance(a, bool) for a in allowed):
            return f"expected {' or '.join(map(_shown, allowed))}, found {_shown(value)}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"expected {schema['pattern']}, found {_shown(value)}"
        if len(value) < schema.get("minLength", 0):
            return "is empty"
    if _is(value, "number") and value < schema.get("minimum", value):
        return f"expected at least {schema['minimum']}, found {_shown(value)}"
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        return "is empty"
    return None


def _parts(value, schema, where, root):
    """What is wrong with the values inside."""
    if isinstance(value, dict):
        for key in schema.get("required", ()):
            if key not in value:
                return f"{where or 'the file'}: {key} is missing"
        for key, inner in value.items():
            part = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if part is not None and (found := problem(inner, part, f"{where}.{key}".lstrip("."), root)):
                return found
    if isinstance(value, list) and "items" in schema:
        for place, inner in enumerate(value):
            if found := problem(inner, schema["items"], f"{where}[{place}]", root):
                return found
    return None
