# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys: what AWX refuses in a specification, and in the answers to it."""

from __future__ import annotations

import json
from typing import Any, Final

from .errors import Refused

HIDDEN: Final = "$encrypted$"
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}
_TEXTS: Final = ("textarea", "text", "password")

Question = dict[str, Any]


def _refuse(text: str) -> Refused:
    return Refused(400, {"error": text})


def check_specification(spec: Any, old: dict[str, Any]) -> None:
    """:param old: what the template has had until now: a default ``$encrypted$`` stands for the one in there.

    :raises Refused: AWX would not take it.
    """
    for name, kind, label in (("name", str, "string"), ("description", str, "string"), ("spec", list, "list of items")):
        if name not in spec:
            raise _refuse(f"Field '{name}' is missing from survey spec.")
        if not isinstance(spec[name], kind):
            got = type(spec[name]).__name__
            raise _refuse(f"Expected {label} for field '{name}', received {got} type.")
    if not spec["spec"]:
        raise _refuse("'spec' doesn't contain any items.")
    seen: set[str] = set()
    before = {one["variable"]: one for one in old.get("spec", [])}
    for index, question in enumerate(spec["spec"]):
        _check_form(index, question)
        if question["variable"] in seen:
            raise _refuse(f"'variable' '{question['variable']}' duplicated in survey question {index}.")
        seen.add(question["variable"])
        _check_type(index, question)
        if question["type"] in ("multiselect", "multiplechoice"):
            _check_choices(index, question)
        _keep_password(index, question, before.get(question["variable"], {}))


def _check_form(index: int, question: Any) -> None:
    if not isinstance(question, dict):
        raise _refuse(f"Survey question {index} is not a json object.")
    for name in ("type", "question_name", "variable", "required"):
        if name not in question:
            raise _refuse(f"'{name}' missing from survey question {index}")
        kind, label = (bool, "boolean") if name == "required" else (str, "string")
        if not isinstance(question[name], kind):
            raise _refuse(f"'{name}' in survey question {index} expected to be {label}.")


def _check_type(index: int, question: Question) -> None:
    kind = question["type"]
    if kind not in _TYPES:
        allowed = ", ".join(_TYPES)
        raise _refuse(f"'{kind}' in survey question {index} is not one of '{allowed}' allowed question types.")
    default = question.get("default", "")
    if default != "" and not isinstance(default, _TYPES[kind]):
        label = kind if kind in ("integer", "float") else "string"
        raise _refuse(f"Default value {default} in survey question {index} expected to be {label}.")
    for limit in ("min", "max"):
        if question.get(limit) is not None and not isinstance(question[limit], int):
            raise _refuse(f"The {limit} limit in survey question {index} expected to be integer.")


def _check_choices(index: int, question: Question) -> None:
    if "choices" not in question:
        raise _refuse(f"Survey question {index} of type {question['type']} must specify choices.")
    for name in ("choices", "default"):
        if isinstance(question.get(name), str):
            question[name] = "\n".join(line for line in question[name].splitlines() if line.strip())
    if "default" not in question:
        return
    defaults = question["default"].splitlines()
    if question["type"] == "multiplechoice" and len(defaults) > 1:
        raise _refuse("Multiple Choice (Single Select) can only have one default value.")
    if any(one not in question["choices"] for one in defaults):
        raise _refuse("Default choice must be answered from the choices listed.")


def _keep_password(index: int, question: Question, before: Question) -> None:
    default = question.get("default")
    if not isinstance(default, str) or not default.startswith(HIDDEN):
        return
    if question["type"] != "password":
        raise _refuse(
            "$encrypted$ is a reserved keyword for password question defaults,"
            f" survey question {index} is type {question['type']}."
        )
    if "default" not in before:
        raise _refuse(f"$encrypted$ is a reserved keyword, may not be used for new default in position {index}.")
    question["default"] = before["default"]


def shown_specification(spec: dict[str, Any]) -> dict[str, Any]:
    """With the defaults of passwords hidden."""
    if not spec:
        return {}
    hidden = [
        {**one, "default": HIDDEN} if one["type"] == "password" and one.get("default") else one for one in spec["spec"]
    ]
    return {**spec, "spec": hidden}


def passwords(spec: dict[str, Any]) -> list[str]:
    return [one["variable"] for one in spec.get("spec", []) if one["type"] == "password"]


def without_passwords(fields: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The fields of an object that hold variables, with the passwords of a survey hidden."""
    hidden: dict[str, Any] = {}
    for field in ("extra_vars", "extra_data"):
        if field not in fields:
            continue
        values = json.loads(fields[field] or "{}") if isinstance(fields[field], str) else dict(fields[field])
        values |= {name: HIDDEN for name in names if name in values}
        hidden[field] = json.dumps(values) if isinstance(fields[field], str) else values
    return hidden


def answer_errors(question: Question, answers: dict[str, Any], *, needed: bool = True) -> list[str]:
    """What is wrong with the answer to a question.

    :param needed: whether a required answer may not be missing.
    """
    name, kind = question["variable"], question["type"]
    if kind == "password" and answers.get(name) == HIDDEN:
        missing = question.get("default") is None and question["required"] and needed
        return [f"'{name}' value missing"] if missing else []
    if name not in answers:
        return [f"'{name}' value missing"] if question["required"] and needed else []
    value = answers[name]
    if kind in _TEXTS:
        return _text_errors(question, value)
    if kind in ("integer", "float"):
        return _number_errors(question, value)
    choices = question["choices"]
    if isinstance(choices, str):
        choices = [line for line in choices.splitlines() if line.strip()]
    if kind == "multiselect" and not isinstance(value, list):
        return [f"'{name}' value is expected to be a list."]
    values = value if kind == "multiselect" else [value]
    return [f"Value {one} for '{name}' expected to be one of {choices}." for one in values if one not in choices]


def _limit(question: Question, name: str) -> int | None:
    value = question.get(name)
    return None if value in ("", None) else int(value)


def _text_errors(question: Question, value: Any) -> list[str]:
    name = question["variable"]
    if not isinstance(value, str):
        return [f"Value {value} for '{name}' expected to be a string."]
    least, most = _limit(question, "min"), _limit(question, "max")
    errors = []
    if least is not None and len(value) < least:
        errors.append(f"'{name}' value {value} is too small (length is {len(value)} must be at least {least}).")
    if most is not None and len(value) > most:
        errors.append(f"'{name}' value {value} is too large (must be no more than {most}).")
    return errors


def _number_errors(question: Question, value: Any) -> list[str]:
    name, integer = question["variable"], question["type"] == "integer"
    if isinstance(value, bool) or not isinstance(value, int if integer else (int, float)):
        return [f"Value {value} for '{name}' expected to be {'an integer' if integer else 'a numeric type'}."]
    least, most = _limit(question, "min"), _limit(question, "max")
    if least is not None and value < least:
        return [f"'{name}' value {value} is too small (must be at least {least})."]
    if most is not None and value > most:
        return [f"'{name}' value {value} is too large (must be no more than {most})."]
    return []


def defaults(spec: dict[str, Any]) -> dict[str, Any]:
    """The defaults that a launch takes: those that are an answer which the question itself would take."""
    taken: dict[str, Any] = {}
    for question in spec.get("spec", []):
        name, default = question["variable"], question.get("default")
        if default is not None and not answer_errors(question, {name: default}):
            taken[name] = default
    return taken
