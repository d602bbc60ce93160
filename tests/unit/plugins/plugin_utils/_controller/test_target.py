# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes back from a visit, also where Ansible itself fails."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Failed,
    Failure,
    GetParameters,
    GivenParameters,
    Parameters,
    answer_to_json,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Lost
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.target import Target

from ...module_utils.keys import NOW
from ..scripts import PROVENANCE

REQUEST = GetParameters("alias/payments", None, "RSAES_OAEP_SHA_256", "RSA_4096")
ANSWER = GivenParameters(Parameters(b"key", b"token", NOW, "RSAES_OAEP_SHA_256", "RSA_4096"), NOW, PROVENANCE)


class Action:
    """An action plugin whose module ends like this."""

    class _connection:  # noqa: N801 - the name that Ansible gives it
        transport = "ssh"

    def __init__(self, result: dict[str, Any] | Exception) -> None:
        self.result = result
        self.arguments: dict[str, Any] = {}

    def _execute_module(self, **call: Any) -> dict[str, Any]:
        self.arguments = call["module_args"]
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def visit(result: dict[str, Any] | Exception, requests: int = 1) -> tuple[list[Any], Target]:
    action: Any = Action(result)
    target = Target(action, {}, {"profile": "payments"})
    answers = target.visit([REQUEST] * requests)
    assert action.arguments["profile"] == "payments"
    return answers, target


def test_an_answer_says_over_which_connection_it_came() -> None:
    (answer,), _target = visit({"answers": [answer_to_json(ANSWER)]})
    assert answer.parameters == ANSWER.parameters
    assert answer.provenance.connection == "ssh", "what the target says of it does not count"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (AnsibleConnectionFailure("No route."), {"unreachable": True, "msg": "No route."}),
        (AnsibleError("No interpreter."), {"failed": True, "msg": "No interpreter."}),
        (
            {"failed": True, "msg": "No boto3.", "rc": 1},
            {"failed": True, "msg": "No boto3.", "rc": 1},
        ),
        ({"changed": False}, {"changed": False, "msg": "The module ended without an answer."}),
        ({"answers": []}, {"msg": "The module ended without an answer."}),
        ({"answers": [{"import_token": "dG9rZW4="}]}, {"msg": "The module ended without an answer."}),
        (
            {"failed": True, "msg": "?", "module_stdout": "no sudo"},
            {"failed": True, "msg": "?", "module_stdout": "no sudo"},
        ),
        ({"failed": True, "msg": "?", "module_stdout": '{"import_token": "dG9'}, {"failed": True, "msg": "?"}),
    ],
)
def test_a_visit_that_dies_is_lost_for_every_request(
    result: dict[str, Any] | Exception, expected: dict[str, Any]
) -> None:
    answers, _target = visit(result, requests=2)
    assert answers == [Lost(Failure(expected["msg"]), expected)] * 2


@pytest.mark.parametrize("broken", [{"import_token": "dG9r********"}, {"import_token": None}, {}])
def test_an_answer_that_ansible_masked_is_said_in_words(broken: dict[str, Any]) -> None:
    entry = answer_to_json(ANSWER)
    entry["parameters"] = {**entry["parameters"], **broken} if broken else "********"
    (lost, fine), _target = visit({"answers": [entry, answer_to_json(Failed(Failure("Denied.")))]}, requests=2)
    assert isinstance(lost, Lost)
    assert "did not come whole" in lost.failure.sentence
    assert fine == Failed(Failure("Denied."))


def test_a_warning_of_every_visit_is_given_once() -> None:
    answers = [answer_to_json(ANSWER)]
    target = visit({"answers": answers, "warnings": ["Old boto3.", "Old boto3."]})[1]
    assert target.finish({"warnings": ["Slow."]}, {"changed": True, "warnings": ["Slow.", "New."]}) == {
        "changed": True,
        "warnings": ["Slow.", "Old boto3.", "New."],
    }
