# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential types and credentials: their inputs, and what AWX refuses in inputs and injectors."""

from __future__ import annotations

from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from .errors import invalid

HIDDEN: Final = "$encrypted$"
_IDENTIFIER: Final = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"
_BLOCKED: Final = frozenset(
    [
        "VIRTUAL_ENV",
        "PATH",
        "PYTHONPATH",
        "JOB_ID",
        "INVENTORY_ID",
        "INVENTORY_SOURCE_ID",
        "INVENTORY_UPDATE_ID",
        "AD_HOC_COMMAND_ID",
        "REST_API_URL",
        "REST_API_TOKEN",
        "MAX_EVENT_RES",
        "CALLBACK_QUEUE",
        "CALLBACK_CONNECTION",
        "CACHE",
        "JOB_CALLBACK_DEBUG",
        "INVENTORY_HOSTVARS",
        "AWX_HOST",
        "PROJECT_REVISION",
        "SUPERVISOR_CONFIG_PATH",
    ]
)
_FLAG: Final = {"type": "boolean"}
_TEXT: Final = {"type": "string"}
_FIELD: Final = {
    "type": "object",
    "properties": {
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "minItems": 1, "items": _TEXT, "uniqueItems": True},
        "id": {**_TEXT, "pattern": _IDENTIFIER, "error": "{instance} is an invalid variable name"},
        **dict.fromkeys(("label", "help_text"), _TEXT),
        **dict.fromkeys(("multiline", "secret", "ask_at_runtime"), _FLAG),
        "default": {},
    },
    "additionalProperties": False,
    "required": ["id", "label"],
}
_INPUTS: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"required": {"type": "array", "items": _TEXT}, "fields": {"type": "array", "items": _FIELD}},
}


def _named(pattern: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {pattern: values}, "additionalProperties": False}


_VARIABLE: Final = {"anyOf": [_TEXT, {"type": "array"}, {"$ref": "#/properties/extra_vars"}]}
_INJECTORS: Final = {
    "type": "object",
    "properties": {
        "file": _named(r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$", _TEXT),
        "env": _named(_IDENTIFIER, {**_TEXT, "pattern": "^[\x00-\x7f]*$"}),
        "extra_vars": _named(r"^[a-zA-Z_\{\}]+[a-zA-Z0-9_\{\}]*$", _VARIABLE),
    },
    "additionalProperties": False,
}


def _message(error: ValidationError) -> str:
    """The error of a schema, as AWX words it."""
    if error.validator == "pattern" and "error" in error.schema:
        return str(error.schema["error"].format(instance=error.instance))
    got = type(error.instance).__name__
    if error.validator == "type":
        expected = "dict" if error.validator_value == "object" else error.validator_value
        if error.path:
            return f"{got} provided in relative path {list(error.path)}, expected {expected}"
        return f"{got} provided, expected {expected}"
    if error.validator == "additionalProperties":
        return f"Schema validation error in relative path {list(error.path)} ({error.message})"
    return str(error.message)


def _check_schema(name: str, schema: dict[str, Any], value: Any) -> None:
    errors = [_message(error) for error in Draft4Validator(schema).iter_errors(value)]
    if errors:
        raise invalid(**{name: errors})


def check_type_inputs(inputs: Any) -> None:
    """:raises Refused: AWX does not accept the ``inputs`` of a credential type."""
    if isinstance(inputs, dict) and "dependencies" in inputs:
        raise invalid(inputs="'dependencies' is not supported for custom credentials.")
    _check_schema("inputs", _INPUTS, inputs)
    seen: set[str] = set()
    for field in inputs.get("fields", []):
        name = field["id"]
        if name == "tower":
            raise invalid(inputs='"tower" is a reserved field name')
        if name in seen:
            raise invalid(inputs=f"field IDs must be unique ({name})")
        seen.add(name)
        field.setdefault("type", "string")
        if "default" in field and not isinstance(field["default"], str if field["type"] == "string" else bool):
            raise invalid(inputs=f"{field['default']} is not a {field['type']}")
        for key in ("choices", "multiline", "format", "secret"):
            if key in field and field["type"] != "string":
                raise invalid(inputs=f"{key} not allowed for {field['type']} type ({name})")
        if field.get("ask_at_runtime"):
            raise invalid(inputs="'ask_at_runtime' is not supported for custom credentials.")


class _Files:
    """``tower.filename`` while injectors are tried. Only existing files have a name."""

    def __str__(self) -> str:
        raise UndefinedError("Must define unnamed file injector in order to reference `tower.filename`.")


class _Tower:
    """The namespace ``tower`` while injectors are tried."""

    filename: str | _Files

    def __str__(self) -> str:
        raise UndefinedError("Cannot directly reference reserved `tower` namespace container.")


def check_injectors(injectors: Any, inputs: dict[str, Any]) -> None:
    """:raises Refused: AWX does not accept the injectors of a credential type with these inputs."""
    _check_schema("injectors", _INJECTORS, injectors)
    tower = _Tower()
    files = list(injectors.get("file", {}))
    if "template" in files:
        tower.filename = "EXAMPLE_FILENAME"
        if len(files) > 1:
            raise invalid(injectors="Must use multi-file syntax when injecting multiple files")
    else:
        tower.filename = _Files()
        for name in files:
            setattr(tower.filename, name.partition(".")[2], "EXAMPLE_FILENAME")
    namespace: dict[str, Any] = {field["id"]: "EXAMPLE" for field in inputs.get("fields", [])}
    namespace["tower"] = tower
    for kind, injector in injectors.items():
        for key, template in injector.items():
            if kind == "env":
                _check_variable(key)
            if kind == "extra_vars":
                _try(kind, "a key", key, namespace)
                _try_all(key, template, namespace)
            else:
                _try(kind, key, template, namespace)


def _check_variable(name: str) -> None:
    if name.startswith("ANSIBLE_"):
        raise invalid(
            injectors=f"Environment variable {name} may affect Ansible configuration so its use is not allowed in"
            " credentials."
        )
    if name in _BLOCKED:
        raise invalid(injectors=f"Environment variable {name} is not allowed to be used in credentials.")


def _try_all(key: str, node: Any, namespace: dict[str, Any]) -> None:
    if isinstance(node, dict):
        for name, value in node.items():
            _try("extra_vars", key, name, namespace)
            _try_all(f"{key}.{name}", value, namespace)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _try_all(f"{key}[{index}]", value, namespace)
    else:
        _try("extra_vars", key, node, namespace)


def _try(kind: str, key: str, template: str, namespace: dict[str, Any]) -> None:
    """Render a template as AWX does, to find references to undefined fields."""
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(namespace)
    except UndefinedError as error:
        raise invalid(injectors=f"{key} uses an undefined field ({error})") from None
    except SecurityError as error:
        raise invalid(injectors=f"Encountered unsafe code execution: {error}") from None
    except TemplateSyntaxError as error:
        raise invalid(injectors=f"Syntax error rendering template for {key} inside of {kind} ({error})") from None


_FORMATS: Final = FormatChecker(formats=())


def _is_vault_id(value: object) -> bool:
    return "@" not in str(value)


_FORMATS.checks("vault_id")(_is_vault_id)


def secret_fields(inputs: dict[str, Any]) -> list[str]:
    return [field["id"] for field in inputs.get("fields", []) if field.get("secret") is True]


def shown_inputs(values: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """The values of a credential, with its secrets hidden.

    :param inputs: the inputs of its type.
    """
    secrets = secret_fields(inputs)
    asked = [field["id"] for field in inputs.get("fields", []) if field.get("ask_at_runtime")]
    return {
        name: HIDDEN if name in secrets and not (name in asked and value == "ASK") else value
        for name, value in values.items()
    }


def kept_inputs(values: Any, inputs: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """The new values of a credential.

    :param inputs: the inputs of its type.
    :param before: the values until now; None for a new credential.
    :raises Refused: AWX does not accept the values.
    """
    if not isinstance(values, dict):
        raise invalid(inputs=f"{type(values).__name__} provided, expected dict")
    secrets = secret_fields(inputs)
    kept = {name: "" if value is None else value for name, value in values.items()}
    for name in secrets:
        if kept.get(name) != HIDDEN:
            continue
        if before is None:
            raise invalid(inputs=f"$encrypted$ is a reserved keyword, and cannot be used for {name}.")
        kept[name] = before.get(name, "")
    properties = {
        field["id"]: {**field, **({"enum": field["choices"]} if field.get("choices") else {})}
        for field in inputs.get("fields", [])
    }
    schema = {
        "type": "object",
        # Schema keywords that have another meaning in AWX's fields.
        "properties": {name: {k: v for k, v in one.items() if k != "required"} for name, one in properties.items()},
        "dependencies": inputs.get("dependencies", {}),
        "additionalProperties": False,
    }
    errors: dict[str, Any] = {}
    for error in Draft4Validator(schema, format_checker=_FORMATS).iter_errors(kept):
        if "id" not in error.schema:
            raise invalid(inputs=error.message)
        errors[error.schema["id"]] = [error.message]
    if errors:
        raise invalid(inputs=errors)
    return {name: value for name, value in kept.items() if value != "" or name not in secrets}
