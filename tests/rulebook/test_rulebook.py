# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook, as ansible-rulebook parses it. Its engine requires Java and does not run here.

The tests evaluate the parsed condition: a conjunction of paths and the text that each must have. They look up the
paths in AWS's example events, so that a misspelled path or name fails a test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible_rulebook.condition_parser import parse_condition
from ansible_rulebook.condition_types import Condition, Identifier, OperatorExpression, String
from ansible_rulebook.validators import Validate
from jsonschema import ValidationError

ROOT = Path(__file__).resolve().parents[2]
RULEBOOK = ROOT / "docs" / "awx" / "project" / "rulebooks" / "key_material_expiration.yml"
EVENTS = json.loads((Path(__file__).parent / "kms_events.json").read_text("utf-8"))["events"]
EXPIRATION = "KMS Imported Key Material Expiration"


def _rulebook() -> Any:
    return yaml.safe_load(RULEBOOK.read_text("utf-8"))


def _rule() -> dict[str, Any]:
    ((rule,),) = (ruleset["rules"] for ruleset in _rulebook())
    return dict(rule)


def _compared(node: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """The paths in an event, each with its required text. Only a conjunction of comparisons is supported."""
    while isinstance(node, (Condition, list)):
        (node,) = node if isinstance(node, list) else (node.value,)
    assert isinstance(node, OperatorExpression), f"this test does not support a part of the condition: {node}"
    if node.operator == "and":
        yield from _compared(node.left)
        yield from _compared(node.right)
    else:
        assert node.operator == "==", node
        assert isinstance(node.left, Identifier), node
        assert isinstance(node.right, String), node
        yield _keys(node.left.value), node.right.value


def _keys(path: str) -> tuple[str, ...]:
    """Return the keys of a path: ``event.body["detail-type"]`` is the key ``detail-type`` of ``body``."""
    root, *keys = (quoted or plain for quoted, plain in re.findall(r'\["([^"]+)"\]|([A-Za-z_]+)', path))
    assert root == "event", path
    return tuple(keys)


def _at(event: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        event = event[key]
    return event


def _from_queue(event: dict[str, Any]) -> dict[str, Any]:
    """The event as the source passes it to the rules: the message is the body."""
    return {"body": event, "meta": {"MessageId": "1"}}


def test_it_is_what_the_schema_allows() -> None:
    Validate.rulebook(_rulebook())
    wrong = _rulebook()
    del wrong[0]["rules"][0]["actions"][0]["run_job_template"]["organization"]
    with pytest.raises(ValidationError):
        Validate.rulebook(wrong)


def test_it_asks_for_the_event_of_an_expiration_and_no_other() -> None:
    compared = dict(_compared(parse_condition(_rule()["condition"])))
    assert compared == {("body", "source"): "aws.kms", ("body", "detail-type"): EXPIRATION}
    matching = [
        event["detail-type"]
        for event in EVENTS
        if all(_at(_from_queue(event), keys) == text for keys, text in compared.items())
    ]
    assert matching == [EXPIRATION]
    assert len(EVENTS) == 3


def test_events_are_grouped_by_what_they_have() -> None:
    (attribute,) = _rule()["throttle"]["group_by_attributes"]
    assert _at(_from_queue(EVENTS[1]), _keys(attribute)) == "aws.kms"


def test_eventbridge_is_given_the_same_pattern() -> None:
    (pattern,) = re.findall(r"^#   (\{.*\})$", RULEBOOK.read_text("utf-8"), re.MULTILINE)
    compared = dict(_compared(parse_condition(_rule()["condition"])))
    assert {("body", key): text for key, (text,) in json.loads(pattern).items()} == compared


def test_it_launches_the_job_template_that_is_named() -> None:
    (action,) = _rule()["actions"]
    launch = action["run_job_template"]
    assert launch["include_events"] is False
    assert "job_args" not in launch
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    by_default = [environment.from_string(launch[key]).render() for key in ("name", "organization")]
    assert by_default == ["cloudkeys: Renew", "Default"]
    given = {"renew_job_template": "byok: Renew", "renew_organization": "Security"}
    named = [environment.from_string(launch[key]).render(given) for key in ("name", "organization")]
    assert named == ["byok: Renew", "Security"]


def test_its_source_is_one_that_amazon_aws_has() -> None:
    ((source,),) = (ruleset["sources"] for ruleset in _rulebook())
    (name,) = set(source) - {"name"}
    folder = ROOT / ".collections" / "ansible_collections" / "amazon" / "aws" / "extensions" / "eda" / "plugins"
    plugin = (folder / "event_source" / f"{name.removeprefix('amazon.aws.')}.py").read_text("utf-8")
    (documentation,) = re.findall(r'^DOCUMENTATION = r"""(.*?)"""', plugin, re.MULTILINE | re.DOTALL)
    assert set(source[name]) <= set(yaml.safe_load(documentation)["options"])
